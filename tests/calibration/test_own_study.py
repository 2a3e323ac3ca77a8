"""A user's own study is read, checked at its lines, and joined to the studies of a fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.calibration.own_study import load_own_study
from calor.calibration.studies import load_studies
from calor.calibration.targets import items_of, targets_of
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_text
from calor.study import Covariate

EXAMPLE = Path(__file__).parents[2] / "examples" / "studies" / "own-study.yaml"


def own(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def test_the_example_becomes_a_target_that_names_its_file() -> None:
    joined = load_studies("product").joined(load_own_study(EXAMPLE))
    target = targets_of(joined)[-1]
    assert (target.id, target.study_id, target.value) == ("our-pilot-contrast", "our-pilot-2025", -0.9)
    assert target.role == "calibration"
    assert target.drugs == ("prednisolone",)
    assert target.source == f"sha256:{sha256_of_text(EXAMPLE.read_text())}"
    assert {each.source for each in targets_of(joined)[:-1]} == {"calor"}
    assert targets_of(joined)[:-1] == targets_of(load_studies("product"))


def test_a_study_without_a_shared_cohort_enrols_its_own_population() -> None:
    found = load_own_study(EXAMPLE)
    population = found.cohorts["our-pilot-2025"]
    assert (population.duration_months.at_least, population.duration_months.at_most) == (6, 24)
    assert population.pain_nrs.at_least == 5


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("drug: prednisolone,", "drug: prednisolon,", "no drug 'prednisolon'"),
        ("30 mg oral daily", "30 mg topical daily", "topical"),
        ("id: our-pilot-2025", "id: goebel-2017-lips", "held out of the validation"),
        ("id: our-pilot-2025", "id: manning-2014", "held out of the validation"),
        ("id: our-pilot-2025", "id: kalita-2006", "is fitted already"),
        ("id: our-pilot-contrast", "id: kalita-2006-contrast", "exists already"),
        ("id: our-pilot-contrast", "id: lips-contrast", "exists already"),
        ("id: our-pilot-contrast", "id: il6-median", "exists already"),
        ("grade: verified", "grade: recalled", "a recalled number never enters a fit"),
        ("printed: -0.9", "printed: .inf", "finite number"),
        ("printed: -0.9", "printed: much", "is 'much'"),
        ("printed: -0.9, grade: verified, from: table 2", 'at: "outcomes[pain]"', "names none"),
        ("printed: -0.9, grade: verified", "printed: -0.9", "needs its grade"),
        ("published: {", "published: {derived: 1, ", "exactly one"),
        ("standard_error: 0.5", "standard_error: -1", "greater than 0"),
        ("      control: usual care", "      control: care", "names 'care', which is not an arm"),
        ("days: [22, 28]", "days: [22, 40000]", "3653"),
        ("days: [22, 28]", "days: [28, 22]", "must not run backwards"),
        ("      control: usual care\n", "", "a contrast needs a control"),
        ("placebo_response: false", "placebo_respons: false", "did you mean placebo_response?"),
        ("at_least: 6, at_most: 24", "at_least: 24, at_most: 6", "must exceed at_least"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = EXAMPLE.read_text()
    assert old in text
    changed = text.replace(old, new, 1)
    with pytest.raises(InputError) as refusal:
        load_own_study(own(changed, tmp_path))
    told = [str(problem) for problem in refusal.value.problems]
    assert any(words in each and "mine.yaml, line" in each for each in told), told


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("  cohort: short\n", "names the cohort 'short'"),
        ("  cohort: long\n", "enrolled others than its cohort"),
        ("  people: 24\n", "people needs its reason"),
    ],
)
def test_a_deviation_needs_a_cohort_that_exists_and_a_reason(tmp_path: Path, added: str, words: str) -> None:
    text = EXAMPLE.read_text().replace("  targets:", f"{added}  targets:", 1)
    with pytest.raises(InputError, match=words):
        load_own_study(own(text, tmp_path))


def test_a_cohort_of_calors_may_be_shared_with_a_reason(tmp_path: Path) -> None:
    shared = "  cohort: long\n  because: {cohort: for cost}\n  targets:"
    text = EXAMPLE.read_text().replace("  targets:", shared, 1)
    found = load_own_study(own(text, tmp_path))
    assert found.studies[0].cohort == "long"
    assert found.cohorts["long"] == load_studies().cohorts["long"]


def test_what_limits_entry_is_known_to_its_targets(tmp_path: Path) -> None:
    limited = "pain_nrs: {at_least: 5}\n  blister_tnf: {at_least: 30}"
    text = EXAMPLE.read_text().replace("pain_nrs: {at_least: 5}", limited)
    (target,) = items_of(load_own_study(own(text, tmp_path)))
    assert target.limited == (Covariate.BLISTER_TNF,)


def test_a_study_without_targets_has_nothing_to_fit(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    with pytest.raises(InputError, match="nothing to fit"):
        load_own_study(own(text[: text.index("fitted:")], tmp_path))


def test_two_files_may_not_have_a_target_of_one_name() -> None:
    once = load_studies().joined(load_own_study(EXAMPLE))
    with pytest.raises(InputError, match="our-pilot-contrast"):
        once.joined(load_own_study(EXAMPLE))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_own_study(tmp_path / "none.yaml")
