"""A control arm that borrows: its posterior, its error with and without conflict, and that it is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.report.trial_table import design_table
from calor.store.pieces import Pieces
from calor.study import Borrowing
from calor.trial.analysis.map_prior import MixturePrior, difference_to
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.history import history_of, map_prior_of, robust_prior_of
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.protocols.template import protocol_text
from calor.trial.results.characteristics import own_numbers, performance
from calor.trial.results.conflict import BorrowedControl, borrowed_control
from calor.trial.results.corners import error_at_corners
from calor.trial.results.truth import truth_of
from calor.trial.runs.comparison import comparison_document
from calor.trial.runs.document import result_document, search_document
from calor.trial.runs.enough import Enough
from calor.trial.runs.pipeline import conclude
from calor.trial.runs.sizing import find_size
from calor.trial.runs.stages import simulate
from tests.sent import Sending
from tests.trial.made_up import HEAD, bank_of, protocol
from tests.trial.runs.made_up_runs import SCENARIOS, made_up_bank, prepared
from tests.trial.test_multi_arm import varied

EARLIER = "{mean: 4.92, sd: 1.1, patients: 40, grade: verified, from: made up}"
DESIGN = (
    f"design: {{type: borrowed-control, sd: 1.1, heterogeneity: 0.3, controls: [{EARLIER}, {EARLIER}]}}\n"
)
REST = (
    "allocation: {ratio: [2, 1]}\npatients: 36\nendpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
    "analysis: {method: ancova, alpha: 0.025, sided: 1}\n"
)
ARMS = "arms: [{name: active}, {name: placebo}]\n"
REPLICATES = 3000


def borrowed(text: str = DESIGN + REST, replicates: int = 2000) -> BorrowedControl:
    trial = protocol(text)
    found = borrowed_control(
        prepared(trial, bank_of(trial), RunSettings(replicates=replicates, executor=Threads(2))), Silent()
    )
    assert found is not None
    return found


def test_each_conflict_is_its_own_from_kept_pieces_and_from_elsewhere(tmp_path: Path) -> None:
    trial = protocol(DESIGN + REST)
    ready = prepared(trial, bank_of(trial), RunSettings(replicates=400, executor=Threads(2)))
    kept = replace(ready, pieces=Pieces.in_folder(tmp_path / "pieces", "this run"))
    away = replace(ready, settings=replace(ready.settings, executor=Sending()))
    found, again, plain, sent = (borrowed_control(each, Silent()) for each in (kept, kept, ready, away))
    assert found is not None
    assert found == again == plain == sent
    assert len({each.error.value for each in found.conflicts}) > 1


def test_the_posterior_is_that_of_a_grid() -> None:
    """The bivariate normal likelihood times the prior, summed over a grid of both means."""
    prior = MixturePrior(np.array([0.7, 0.3]), np.array([5.0, 5.5]), np.array([0.4, 2.0]))
    means, covariance = np.array([[5.6, 4.9]]), np.array([[[0.09, 0.01], [0.01, 0.05]]])
    found = difference_to(prior, means, covariance, np.array([np.inf]), np.array([0.2]))
    control, active = np.meshgrid(np.linspace(3, 9, 1201), np.linspace(3, 7, 801), indexing="ij")
    apart = np.stack([control - 5.6, active - 4.9], axis=-1)
    density = np.exp(-0.5 * np.einsum("abi,ij,abj->ab", apart, np.linalg.inv(covariance[0]), apart))
    at = (control[:, :, None] - prior.means - 0.2) / prior.sds
    density *= (prior.weights / prior.sds * np.exp(-0.5 * at**2)).sum(axis=-1)
    density /= density.sum()
    difference = active - control
    mean = (density * difference).sum()
    assert found.mean[0] == pytest.approx(mean, abs=1e-6)
    assert found.sd[0] == pytest.approx(np.sqrt((density * (difference - mean) ** 2).sum()), abs=1e-5)
    assert found.below(np.array([-0.5]))[0] == pytest.approx(density[difference < -0.5].sum(), abs=5e-3)
    assert found.below(found.quantile(0.025))[0] == pytest.approx(0.025, abs=1e-9)


def test_without_conflict_the_level_is_held_at_eight_corners() -> None:
    """The bank's patients have a mean of 4.92, as the earlier ones had; loss and noise change no mean."""
    trial = protocol(DESIGN + REST)
    ready = prepared(trial, varied(bank_of(trial)), RunSettings(replicates=3000, executor=Threads(2)))
    corners = error_at_corners(ready, Silent())
    assert len(corners) == 8
    assert all(corner.holds(0.025) for corner in corners)


