"""A user's own study is read, checked at its lines, and joined to the studies of a fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.calibration.own_study import load_own_study, with_own_study
from calor.calibration.studies import load_studies
from calor.calibration.targets import targets_of
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_text

EXAMPLE = Path(__file__).parents[2] / "examples" / "studies" / "own-study.yaml"


def own(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def test_the_example_becomes_a_target_that_names_its_file() -> None:
    joined = with_own_study(load_studies("product"), load_own_study(EXAMPLE))
    target = targets_of(joined)[-1]
    assert (target.id, target.study_id) == ("our-pilot-contrast", "our-pilot-2025")
    assert target.role == "calibration"
    assert target.drugs == ("prednisolone",)
    assert target.source == f"sha256:{sha256_of_text(EXAMPLE.read_text())}"
    assert {each.source for each in targets_of(joined)[:-1]} == {"calor"}
    assert targets_of(joined)[:-1] == targets_of(load_studies("product"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("drug: prednisolone,", "drug: prednisolon,", "no drug 'prednisolon'"),
        ("30 mg oral daily", "30 mg topical daily", "topical"),
        ("study: our-pilot-2025", "study: goebel-2017-lips", "held out of the validation"),
        ("study: our-pilot-2025", "study: manning-2014", "held out of the validation"),
        ("study: our-pilot-2025", "study: kalita-2006", "is fitted already"),
        ("id: our-pilot-contrast", "id: kalita-2006-contrast", "exists already"),
        ("id: our-pilot-contrast", "id: il6-median", "exists already"),
        ("grade: verified", "grade: recalled", "a recalled number never enters a fit"),
        ("value: -0.9", "value: .inf", "finite number"),
        ("value: -0.9", "value: much", "is 'much'"),
        ("standard_error: 0.5", "standard_error: -1", "greater than 0"),
        ("cohort: our clinic", "cohort: clinic", "names the cohort 'clinic'"),
        ("items:   ", "items: []\nother:", "needs at least one item"),
        ("days: [22, 28]", "days: [22, 40000]", "3653"),
        ("blinded: false", "blind: false", "did you mean blinded?"),
    ],
)
def test_a_wrong_file_is_refused_at_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = EXAMPLE.read_text()
    assert old in text
    changed = text.replace(old, new, 1)
    with pytest.raises(InputError) as refusal:
        load_own_study(own(changed, tmp_path))
    line = changed[: changed.index(new)].count("\n") + 1
    told = [str(problem) for problem in refusal.value.problems]
    assert any(words in each and f"mine.yaml, line {line}:" in each for each in told), told


def test_a_cohort_of_calor_may_be_used_but_not_redefined(tmp_path: Path) -> None:
    text = EXAMPLE.read_text().replace("our clinic", "long")
    with pytest.raises(InputError, match="defined otherwise"):
        load_own_study(own(text, tmp_path))
    same = text.replace("months: [6, 24], pain_at_least: 5", "months: [12, 120], pain_at_least: 4")
    assert load_own_study(own(same, tmp_path)).studies[0].cohort == "long"


def test_two_files_may_not_have_an_item_of_one_name() -> None:
    once = with_own_study(load_studies(), load_own_study(EXAMPLE))
    with pytest.raises(InputError, match="our-pilot-contrast"):
        with_own_study(once, load_own_study(EXAMPLE))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_own_study(tmp_path / "none.yaml")
