"""A posterior gives worlds for what was fitted, the prior for the rest, and knows which model it is of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.population.fingerprint import FINGERPRINT, fingerprint, misfits
from calor.population.posterior import Posterior, read_posterior, write_posterior
from calor.population.posteriors import Shipped, shipped_posterior
from calor.population.uncertainty import draw_worlds
from calor.therapy.library import load_drug

NAMES = ("glial_gain", "tnf_weight")


def posterior(draws: np.ndarray, **made_of: object) -> Posterior:
    return Posterior(NAMES, {"a": draws}, {"a": 1.0}, made_of, "mine")


def test_worlds_are_the_draws_and_the_prior_elsewhere() -> None:
    table = load_disease().parameters
    fitted = posterior(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    worlds = fitted.worlds(table, "a", Stream(1), 4)
    row = table["glial_gain"]
    # Two draws, so four worlds are each of them twice, once in every pair.
    pairs = np.sort(np.log(worlds["glial_gain"] / row.value).reshape(2, 2), axis=1)
    assert pairs == pytest.approx(row.prior_sd * np.array([[-1, 1], [-1, 1]]))
    prior = draw_worlds(table, Stream(1), np.arange(4))
    assert np.array_equal(worlds["pain_scale"], prior["pain_scale"])
    assert len(set(worlds["pain_scale"])) == 4
    left = fitted.left_to_prior(table)
    assert "pain_scale" in left
    assert set(left) | set(NAMES) == {row.identifier for row in table.uncertain}


def test_what_the_data_narrowed_is_told_from_the_draws() -> None:
    rng = np.random.default_rng(1)
    draws = np.column_stack([rng.normal(0, 0.5, 500), rng.normal(0, 1, 500)])
    found = posterior(draws).narrowed(load_disease().parameters)
    assert found == NAMES[:1]


def drawn(seed: int, count: int, rival: str = "a") -> list[int]:
    """Return which of 50 draws the worlds of a seed are, by their first score."""
    table = load_disease().parameters
    draws = np.column_stack([np.arange(50.0) / 50, np.zeros(50)])
    fitted = Posterior(NAMES, {"a": draws, "b": draws}, {"a": 0.5, "b": 0.5}, {})
    worlds = fitted.worlds(table, rival, Stream(seed), count)["glial_gain"]
    row = table["glial_gain"]
    return [round(50 * score) for score in np.log(worlds / row.value) / row.prior_sd]


def test_the_seed_chooses_the_draws_and_no_draw_comes_twice_while_there_are_enough() -> None:
    assert drawn(1, 20) == drawn(1, 20)
    assert drawn(1, 20) != drawn(2, 20)
    assert drawn(1, 20) != drawn(1, 20, "b")
    assert len(set(drawn(1, 20))) == 20
    assert sorted(drawn(3, 50)) == list(range(50))


def test_more_worlds_keep_those_of_fewer() -> None:
    assert drawn(1, 120)[:20] == drawn(1, 20)
    assert sorted(drawn(1, 120)[50:100]) == list(range(50))


def test_a_world_is_the_same_whichever_others_are_asked_for() -> None:
    table = load_disease().parameters
    draws = np.column_stack([np.arange(50.0) / 50, np.zeros(50)])
    fitted = Posterior(NAMES, {"a": draws}, {"a": 1.0}, {})
    some = np.array([119, 3, 70, 3])
    every, chosen = (fitted.worlds_at(table, "a", Stream(1), each) for each in (np.arange(120), some))
    for name, values in chosen.items():
        assert np.array_equal(values, every[name][some]), name
    assert len(fitted.worlds_at(table, "a", Stream(1), some[:0])["glial_gain"]) == 0


def test_every_draw_is_as_likely_over_seeds() -> None:
    counts = np.bincount(np.concatenate([drawn(seed, 10) for seed in range(200)]), minlength=50)
    # Each seed takes 10 of 50: a draw is taken 40 times of 200, with variance 200 * 0.2 * 0.8.
    chi = ((counts - 40) ** 2 / 32).sum() * 49 / 50
    assert 49 - 3 * np.sqrt(2 * 49) < chi < 49 + 3 * np.sqrt(2 * 49)


def test_a_drug_that_took_no_part_in_the_fit_stays_as_uncertain_as_its_prior() -> None:
    from calor.therapy.compose import compose

    table = compose(load_disease(), [load_drug("ivig")]).parameters
    worlds = posterior(np.zeros((2, 2))).worlds(table, "a", Stream(1), 400)
    for row in table.uncertain:
        spread = np.quantile(worlds[row.identifier], (0.025, 0.975))
        assert spread == pytest.approx(row.prior_interval, rel=0.5)


def test_a_file_bears_the_day_on_which_it_was_written(tmp_path: Path) -> None:
    write_posterior(tmp_path / "one.parquet", posterior(np.zeros((2, 2))))
    back = read_posterior(tmp_path / "one.parquet")
    assert abs((datetime.now(UTC).date() - date.fromisoformat(back.date)).days) <= 1
    write_posterior(tmp_path / "two.parquet", replace(back, date="2026-01-02"))
    assert read_posterior(tmp_path / "two.parquet").date == "2026-01-02"


def test_a_posterior_knows_the_studies_it_was_fitted_to(tmp_path: Path) -> None:
    said = posterior(np.zeros((2, 2)), studies={"one": ["mean", "sd"], "two": ["share"]})
    write_posterior(tmp_path / "said.parquet", said)
    back = read_posterior(tmp_path / "said.parquet")
    assert back.seen_of(["one", "other"]) == ("mean", "sd")
    assert back.seen_of(["three"]) == ()
    write_posterior(tmp_path / "silent.parquet", posterior(np.zeros((2, 2)), seed=3))
    assert read_posterior(tmp_path / "silent.parquet").seen_of(["one"]) is None


def test_the_report_beside_a_posterior_counts_only_where_it_is_of_the_same_fit(tmp_path: Path) -> None:
    write_posterior(tmp_path / "mine.parquet", posterior(np.zeros((2, 2)), seed=3))
    targets = [{"id": "mean", "study_id": "one"}, {"id": "sd", "study_id": "one"}]
    for made_of, seen in (({"seed": 3}, ("mean", "sd")), ({"seed": 4}, None)):
        (tmp_path / "mine.json").write_text(json.dumps({"targets": targets, "made_of": made_of}))
        assert read_posterior(tmp_path / "mine.parquet").seen_of(["one"]) == seen


def test_what_the_shipped_posteriors_have_seen_of_the_held_back_trials() -> None:
    validation, product = (shipped_posterior(name) for name in (Shipped.VALIDATION, Shipped.PRODUCT))
    assert validation is not None
    assert product is not None
    held_back = ("goebel-2017-lips", "munts-2010", "kalita-20v40", "dirckx-2013", "manning-2014")
    seen = [validation.seen_of([name]) for name in held_back]
    assert seen == [(), (), (), (), ("manning-placebo-responders",)]
    assert all(product.seen_of([name]) for name in held_back)


def test_a_rival_without_draws_is_refused() -> None:
    with pytest.raises(InputError, match="no draws under b"):
        posterior(np.zeros((2, 2))).worlds(load_disease().parameters, "b", Stream(1), 2)


def test_a_posterior_of_the_model_at_hand_fits_it() -> None:
    disease, drugs = load_disease(), [load_drug("ivig"), load_drug("prednisolone")]
    known = posterior(np.zeros((2, 2)), **{FINGERPRINT: fingerprint(disease, drugs)})
    assert list(misfits(known, disease, drugs)) == []
    assert list(misfits(known, disease, [load_drug("thalidomide")])) == []


def test_a_posterior_of_another_model_says_what_differs() -> None:
    disease, drug = load_disease(), load_drug("lenalidomide")
    known = posterior(np.zeros((2, 2)), **{FINGERPRINT: fingerprint(disease, [drug])})
    rows = disease.parameters.rows
    wider = replace(disease, parameters=ParameterTable((replace(rows[0], prior_sd=9.0), *rows[1:])))
    (prior,) = misfits(known, wider, [drug])
    assert "other priors" in prior
    moved = replace(disease, parameters=ParameterTable((replace(rows[0], value=9.0), *rows[1:])))
    assert len(list(misfits(known, moved, [drug]))) == 2
    kinetics = drug.pharmacokinetics
    name = next(iter(kinetics.parameters))
    number = kinetics.parameters[name]
    other = drug.model_copy(
        update={
            "pharmacokinetics": kinetics.model_copy(
                update={
                    "parameters": {
                        **kinetics.parameters,
                        name: number.model_copy(update={"value": 2 * number.value}),
                    }
                }
            )
        }
    )
    (said,) = misfits(known, disease, [other])
    assert "another lenalidomide" in said


def test_a_posterior_that_does_not_say_what_it_was_made_of_is_not_trusted_silently() -> None:
    (said,) = misfits(posterior(np.zeros((2, 2))), load_disease(), [])
    assert "does not say of which model" in said