def test_borrowing_raises_power_and_narrows_the_interval() -> None:
    trial, plain = protocol(DESIGN + REST), protocol("design: {type: parallel}\n" + REST)
    found = {}
    for name, each in {"borrowing": trial, "plain": plain}.items():
        plan, bank = plan_of(each), bank_of(each, {"active": -0.5}, n_cells=1)
        done = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), executor=Threads(2))
        found[name] = (done, performance(plan, bank, done, truth_of(plan, bank, 1))[0])
    assert found["borrowing"][0].benefit.mean() > found["plain"][0].benefit.mean() + 0.05
    assert (
        found["borrowing"][1].root_mean_squared_error.value < found["plain"][1].root_mean_squared_error.value
    )
    assert found["borrowing"][1].coverage.value > 0.93
    plan, bank = plan_of(trial), bank_of(trial, n_cells=1)
    weight = own_numbers(plan, bank, found["borrowing"][0])["weight_of_history"]
    assert 0.8 < weight.value < 1.0


def test_the_error_rises_where_the_controls_fare_better_than_history_and_falls_where_far_off() -> None:
    conflicts = {each.distance / 1.1: each.error.value for each in borrowed().conflicts}
    near, worst = conflicts[0.0], max(conflicts.values())
    assert near < 0.05
    assert worst > 0.06  # history draws the controls towards more pain, and the active arm looks better
    assert max(conflicts, key=conflicts.__getitem__) < 0
    assert conflicts[-1.5] < worst
    assert conflicts[0.25] < 0.025


def test_no_result_can_hide_the_error_under_conflict() -> None:
    trial = protocol(DESIGN + REST)
    ready = prepared(trial, bank_of(trial), RunSettings(replicates=100, executor=Threads(2)))
    run = conclude(Enough(simulate(ready, Silent()), ()), Silent())
    document = result_document(run, {})
    shown = document["operating_characteristics"]["borrowed_control"]
    assert len(shown["type_one_error_under_conflict"]) == 11
    worst = max(each["value"] for each in shown["type_one_error_under_conflict"])
    assert shown["worst_conflict"]["value"] == worst
    assert any(f"type I error is {worst:.3f}" in warning for warning in document["warnings"])
    (compared,) = comparison_document([run])["designs"]
    assert compared["borrowed_control"] == shown
    assert any("borrows from earlier studies" in warning for warning in compared["warnings"])


def test_a_size_that_is_found_by_borrowing_says_so() -> None:
    trial, weights = protocol(DESIGN + REST), np.array([0.7, 0.3])
    ready = prepared(trial, made_up_bank(trial), scenario=SCENARIOS["assumed"], weights=weights)
    found = search_document(ready, find_size(ready, 0.8, Silent()), {})
    assert any("type I error on how far" in warning for warning in found["warnings"])


def test_the_printed_result_shows_the_conflict_and_the_worth_of_the_prior() -> None:
    trial = protocol(DESIGN + REST)
    ready = prepared(trial, bank_of(trial), RunSettings(replicates=100, executor=Threads(2)))
    document = result_document(conclude(Enough(simulate(ready, Silent()), ()), Silent()), {})
    rows = {row[0]: row for row in design_table(document).rows}
    assert "the prior is worth" in rows["type I error, conflict"][2]
    assert "weight of history" in rows


