"""`calor trials`: the forecasts that ship, failures first, on a terminal and as JSON."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

from calor.trial.forecast.frozen import latest_frozen
from tests.cli.conftest import Calor

HELD_OUT = {"goebel-2017-lips", "manning-2014", "munts-2010", "kalita-20v40", "dirckx-2013"}


def test_the_published_trials_are_listed_with_their_forecasts(calor: Calor) -> None:
    document = calor("trials", "--json").document
    trials = {trial["id"]: trial for trial in document["trials"]}
    assert {name for name, trial in trials.items() if trial["role"] == "held-back"} == HELD_OUT
    assert trials["goebel-2010"]["role"] == "calibration"
    assert trials["goebel-2010"]["published"]["value"] == pytest.approx(-1.55)
    for name, trial in trials.items():
        assert {"id", "role", "predicted_interval95", "published", "comparison", "covered"} <= set(trial)
        assert trial["comparison"]["kind"] in {"numeric", "direction"}, name
        assert (trial["covered"] is None) == (trial["comparison"]["kind"] == "direction")
        low, high = trial["predicted_interval95"]
        assert low < high
    assert trials["goebel-2017-lips"]["published"]["value"] is None
    registered = {trial["id"]: trial for trial in document["registered"]}
    (prednisone,) = registered["nct06453447-prednisone"]["forecasts"]
    assert 0 < prednisone["probability_of_significant_benefit"] < 1
    assert [forecast["of"] for forecast in registered["isrctn12908996-anakinra"]["forecasts"]][:2] == [
        "contrast",
        "active",
    ]
    assert registered["nct06306157-naltrexone"]["forecasts"] == []
    assert registered["nct06306157-naltrexone"]["because"]


def test_a_trial_without_usable_number_is_never_called_covered() -> None:
    frozen = latest_frozen()
    assert frozen is not None
    for trial in frozen["trials"]:
        value = trial["published"]["value"]
        low, high = trial["predicted_interval95"]
        assert trial["covered"] == (None if value is None else low <= value <= high)


def test_people_get_failures_first_in_a_terminal_s_width(calor: Calor) -> None:
    shown = calor("trials")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert lines[0] == "Where the forecasts fail"
    table = next(place for place, line in enumerate(lines) if line.startswith("Published trials"))
    failing = [failure["trial"] for failure in calor("trials", "--json").document["failures"]]
    assert failing
    for name in failing:
        assert any(name in line for line in lines[:table]), name
    for name in HELD_OUT | {"nct06453447-prednisone", "nct06306157-naltrexone"}:
        assert any(name in line for line in lines[table:]), name


def test_listing_takes_a_few_seconds_of_the_processor() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = "from calor.cli.main import run; run()"
    finished = subprocess.run(
        [sys.executable, "-c", program, "trials", "--json"], capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert json.loads(finished.stdout)["trials"]
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


@pytest.mark.parametrize("columns", ["0", "1", "40", "80", "many"])
def test_any_width_of_the_terminal_prints(
    calor: Calor, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = calor("trials")
    assert shown.code == 0
    assert "goebel-2017-lips" in shown.out
