"""Forecasts are frozen into a dated file that says what it was made of and is never written over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.fingerprint import FINGERPRINT, fingerprint
from calor.population.posterior import Posterior
from calor.trial.bank.settings import RunSettings
from calor.trial.forecast import freezing
from calor.trial.forecast import frozen as frozen_files
from calor.trial.forecast import listing as forecast_listing
from calor.trial.forecast.freezing import Posteriors, freeze, write_frozen
from calor.trial.forecast.listing import listing, stale_parts
from calor.trial.protocols.published import published_protocol

SMALL = RunSettings(
    worlds=2, candidates=60, most_candidates=120, enough_eligible=12, fewest_eligible=4, replicates=60
)
TODAY = date(2026, 1, 2)
FEW = ("munts-2010", "goebel-2010")


def made_up(name: str) -> Posterior:
    rivals = [rival.name for rival in load_rivals()]
    draws = np.random.default_rng(1).normal(scale=0.1, size=(4, 1))
    made_of = {FINGERPRINT: fingerprint(load_disease(), [])}
    return Posterior(
        ("glial_gain",), dict.fromkeys(rivals, draws), dict.fromkeys(rivals, 1.0), made_of, name, name[:3]
    )


@pytest.fixture(scope="module")
def frozen() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        few = {name: published_protocol(name) for name in FEW}
        patch.setattr(freezing, "published_protocols", lambda: few)
        posteriors = Posteriors(made_up("validation"), made_up("product"))
        yield freeze(posteriors, SMALL, Silent(), TODAY)


def test_held_out_trials_are_forecast_under_the_posterior_that_knows_nothing_of_them(
    frozen: dict[str, Any],
) -> None:
    trials = {trial["id"]: trial for trial in frozen["trials"]}
    assert trials["munts-2010"]["posterior"]["name"] == "validation"
    assert trials["goebel-2010"]["posterior"]["name"] == "product"
    forecast = {trial["id"]: trial for trial in frozen["registered"]}
    assert forecast["nct06453447-prednisone"]["posterior"]["name"] == "product"
    assert {trial["status"] for trial in trials.values()} == {"posterior-predictive"}


def test_the_file_says_what_it_was_made_of(frozen: dict[str, Any]) -> None:
    assert frozen["date"] == "2026-01-02"
    made = frozen["made_with"]
    assert (made["seed"], made["worlds"], made["replicates_under_each_rival"]) == (1, 2, 60)
    assert {"calor", "numpy", "python"} <= set(made["versions"])
    for trial in frozen["trials"]:
        assert len(trial["protocol_sha256"]) == len(trial["model_sha256"]) == 64
        assert trial["posterior"]["fingerprint"]["equations"] == load_disease().sha256
        assert trial["posterior"]["left_to_prior"]
        assert trial["comparison"]["by_rival"]
    json.dumps(frozen, allow_nan=False)


def test_every_trial_has_what_scripts_rely_on(frozen: dict[str, Any]) -> None:
    for trial in frozen["trials"]:
        assert trial["comparison"]["kind"] in {"numeric", "direction"}
        assert trial["comparison"]["scale"]
        assert trial["covered"] in {True, False, None}
        low, high = trial["predicted_interval95"]
        assert trial["comparison"]["interval_width"] == pytest.approx(high - low)
        assert sum(rival["weight"] for rival in trial["comparison"]["by_rival"]) == pytest.approx(1)
        effect = trial["effect"]
        assert effect["effect_interval95"][0] <= effect["predicted_mean"] <= effect["effect_interval95"][1]
    for trial in frozen["registered"]:
        assert trial["because"]
        for forecast in trial["forecasts"]:
            assert trial["result_known"] is False
            low, high = forecast["predicted_interval95"]
            assert low < forecast["predicted_mean"] < high
            assert len(forecast["by_rival"]) == 6


def test_a_frozen_file_is_never_written_over(frozen: dict[str, Any], tmp_path: Path) -> None:
    path = write_frozen(frozen, tmp_path / "new")
    assert path.name == "2026-01-02.json"
    assert json.loads(path.read_text()) == json.loads(json.dumps(frozen))
    again = [write_frozen({**frozen, "trials": frozen["trials"][:n]}, tmp_path / "new") for n in (0, 1)]
    assert [each.name for each in again] == ["2026-01-02-2.json", "2026-01-02-3.json"]
    assert write_frozen({**frozen, "trials": []}, tmp_path / "new") == again[0]  # says the same already
    assert json.loads(path.read_text())["trials"]


def test_the_latest_forecasts_are_the_last_of_the_last_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(frozen_files, "_FOLDER", tmp_path)
    assert frozen_files.latest_frozen() is None
    for name in ("2026-01-01-10", "2026-01-02", "2026-01-02-2", "2026-01-02-10"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name}))
    assert frozen_files.latest_frozen() == {"name": "2026-01-02-10"}


def test_a_changed_protocol_makes_a_forecast_stale(
    frozen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [words for words in stale_parts(frozen) if "protocol" in words] == []
    monkeypatch.setattr(
        forecast_listing, "trial_sha256", lambda name: "other" if name == "munts-2010" else ""
    )
    assert "the protocol of munts-2010 has changed" in stale_parts(frozen)


def test_another_posterior_makes_forecasts_stale(
    frozen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast_listing, "shipped_sha256", lambda name: str(name)[:3])
    assert [words for words in stale_parts(frozen) if "posterior" in words] == []
    monkeypatch.setattr(forecast_listing, "shipped_sha256", lambda name: "new")
    assert "the posterior product is another one" in stale_parts(frozen)
    assert stale_parts({}) == []


def test_the_listing_has_every_trial_also_one_without_a_forecast(frozen: dict[str, Any]) -> None:
    trials = {trial["id"]: trial for trial in listing(frozen)["trials"]}
    assert trials["munts-2010"]["comparison"] is not None
    assert trials["goebel-2017-lips"]["comparison"] is None
    assert trials["goebel-2017-lips"]["covered"] is None
    assert all(trial["role"] in {"held-back", "calibration"} for trial in trials.values())