def test_simulated_controls_are_labelled_and_count_for_nothing() -> None:
    found = borrowed(replicates=100)
    shown = found.to_document()
    assert "enter neither it nor the analysis" in shown["simulated_control"]["is"]
    assert found.simulated_mean.value == pytest.approx(4.92, abs=0.05)
    design = protocol(DESIGN + REST).design
    assert isinstance(design, Borrowing)
    assert shown["prior"]["effective_patients"] == robust_prior_of(design).effective_patients(1.1)
    assert len(shown["earlier_controls"]) == 2
    text = HEAD + ARMS + DESIGN.replace("sd: 1.1, het", "virtual_controls: 50, sd: 1.1, het") + REST
    with pytest.raises(UnsupportedError, match="virtual_controls: is not supported"):
        check_protocol(parse_document(text, "trial.yaml"))


def test_a_trial_that_borrows_nothing_shows_nothing() -> None:
    trial = protocol("design: {type: parallel}\n" + REST)
    assert borrowed_control(prepared(trial, bank_of(trial)), Silent()) is None


def test_more_doubt_and_more_heterogeneity_are_worth_fewer_patients() -> None:
    design = protocol(DESIGN + REST).design
    assert isinstance(design, Borrowing)
    worth = robust_prior_of(design).effective_patients(1.1)
    doubted = robust_prior_of(design.model_copy(update={"vague_weight": 0.5})).effective_patients(1.1)
    apart = map_prior_of(design.model_copy(update={"heterogeneity": 1.0})).effective_patients(1.1)
    assert doubted < worth < map_prior_of(design).effective_patients(1.1) < 80
    assert apart < map_prior_of(design).effective_patients(1.1)


def test_the_evidence_base_is_read_by_its_path() -> None:
    trial = check_protocol(parse_document(protocol_text(design="borrowed-control"), "trial.yaml"))
    assert isinstance(trial.design, Borrowing)
    history = history_of(trial.design.controls[0])
    assert (history.mean, history.sd, history.patients) == (8.1, 0.9, 5)
    assert "goebel-2018-mycophenolate" in history.source


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("usual treatment.end", "usual treatment.start", "design.controls"),
        ("record: goebel-2018-mycophenolate", "record: nobody-2030", "nobody-2030"),
        ('usual treatment.end"', 'usual treatment.end", mean: 5', "give either record and at"),
        ("arms.usual treatment.end", "arms.mycophenolate.change", "has no SD printed"),
        ("method: ancova", "method: t-test", "is analysed by ancova"),
        ("sided: 1", "sided: 2", "needs a one-sided test"),
        ("sided: 1", "sided: 1, prior: {mean: 0, sd: 1}", "leave out analysis.prior"),
        ("  - name: usual", "  - name: other\n  - name: usual", "two arms, not 3"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, words: str) -> None:
    text = protocol_text(design="borrowed-control")
    assert old in text
    text = text.replace(old, new, 1).replace("placebo_response", "control: usual treatment\nplacebo_response")
    if "other" in new:
        text = text.replace("ratio: [2, 1]", "ratio: [2, 1, 1]")
    with pytest.raises(ReportedError, match=words):
        check_protocol(parse_document(text, "trial.yaml"))


def test_a_recalled_number_is_refused() -> None:
    text = HEAD + ARMS + DESIGN.replace("grade: verified", "grade: recalled", 1) + REST
    with pytest.raises(InputError, match="only recalled"):
        check_protocol(parse_document(text, "trial.yaml"))


def test_the_prior_can_be_moved_to_any_conflict() -> None:
    trial = protocol(DESIGN + REST)
    bank = bank_of(trial)
    simulator = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1))
    prior = simulator.conductor.prior  # type: ignore[attr-defined]
    plain = simulator.run(50, Silent())
    simulator.conductor = replace(simulator.conductor, centre=np.full(2, prior.mean))  # type: ignore[type-var]
    np.testing.assert_allclose(simulator.run(50, Silent()).effects, plain.effects)
