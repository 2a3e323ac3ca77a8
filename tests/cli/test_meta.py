"""`calor meta` as people and scripts use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Calor

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "metafor.json").read_text())["sets"]
SMALL = """study,yi,vi,months,route
Adams 2001,-0.5,0.04,3,oral
Brown 2004,0.1,0.09,12,iv
Clark,-0.2,0.01,24,oral
"""
BY_MONTHS = ["--moderator", "months"]
PRIORS = ["--tau-scale", "1", "--prior-sd", "1"]


@pytest.fixture
def small(tmp_path: Path) -> str:
    (tmp_path / "small.csv").write_text(SMALL)
    return "small.csv"


def write_set(name: str, path: Path) -> list[str]:
    """Write an oracle's effects as a table; return the names of its moderators."""
    data = ORACLE[name]
    columns = {
        "study": range(1, len(data["yi"]) + 1),
        "yi": data["yi"],
        "vi": data["vi"],
        **data["moderators"],
    }
    rows = [",".join(columns), *(",".join(map(repr, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(rows) + "\n")
    return list(data["moderators"])


@pytest.mark.parametrize("name", ORACLE)
@pytest.mark.parametrize(
    "index", [4, 5, 6, 7, 12, 13, 14, 15]
)  # DL and REML, plain and with moderators, z and t
def test_document_equals_metafor(calor: Calor, tmp_path: Path, name: str, index: int) -> None:
    theirs: dict[str, Any] = ORACLE[name]["analyses"][index]
    options = ["--method", theirs["method"], *(["--knapp-hartung"] if theirs["knapp_hartung"] else [])]
    moderators = write_set(name, tmp_path / "effects.csv")
    if theirs.get("moderated"):
        options += [part for moderator in moderators for part in ("--moderator", moderator)]
    found = calor("meta", "effects.csv", *options, "--json").document
    for key in ("tau2", "i2", "h2", "q", "q_p"):
        assert found[key] == pytest.approx(theirs[key], rel=1e-7, abs=1e-7), key
    assert found["prediction_interval95"] == pytest.approx(theirs["prediction"], rel=1e-7, abs=1e-7)
    assert found["ci95"] == pytest.approx([theirs["ci_lower"][0], theirs["ci_upper"][0]], rel=1e-7, abs=1e-7)
    coefficients = [[one["estimate"], one["se"], one["p"]] for one in found["coefficients"]]
    expected = np.transpose([theirs["estimate"], theirs["se"], theirs["p"]])
    np.testing.assert_allclose(coefficients, expected, rtol=1e-7, atol=1e-7)
    assert [found["estimate"], found["se"]] == coefficients[0][:2]


def test_document_has_the_promised_keys_and_the_studies(calor: Calor, small: str) -> None:
    outcome = calor("meta", small, "--json", "--seed", "7")
    assert outcome.code == 0
    assert outcome.err == ""
    promised = "estimate se ci95 tau2 i2 h2 q q_p prediction_interval95 coefficients studies method"
    assert set(promised.split()) <= set(outcome.document)
    assert outcome.document["method"] == "REML"
    assert outcome.document["estimate_is"] == "pooled effect"
    assert [study["study"] for study in outcome.document["studies"]] == ["Adams 2001", "Brown 2004", "Clark"]
    assert sum(study["weight"] for study in outcome.document["studies"]) == pytest.approx(1.0)


def test_a_common_effect_has_no_prediction_interval(calor: Calor, small: str) -> None:
    found = calor("meta", small, "--method", "fe", "--json").document
    assert found["method"] == "FE"
    assert (found["tau2"], found["prediction_interval95"], found["tau2_ci95"]) == (0.0, None, None)


def test_with_moderators_the_estimate_is_the_intercept(calor: Calor, small: str) -> None:
    found = calor("meta", small, "--moderator", "route", "--json").document
    assert found["estimate_is"].startswith("intercept")
    assert [one["name"] for one in found["coefficients"]] == ["intercept", "route=oral"]
    assert found["estimate"] == pytest.approx(0.1)  # the only study by the reference route
    assert found["moderator_test"]["df"] == 1


def test_everything_more_that_can_be_asked_for(calor: Calor, small: str) -> None:
    more = ["--leave-one-out", "--cumulative", "--small-study", "--tau-scale", "0.5", "--prior-sd", "2"]
    found = calor("meta", small, *more, "--json").document
    assert [step["study"] for step in found["leave_one_out"]] == ["Adams 2001", "Brown 2004", "Clark"]
    assert [step["k"] for step in found["cumulative"]] == [2, 3]
    assert set(found["small_study"]) == {"egger", "rank", "trim_and_fill"}
    assert found["bayesian"]["tau_scale"] == 0.5
    text = calor("meta", small, *more)
    assert text.code == 0
    for words in ("without", "up to", "Egger's test", "fewer than ten studies", "half-normal(0.5)"):
        assert words in text.out
    assert max(map(len, text.out.splitlines())) <= 80


@pytest.mark.parametrize("options", [[], ["--knapp-hartung"], ["--method", "FE"], ["--moderator", "months"]])
def test_the_table_fits_a_terminal_whatever_the_numbers(
    calor: Calor, tmp_path: Path, options: list[str]
) -> None:
    rows = ["study,yi,vi,months"]
    for number in range(12):
        size = 10.0 ** (4 * number - 24)
        rows.append(f"[bold] study with a name as long as a title {number},{-1.23456789 * size},1e6,{size}")
    (tmp_path / "wide.csv").write_text("\n".join(rows) + "\n")
    outcome = calor("meta", "wide.csv", *options)
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert "[bold]" in outcome.out


def test_the_table_says_what_was_done(calor: Calor, small: str) -> None:
    text = calor("meta", small, "--knapp-hartung").out
    assert text.startswith("Random effects (REML), Knapp-Hartung: 3 effects of small.csv")
    for words in ("Adams 2001", "pooled effect", "95% prediction interval", "tau2", "I2", "Q "):
        assert words in text


def test_a_study_with_several_effects_is_pointed_out_on_stderr(calor: Calor, tmp_path: Path) -> None:
    (tmp_path / "twice.csv").write_text("study,yi,vi\nA,1,0.1\nA,2,0.1\n")
    outcome = calor("meta", "twice.csv")
    assert outcome.code == 0
    assert outcome.err.startswith("warning: A stands on lines 2, 3")
    assert calor("meta", "twice.csv", "--json").document["warnings"][0].startswith("A stands on lines")


@pytest.mark.parametrize(
    ("text", "options", "code", "words"),
    [
        (None, [], 2, "no.csv: no such file"),
        ("study,yi,vi\nA,1,-1\nB,2,1\n", [], 2, "no.csv, line 2: vi: is '-1'"),
        ("study,yi,vi\nA,1,1\nB,2,1e12\n", [], 2, "no.csv: vi: the largest variance"),
        ("study,yi,vi,x\nA,1,1,1\nB,2,1,2\n", ["--moderator", "x"], 2, "2 studies for 2 coefficients"),
        ("study,yi,vi,x,z\nA,1,1,1,2\nB,2,1,2,4\nC,1,1,3,6\n", ["--moderator", "x", "--moderator", "z"], 2,
         "no.csv: moderators: the moderators are collinear"),
        (SMALL, ["--moderator", "dose"], 2, "line 1: dose: the table has no such column"),
        (SMALL, ["--method", "ML"], 2, "'ML' is not one of"),
        (SMALL, ["--tau-scale", "0.5"], 2, "--prior-sd is missing"),
        (SMALL, ["--prior-sd", "0.5"], 2, "--tau-scale is missing"),
        (SMALL, ["--tau-scale", "0", "--prior-sd", "1"], 2, "above 0, at most 1e+12"),
        (SMALL, ["--tau-scale", "nan", "--prior-sd", "1"], 2, "is not a number"),
        (SMALL, [*BY_MONTHS, "--cumulative"], 3, "a cumulative analysis with moderators"),
        (SMALL, [*BY_MONTHS, "--small-study"], 3, "small-study tests with moderators"),
        (SMALL, [*BY_MONTHS, *PRIORS], 3, "a Bayesian analysis with moderators"),
        ("study,yi,vi\nA,1,1\nB,1,1\n", ["--knapp-hartung"], 3, "an interval of no width"),
        ("study,yi,vi\nA,1,1\nB,2,1\n", ["--leave-one-out"], 2, "leaving one of 2 studies out leaves one"),
        (SMALL, [*BY_MONTHS, "--leave-one-out"], 2, "at least 4 studies for 2 coefficients"),
        ("study,yi,vi\nA,1,1\nB,1,1\nC,2,1\n", ["--leave-one-out", "--knapp-hartung"], 3,
         "without C: Knapp-Hartung gives an interval of no width"),
        ("study,yi,vi\nA,1,1\nB,1,1\nC,2,1\n", ["--cumulative", "--knapp-hartung"], 3, "after adding B: "),
        ("study,yi,vi\nA,1,1\nB,2,2\n", ["--small-study"], 2, "2 studies show no asymmetry"),
        ("study,yi,vi\nA,1,1\nB,2,1\nC,5,1\n", ["--small-study"], 2, "variances are all the same"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_the_exit_code(
    calor: Calor, tmp_path: Path, text: str | None, options: list[str], code: int, words: str
) -> None:
    if text is not None:
        (tmp_path / "no.csv").write_text(text)
    outcome = calor("meta", "no.csv", *options, "--json")
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_help_shows_an_example_and_how_i2_is_given(calor: Calor) -> None:
    text = " ".join(calor("meta", "--help").out.split())
    assert "Example: calor meta trials.csv" in text
    assert "i2 (in percent)" in text
