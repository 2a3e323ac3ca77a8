"""Targets come from graded sources, say where their error comes from, and never from a held-out trial."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import pytest

import calor.evidence.library as library
from calor.calibration import studies
from calor.calibration.studies import (
    CONTRASTS,
    HELD_OUT,
    ONLY_UNTREATED,
    check_studies,
    load_held_out,
    load_studies,
)
from calor.calibration.targets import load_targets
from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.core.provenance import Grade, sha256_of_data
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records
from calor.model.disease import load_disease
from calor.population.measurement import load_measurement
from calor.therapy.equations import equations_of
from calor.therapy.library import drug_ids, load_drug

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
    load_held_out.cache_clear()
    assert load_targets() == before


def test_changing_the_held_out_file_changes_nothing_of_the_validation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def seen() -> tuple[str, str, str]:
        load_studies.cache_clear()
        load_held_out.cache_clear()
        return (
            sha256_of_data([asdict(target) for target in load_targets("validation")]),
            load_studies("validation").model_dump_json(),
            sha256_of_data([asdict(target) for target in load_targets("product")]),
        )

    before = seen()
    for file in ("studies.yaml", "held_out.yaml"):
        (tmp_path / file).write_text((studies.DATA / file).read_text())
    changed = tmp_path / "held_out.yaml"
    changed.write_text(
        changed.read_text().replace("value: 0.0, standard_error: 0.59", "value: -5, standard_error: 0.1")
    )
    monkeypatch.setattr(studies, "DATA", tmp_path)
    after = seen()
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    changed.unlink()
    load_studies.cache_clear()
    load_held_out.cache_clear()
    assert sha256_of_data([asdict(target) for target in load_targets("validation")]) == before[0]
    with pytest.raises(InputError):
        load_targets("product")
    monkeypatch.undo()
    load_studies.cache_clear()
    load_held_out.cache_clear()


def test_no_held_out_trial_set_a_prior() -> None:
    """A prior that knew the result would let it into the validation by the back door."""
    drugs = [load_drug(name) for name in drug_ids()]
    rows = [*load_disease().parameters, *load_measurement()]
    rows += [row for drug in drugs for row in equations_of(drug).parameters]
    assert len(rows) > 200
    assert not [row.identifier for row in rows if row.source in HELD_OUT | ONLY_UNTREATED]


def test_the_product_adds_one_contrast_of_each_held_out_trial() -> None:
    validation, product = load_targets("validation"), load_targets("product")
    assert product[: len(validation)] == validation
    added = product[len(validation) :]
    assert {target.study_id for target in added} == HELD_OUT | {"manning-2014"}
    assert len(added) == 5
    assert all(target.drugs and target.kind in CONTRASTS for target in added)
    by_study = {target.study_id: target for target in added}
    known_by_direction = {"goebel-2017-lips", "kalita-20v40", "dirckx-2013"}
    assert {
        name for name, target in by_study.items() if target.likelihood == "nonsignificant"
    } == known_by_direction
    assert all(target.likelihood == "normal" for target in validation)


def test_the_error_of_a_trial_known_by_direction_is_that_of_its_size() -> None:
    errors = {target.study_id: target.standard_error for target in load_targets("product")}
    assert errors["goebel-2017-lips"] == pytest.approx(1.5 * math.sqrt(1 / 55 + 1 / 56), abs=0.01)
    assert errors["kalita-20v40"] == pytest.approx(2.0 * math.sqrt(2 / 25), abs=0.01)
    assert errors["dirckx-2013"] == pytest.approx(2.0 * math.sqrt(1 / 6 + 1 / 7), abs=0.01)


def test_every_target_is_from_a_known_source_and_not_recalled() -> None:
    known = {entry.id for entry in load_records()} | {entry.id for entry in load_findings()}
    for target in load_targets("product"):
        assert target.study_id in known
        assert target.grade is not Grade.RECALLED
        assert target.error_from
        assert target.says


def test_targets_have_different_ids_and_finite_errors() -> None:
    targets = load_targets("product")
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
        ("study: goebel-2010", "study: manning-2014", "only the placebo arm may be fitted"),
        ("bias_sd: 0.1", "bias: 0.1", "is not a known key"),
        ("value: -1.0", "value: .nan", "finite number"),
        ("value: -1.0", "likelihood: nonsignificant, value: -1.0", "a contrast with the value 0"),
        ("id: a,", "id: A_1,", "is 'A_1'"),
        ("months: [12, 60]", "months: [60, 12]", "months must run forwards"),
        ("pain_at_least: 4", "pain_at_least: 4, pain_at_most: 3", "must not be below"),
    ],
)
def test_a_wrong_study_is_refused(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as refusal:
        check_studies(parse_document(GOOD.replace(old, new), str(Path("studies.yaml"))))
    assert words in str(refusal.value)


def test_a_good_study_is_read() -> None:
    assert check_studies(parse_document(GOOD, "studies.yaml")).studies[0].items[0].value == -1.0
