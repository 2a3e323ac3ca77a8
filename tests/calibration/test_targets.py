"""Targets come from graded sources, say where their error comes from, and never from a held-out trial."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from importlib.resources import files

import pytest

import calor.study.published as published
from calor.calibration.deviations import deviations_of
from calor.calibration.studies import held_out_ids, load_studies
from calor.calibration.targets import load_targets, targets_of
from calor.core.provenance import Grade, sha256_of_data
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records
from calor.evidence.quantity import Count, Quantity
from calor.model.disease import load_disease
from calor.population.measurement import load_measurement
from calor.study.fitted import CONTRASTS
from calor.study.library import study, study_ids
from calor.therapy.equations import equations_of
from calor.therapy.library import drug_ids, load_drug

HELD_OUT = {"goebel-2017-lips", "manning-2014", "munts-2010", "kalita-20v40", "dirckx-2013"}


def test_the_held_out_studies_are_those_that_the_library_holds_back() -> None:
    assert held_out_ids() == HELD_OUT
    assert {name for name in study_ids() if study(name).role == "held-back"} == HELD_OUT


def test_no_held_out_study_is_a_target_but_what_is_known_before_its_result() -> None:
    known = [target for target in load_targets() if target.study_id in HELD_OUT]
    assert [target.id for target in known] == ["manning-placebo-responders"]
    assert not known[0].drugs


def test_a_fit_for_validation_reads_no_result_of_a_held_out_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_targets()
    looked_up: list[tuple[str, str]] = []

    def figure_at(identifier: str, path: str) -> Quantity | Count:
        looked_up.append((identifier, path))
        return original(identifier, path)

    original = published.figure_at
    monkeypatch.setattr(published, "figure_at", figure_at)
    monkeypatch.setattr(published, "outcome_at", lambda *_: pytest.fail("a result was looked up"))
    assert targets_of(load_studies()) == before
    seen = {(name, path) for name, path in looked_up if name in HELD_OUT}
    assert seen == {
        ("manning-2014", "outcomes[at least 30 % less pain in the index limb].arms.placebo.responders")
    }


def test_changing_the_result_of_a_held_out_trial_changes_the_product_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def seen() -> tuple[str, str]:
        return tuple(
            sha256_of_data([asdict(target) for target in targets_of(each)])
            for each in (load_studies("validation"), load_studies("product"))
        )

    def figure_at(identifier: str, path: str) -> Quantity | Count:
        found = original(identifier, path)
        if identifier in HELD_OUT and "lenalidomide" in path:
            return found.model_copy(update={"percent": 60.0})
        return found

    before, original = seen(), published.figure_at
    monkeypatch.setattr(published, "figure_at", figure_at)
    after = seen()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_the_shipped_fits_were_made_of_the_published_numbers_of_today() -> None:
    """A number that changes in a record shows here until the model is fitted again."""
    for purpose in ("validation", "product"):
        text = (files("calor.population") / "posteriors" / f"{purpose}.json").read_text(encoding="utf-8")
        made_of = {target["id"]: target for target in json.loads(text)["targets"]}
        targets = {target.id: target for target in load_targets(purpose)}
        assert targets.keys() == made_of.keys()
        for name, target in targets.items():
            assert made_of[name]["observed"] == pytest.approx(target.observed, rel=1e-12), name
            assert target.standard_error == made_of[name]["standard_error"], name
            assert target.bias_sd == made_of[name]["bias_sd"], name


def test_what_a_fit_simulates_otherwise_is_listed_with_its_reason() -> None:
    found = deviations_of(load_studies("product"))
    assert all(each.reason for each in found)
    assert {(each.study, each.what) for each in found} == {
        ("braus-1994", "people"),
        ("goebel-2018-mycophenolate", "who is enrolled"),
        ("goebel-2018-mycophenolate", "people"),
        ("jamroz-2020", "people"),
        ("kalita-2006", "who is enrolled"),
        ("kalita-2006", "people"),
        ("kalita-20v40", "who is enrolled"),
        ("kalita-20v40", "people"),
        ("manning-2014", "who is enrolled"),
        ("munts-2010", "who is enrolled"),
        ("sigtermans-2009-ketamine", "who is enrolled"),
    }


def test_no_held_out_trial_set_a_prior() -> None:
    """A prior that knew the result would let it into the validation by the back door."""
    drugs = [load_drug(name) for name in drug_ids()]
    rows = [*load_disease().parameters, *load_measurement()]
    rows += [row for drug in drugs for row in equations_of(drug).parameters]
    assert len(rows) > 200
    assert not [row.identifier for row in rows if row.source in HELD_OUT]


def test_the_product_adds_one_contrast_of_each_held_out_trial() -> None:
    validation, product = load_targets("validation"), load_targets("product")
    assert product[: len(validation)] == validation
    added = product[len(validation) :]
    assert {target.study_id for target in added} == HELD_OUT
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
        assert target.published_at.split(":")[0] in known
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


def test_what_was_known_before_a_year_was_published_before_it() -> None:
    known = load_studies("product").known_before(2013)
    sources = {target.study_id for target in targets_of(known)}
    assert {"E12", "kalita-2006", "goebel-2010", "munts-2010"} <= sources
    assert not sources & {
        "goebel-2017-lips",
        "kalita-20v40",
        "E18",
        "A12",
        "dirckx-2013",
        "varenna-2013-neridronate",
    }
    assert all(cohort in {study.cohort for study in known.studies} for cohort in known.cohorts)
    assert not load_studies("product").known_before(1950).facts
