"""The times with a warm cache: the least of the rounds, what is left out, and where a run goes on."""

import importlib
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def warm():
    return importlib.import_module("census_warm")


@pytest.fixture
def tiny(warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALOR_CACHE", str(tmp_path / "kept"))  # as the benchmark sets it for its children
    file = tmp_path / "tiny.xml"
    file.write_text(warm.TINY, encoding="utf-8")
    return file


def test_the_least_time_of_the_rounds_counts_and_the_first_course_does_not(warm, tiny):
    times = {"calor": iter([0.1, 3.0, np.nan, 2.0]), "libroadrunner": iter([5.0, 4.0, 6.0])}
    row = warm.examine_warm(tiny, lambda name, file, limit: next(times[name]), 3, 60.0)
    assert row == warm.WarmRow("tiny", 2.0, 4.0)
    assert row.ratio == 0.5


def test_a_model_that_one_of_them_does_not_solve_has_no_ratio(warm, tiny, capsys):
    times = {"calor": 1.0, "libroadrunner": np.nan}
    row = warm.examine_warm(tiny, lambda name, file, limit: times[name], 2, 60.0)
    assert np.isnan(row.ratio)
    times = {"calor": np.nan}
    assert np.isnan(warm.examine_warm(tiny, lambda name, file, limit: times[name], 2, 60.0).ratio)
    warm.print_ratios([row])
    assert capsys.readouterr().out == "0 of 1 models solved by both\n"


def test_both_take_time_for_a_model_in_a_process_of_their_own(warm, tiny):
    warm.import_all()
    for name in ("calor", "libroadrunner"):
        assert 0.0 < warm.forked_seconds(name, tiny, 60.0) < 60.0
        assert np.isnan(warm.forked_seconds(name, tiny.with_name("absent.xml"), 60.0))


@pytest.mark.parametrize("name", ["calor", "libroadrunner"])
def test_a_new_process_takes_time_too(warm, tiny, name):
    assert 0.0 < warm.fresh_seconds(name, tiny, 60.0) < 60.0
    assert np.isnan(warm.fresh_seconds(name, tiny.with_name("absent.xml"), 60.0))


def test_what_stands_in_the_table_is_not_timed_again(warm, tmp_path, monkeypatch, capsys):
    seconds = {"small": 1.0, "middle": 3.0, "large": 0.5}
    timed = []

    def examine(file, timed_by, rounds, limit):
        timed.append(file.stem)
        return warm.WarmRow(file.stem, seconds[file.stem], 2.0)

    monkeypatch.setattr(warm, "examine_warm", examine)
    monkeypatch.setattr(warm, "import_all", lambda: None)
    for size, name in enumerate(seconds):
        (tmp_path / f"{name}.xml").write_text("x" * size)
    table = tmp_path / "warm.csv"
    for only in (["--only", "middle"], []):
        monkeypatch.setattr("sys.argv", ["census_warm.py", str(tmp_path), "--csv", str(table), *only])
        warm.main()
    assert timed == ["middle", "small", "large"]
    out = capsys.readouterr().out
    assert "3 of 3 models" in out
    assert "50%: 0.50" in out
    assert "1 slower (33.3%)\n    middle: 1.50 (3.000 s, 2.000 s)" in out
