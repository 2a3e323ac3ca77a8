"""`calor design`: the JSON documents, the tables in 80 columns, and the errors with their exit codes."""

from __future__ import annotations

import json
import re

import pytest

from calor.cli.main import exit_code_of

MEAN = "--endpoint mean --delta 1 --sd 2.5"


def run_json(capsys: pytest.CaptureFixture[str], arguments: str) -> dict[str, object]:
    assert exit_code_of(["design", *arguments.split(), "--json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_boundaries_document(capsys: pytest.CaptureFixture[str]) -> None:
    document = run_json(capsys, "boundaries --spending WT --parameter 0.25 --information 0.3,0.7,1 --sided 2")
    assert {"critical_values", "alpha_spent", "stage_levels"} <= set(document)
    assert document["information"] == [0.3, 0.7, 1.0]
    assert document["sided"] == 2


def test_sample_size_document(capsys: pytest.CaptureFixture[str]) -> None:
    document = run_json(capsys, f"samplesize {MEAN} --power 0.9 --allocation 2")
    assert set(document) == {"n_total", "n_per_arm"}
    n_active, n_control = document["n_per_arm"]  # type: ignore[misc]
    assert n_active == pytest.approx(2 * n_control)  # type: ignore[has-type]
    sequential = run_json(capsys, f"samplesize {MEAN} --power 0.9 --looks 3 --spending asOF")
    assert set(sequential) == {"n_total", "n_per_arm", "expected_n_h1", "expected_n_h0"}


def test_the_log_rank_test_says_its_events(capsys: pytest.CaptureFixture[str]) -> None:
    log_rank = "--endpoint log-rank --hazard-ratio 0.5 --rate2 0.6"
    size = run_json(capsys, f"samplesize {log_rank} --power 0.8")
    assert size["events"] == pytest.approx(65.346, rel=1e-4)
    assert run_json(capsys, f"power {log_rank} --n {size['n_total']}")["power"] == pytest.approx(
        0.8, abs=1e-9
    )


def test_sample_size_and_power_agree(capsys: pytest.CaptureFixture[str]) -> None:
    crossover = "--endpoint crossover --delta 1.5 --sd 1.8"
    size = run_json(capsys, f"samplesize {crossover} --power 0.8")
    power = run_json(capsys, f"power {crossover} --n {size['n_total']}")
    assert power["power"] == pytest.approx(0.8, abs=1e-9)
    adjusted = run_json(capsys, f"power {crossover} --n {size['n_total_period_adjusted']}")
    assert adjusted["power_period_adjusted"] == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize(
    "arguments",
    [
        "boundaries --spending asOF --looks 20 --sided 2 --alpha 0.05",
        f"samplesize {MEAN} --power 0.9 --looks 3 --spending asP",
        "samplesize --endpoint crossover --delta 1 --sd 1 --power 0.9",
        f"power {MEAN} --n 200 --looks 5 --spending KD --parameter 2",
        "samplesize --endpoint log-rank --hazard-ratio 0.5 --rate2 0.6 --power 0.8",
        "power --endpoint rate --rate1 0.2 --rate2 0.4 --n 150",
    ],
)
def test_tables_fit_80_columns(
    arguments: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert exit_code_of(["design", *arguments.split()]) == 0
    printed = capsys.readouterr().out
    assert "…" not in printed
    assert max(len(line) for line in printed.splitlines()) <= 80


@pytest.mark.parametrize("name", ["boundaries", "samplesize", "power"])
def test_help_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["design", name, "--help"]) == 0
    assert re.search(f"Examples?: calor design {name}", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "named"),
    [
        ("boundaries --spending XX --looks 3", 2, "'XX'"),
        ("boundaries --spending PT --looks 3", 3, "PT"),
        ("boundaries --spending OF", 2, "spending"),
        ("boundaries", 2, "looks"),
        ("boundaries --looks 3", 2, "spending"),
        ("boundaries --spending OF --information 0.5,a", 2, "information"),
        ("boundaries --spending OF --information 0.5,1 --looks 3", 2, "2 looks"),
        ("boundaries --spending OF --looks 2 --alpha nan", 2, "alpha"),
        ("boundaries --spending OF --looks 2.5", 2, "looks"),
        ("samplesize --endpoint mean --delta 1 --power 0.9", 2, "sd"),
        ("samplesize --endpoint mean --delta 1 --sd 1 --rate1 0.2 --power 0.9", 2, "rate1"),
        ("samplesize --endpoint crossover --delta 1 --sd 1 --allocation 2 --power 0.9", 2, "allocation"),
        ("samplesize --endpoint survival --power 0.9", 3, "survival"),
        ("samplesize --endpoint log-rank --rate2 0.5 --power 0.9", 2, "hazard-ratio: is missing"),
        ("samplesize --endpoint log-rank --rate2 0.5 --hazard-ratio 1 --power 0.9", 2, "hazard-ratio: is 1"),
        ("samplesize --endpoint mean --delta 1 --sd 1 --hazard-ratio 2 --power 0.9", 2, "is not for mean"),
        ("power --endpoint log-rank --rate2 0.5 --hazard-ratio 0.5 --n 90 --looks 2", 3, "looks at a test"),
        ("samplesize --endpoint other --power 0.9", 2, "'other'"),
        ("samplesize --endpoint mean --delta 0 --sd 1 --power 0.9", 2, "delta: is 0"),
        (f"samplesize {MEAN} --power 90", 2, "power"),
        (f"power {MEAN} --n 2", 2, "n: is 2"),
        (f"power {MEAN} --n 20 --spending OF", 2, "looks"),
    ],
)
def test_bad_arguments_are_named(
    arguments: str, exit_code: int, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(["design", *arguments.split()]) == exit_code
    captured = capsys.readouterr()
    assert named in captured.err
    assert captured.out == ""
