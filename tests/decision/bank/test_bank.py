"""The bank: people in halves that share nobody, and numbers that depend on nothing but what they are for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.core.executors import Executor, Threads
from calor.core.progress import SILENT
from calor.decision.bank.bank import build_bank
from calor.decision.bank.giving import Therapies
from calor.decision.bank.people import People, enrol
from calor.decision.bank.trial_look import TrialLook
from calor.decision.bank.worlds import worlds_of_scenario
from calor.decision.believed import Believed, believe
from calor.decision.candidates.variation import trial_document, varied
from calor.decision.information.resampling import resample
from calor.decision.information.shares import share_of_variance
from calor.decision.money.figures import money_with
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.store.common_store import CommonStore
from calor.store.pieces import Pieces
from calor.study import Protocol
from calor.study.library import study
from calor.study.population import PopulationPart
from calor.trial.bank.preparation import prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.runs.stages import replicate
from tests.decision.asked import ANOTHER, CANDIDATES, EFFECT, asked
from tests.decision.conftest import SMALL
from tests.sent import Sending

ANYBODY = PopulationPart.model_validate(
    {"duration_months": {"at_least": 12, "at_most": 60}, "pain_nrs": {"at_least": 4}}
)
RAISED = ANYBODY.model_copy(
    update={"blister_tnf": PopulationPart.model_validate(
        {**ANYBODY.model_dump(), "blister_tnf": {"at_least": 30}}).blister_tnf}
)  # fmt: skip


def test_each_population_has_as_many_people_in_both_halves_of_a_world_and_who_they_are_is_its_own(
    scenario: Scenario,
) -> None:
    worlds = worlds_of_scenario(scenario, load_rivals()[:2], 3, 1)
    therapies = Therapies(load_disease(), ())
    alone, both = (
        enrol(each, worlds, therapies.untreated, therapies.table, 8, Options(threads=1), SILENT)
        for each in ([ANYBODY], [RAISED, ANYBODY])
    )
    counts = np.zeros((len(worlds), 2), dtype=int)
    np.add.at(counts, (alone.world, alone.half), 1)
    assert (counts == 4).all()
    identifiers = both.screened.patients.identifiers
    assert (identifiers % 2 == both.half).all()
    inside = both.members[ANYBODY]
    first = sorted(zip(alone.world, alone.screened.patients.identifiers, strict=True))
    second = sorted(zip(both.world[inside], identifiers[inside], strict=True))
    assert first == second
    raised = both.screened.take(np.flatnonzero(both.members[RAISED])).covariates
    assert min(values.min() for name, values in raised.items() if name == "blister-tnf") >= 30
    assert both.eligible_share[RAISED] < both.eligible_share[ANYBODY]


def test_people_of_the_same_worlds_are_found_again_and_no_others(scenario: Scenario, tmp_path: Path) -> None:
    therapies, rivals = Therapies(load_disease(), ()), load_rivals()[:2]

    def enrolled(
        populations: list[PopulationPart], worlds: int = 3, seed: int = 1, per_world: int = 8
    ) -> tuple[People, CommonStore]:
        store = CommonStore(tmp_path, 10**9)
        found = enrol(
            populations,
            worlds_of_scenario(scenario, rivals, worlds, seed),
            therapies.untreated,
            therapies.screening_table,
            per_world,
            Options(threads=1),
            SILENT,
            Pieces(store=store),
        )
        return found, store

    made, _ = enrolled([ANYBODY])
    again, store = enrolled([ANYBODY])
    assert (store.found, store.missing) == (2, 0)
    for name, values in made.to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[name], values)
    for other in (
        enrolled([RAISED]),
        enrolled([ANYBODY, RAISED]),
        enrolled([ANYBODY], worlds=4),
        enrolled([ANYBODY], seed=2),
        enrolled([ANYBODY], per_world=10),
    ):
        assert other[1].found == 0


def test_arms_that_are_given_the_same_are_read_alike(scenario: Scenario) -> None:
    trial = study("goebel-2017-lips").model_dump(mode="json")
    active, placebo = trial["arms"]
    arms = [active, placebo, {**placebo, "name": "another placebo"}]
    given = {name: value for name, value in trial.items() if name not in {"fitted", "role", "record"}}
    allocation = {"ratio": [1, 1, 1], "block_size": 6}
    protocol = Protocol.model_validate(
        {**given, "arms": arms, "control": "placebo", "allocation": allocation}
    )
    look = TrialLook(protocol)
    worlds = worlds_of_scenario(scenario, load_rivals()[:1], 2, 1)
    therapies = Therapies(load_disease(), look.courses)
    bank = build_bank([look], worlds, therapies, 8, Options(threads=1), SILENT)
    alike = bank.outlooks[look.key].means[:, :, 1]
    assert alike == pytest.approx(np.zeros_like(alike), abs=1e-12)


def test_a_draw_that_stands_several_times_is_one_world_with_the_weight_of_all(scenario: Scenario) -> None:
    posterior = scenario.posterior
    assert posterior is not None
    own = np.random.default_rng(1).standard_normal((7, len(posterior.names)))
    twice = dict.fromkeys(posterior.draws, np.concatenate([own[:5], own[:5], own[5:]]))
    worlds = worlds_of_scenario(
        replace(scenario, posterior=replace(posterior, draws=twice)), load_rivals(), None, 1
    )
    assert worlds.draws == 6 * 12
    assert len(worlds) == 6 * 7
    assert sorted(worlds.counts[0].tolist()) == [1, 1, 2, 2, 2, 2, 2]
    assert worlds.weights.sum() == pytest.approx(1)
    scores = worlds.scores(load_disease().parameters)["pain_scale"]
    assert len(np.unique(scores[:7])) == 7


@pytest.mark.parametrize("executor", [Threads(2), Sending()])
def test_another_candidate_or_worker_changes_no_number(
    scenario: Scenario, believed: Believed, executor: Executor
) -> None:
    more = asked(EFFECT + CANDIDATES + ANOTHER)
    again = believe(more, scenario, money_with(), replace(SMALL, executor=executor), SILENT)
    assert (again.draws.quantity == believed.draws.quantity).all()
    for candidate in believed.question.candidates:
        first, second = believed.study(candidate), again.study(candidate)
        assert (first.means == second.means).all(), candidate.name
        assert (first.sampling == second.sampling).all(), candidate.name


def test_halves_agree_on_the_effect_and_a_question_is_of_what_everybody_would_show(
    believed: Believed,
) -> None:
    quantity = believed.draws.quantity
    assert np.corrcoef(quantity.T)[0, 1] > 0.4
    trial = believed.study(believed.question.candidates[0])
    # What a trial sees is the question's effect with the sign of a contrast, but for missing diaries.
    assert np.abs(trial.means[:, :, 0] + quantity).max() < 0.1


ONE_OF_EACH = Path(__file__).parents[3] / "examples" / "designs"


def at_sites(allocation: str, method: str) -> dict[str, Any]:
    """Return what makes of whole sites of random size others of equal size, with another analysis."""
    sites = {"count": 12, "level_sd": 0.5, "allocation": allocation, "sizes": "equal"}
    return {"sites": sites, "analysis": {"method": method}}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("goebel-2017-lips", {}),
        ("goebel-2010", {}),
        ("manning-2014", {}),
        ("factorial.yaml", {}),
        ("randomised-withdrawal.yaml", {}),
        ("whole-sites.yaml", {}),
        ("whole-sites.yaml", at_sites("across", "ancova")),
        ("whole-sites.yaml", at_sites("within", "ancova")),
        ("whole-sites.yaml", at_sites("across", "site-mixed")),
    ],
)
def test_the_law_of_a_result_is_that_of_simulated_trials(
    scenario: Scenario, name: str, changes: dict[str, Any]
) -> None:
    """Mean and spread of 300 simulated trials in each of six worlds or more; the two banks hold other people.

    The means of two banks of 60 differ by about 0.05 a world (of responders to a run-in, who are fewer, by
    0.12); the SD of 300 trials is known to 4 %.
    """
    protocol = varied(trial_document(name, ONE_OF_EACH), changes).protocol
    worlds = worlds_of_scenario(scenario, load_rivals(), 2, 1)
    look = TrialLook(protocol)
    therapies = Therapies(load_disease(), look.courses)
    outlook = build_bank([look], worlds, therapies, 60, Options(threads=1), SILENT).outlooks[look.key]
    settings = RunSettings(worlds=2, replicates=3600, candidates=240, enough_eligible=40)
    ready = prepare_trial(protocol, settings, SILENT, scenario)
    found = replicate(ready, SILENT)
    sampling = outlook.sampling(protocol.patients)
    means, ratios = [], []
    for place, cell in enumerate(ready.bank.cells):
        mine = found.effects[found.cells == place]
        (place_of,) = np.nonzero(worlds.numbers[cell.rival] == cell.world)
        if not len(place_of):
            continue  # the draw of an earlier world again, with other people
        world = worlds.first(cell.rival) + int(place_of[0])
        means.append(np.nanmean(mine, axis=0) - outlook.means[world].mean(axis=0))
        ratios.append(np.nanstd(mine, axis=0) / np.sqrt(np.diag(sampling[world])))
    assert np.abs(np.mean(means, axis=0)).max() < 0.04
    assert np.mean(ratios, axis=0) == pytest.approx(1.0, abs=0.06)


@pytest.mark.slow
def test_banks_of_20_and_of_200_people_a_world_agree(scenario: Scenario) -> None:
    shares = []
    for people in (20, 200):
        size = replace(SMALL, worlds=120, people=people)
        found = believe(asked(), scenario, money_with(), size, SILENT)
        resamples = resample(found.draws, seed=1)
        trial = found.study(found.question.candidates[1])
        shares.append(share_of_variance(found.draws, trial, resamples).value)
    assert shares[0] == pytest.approx(shares[1], abs=0.04)
