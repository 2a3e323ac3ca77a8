"""Targets come from graded sources, say where their error comes from, and never from a held-out trial."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import calor.evidence.library as library
from calor.calibration.studies import HELD_OUT, check_studies, load_studies
from calor.calibration.targets import load_targets
from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records

GOOD = """\
cohorts:
  long: {months: [12, 60], pain_at_least: 4}
studies:
  - study: goebel-2010
    cohort: long
    arms:
      ivig: [{drug: ivig, regimen: 0.5 g/kg iv at day 1}]
      saline: []
    items:
      - {id: a, statistic: contrast_mean, arm: ivig, control: saline, days: [6, 19], blinded: true,
         value: -1.0, standard_error: 0.5, bias_sd: 0.1, grade: verified, from: primary, error_from: printed,
         says: pain}
"""


def test_no_held_out_study_is_a_target() -> None:
    assert not HELD_OUT & {target.study_id for target in load_targets()}
    of_manning = [target for target in load_targets() if target.study_id == "manning-2014"]
    assert [target.id for target in of_manning] == ["manning-placebo-responders"]


def test_changing_the_results_of_trials_changes_no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_targets()
    monkeypatch.setattr(library, "load_records", lambda: pytest.fail("a target was read from a record"))
    monkeypatch.setattr(library, "record", lambda _: pytest.fail("a target was read from a record"))
    load_studies.cache_clear()
    assert load_targets() == before


def test_every_target_is_from_a_known_source_and_not_recalled() -> None:
    known = {entry.id for entry in load_records()} | {entry.id for entry in load_findings()}
    for target in load_targets():
        assert target.study_id in known
        assert target.grade is not Grade.RECALLED
        assert target.error_from
        assert target.says


def test_targets_have_different_ids_and_finite_errors() -> None:
    targets = load_targets()
    assert len({target.id for target in targets}) == len(targets)
    assert all(math.isfinite(target.observed) and 0 < target.variance < math.inf for target in targets)


def test_a_log_scale_target_is_compared_as_a_logarithm() -> None:
    target = next(target for target in load_targets() if target.id == "il6-median")
    assert target.observed == pytest.approx(math.log(53.5))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("control: saline, ", "", "a contrast needs a control"),
        ("statistic: contrast_mean", "statistic: change_mean", "a contrast needs a control"),
        (
            "statistic: contrast_mean, arm: ivig, control: saline",
            "statistic: share_above, arm: ivig",
            "needs a variable",
        ),
        ("arm: ivig,", "arm: ivg,", "names an arm that goebel-2010 does not have"),
        ("cohort: long\n    arms", "cohort: short\n    arms", "names the cohort 'short'"),
        ("grade: verified", "grade: recalled", "a recalled number never enters a fit"),
        ("days: [6, 19]", "days: [19, 6]", "days must not run backwards"),
        ("standard_error: 0.5", "standard_error: 0", "greater than 0"),
        ("study: goebel-2010", "study: goebel-2017-lips", "held out of the fit"),
        ("study: goebel-2010", "study: dirckx-2013", "held out of the fit"),
        ("bias_sd: 0.1", "bias: 0.1", "is not a known key"),
    ],
)
def test_a_wrong_study_is_refused(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as refusal:
        check_studies(parse_document(GOOD.replace(old, new), str(Path("studies.yaml"))))
    assert words in str(refusal.value)


def test_a_good_study_is_read() -> None:
    assert check_studies(parse_document(GOOD, "studies.yaml")).studies[0].items[0].value == -1.0
