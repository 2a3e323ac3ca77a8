"""Answers: what teaches nothing, what is said of it, pairs, decisions and results that were seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.core.plain_data import plain
from calor.core.progress import SILENT
from calor.decision.asking import Answer, Asking, answer
from calor.decision.believed import Believed, Size, believe
from calor.decision.comparison import compare, shows_nothing, unrelated
from calor.decision.document import answer_of
from calor.decision.information.draws import Draws, Study
from calor.decision.information.resampling import resample
from calor.decision.information.shares import share_of_variance
from calor.decision.money.figures import money_with
from calor.decision.observing import posterior_after, read_results, updated
from calor.population.posterior import read_posterior, write_posterior
from calor.trial.bank.scenario import Scenario
from tests.decision.asked import CANDIDATES, EFFECT, asked
from tests.decision.conftest import SMALL

DECISION = """id: mine
title: Mine
question: {decision: {like: goebel-2017-lips, WORTH}}
candidates:
  - like: goebel-2017-lips
    vary: {patients: [40, 160]}
"""


def test_what_is_about_something_else_teaches_nothing_and_what_is_not_does() -> None:
    """2,000 worlds; Q and m independent, and Q and m of correlation 0.8."""
    random = np.random.default_rng(3)
    n = 2000
    quantity, other, noise = random.standard_normal((3, n))
    draws = Draws(
        quantity=np.repeat(quantity[:, None], 2, axis=1),
        rival=np.zeros(n, dtype=np.int64),
        rivals=("one",),
        weights=np.full(n, 1 / n),
        scores=np.zeros((n, 0)),
        parameters=(),
    )
    sampling = np.full((n, 1, 1), 0.1)
    resamples = resample(draws, seed=1, count=100)

    def of(means: np.ndarray) -> Study:
        return Study(name="m", means=np.repeat(means[:, None, None], 2, axis=1), sampling=sampling)

    assert unrelated(draws, of(other), resamples)
    assert abs(share_of_variance(draws, of(other), resamples).value) < 0.01
    assert not unrelated(draws, of(0.8 * quantity + 0.6 * noise), resamples)


def test_more_patients_teach_more_cost_more_and_take_longer(answered: Answer) -> None:
    small, large = answered.comparison.rows[:2]
    assert small.share is not None
    assert large.share is not None
    assert large.share.value > small.share.value
    assert large.cost > small.cost
    assert large.months > small.months


@pytest.mark.parametrize(("benefit", "already"), [(0.02, True), (0.97, True), (0.5, False)])
def test_a_question_that_is_settled_is_said_to_be(answered: Answer, benefit: float, *, already: bool) -> None:
    comparison = replace(answered.comparison, benefit_now=benefit)
    assert comparison.settled is already
    assert answer_of(comparison).startswith("it is settled already") is already


def test_a_document_holds_plain_finite_numbers_and_says_what_to_run(answered: Answer) -> None:
    document = answered.document({"seed": 1})
    text = json.dumps(plain(document), allow_nan=False)
    assert len(text) > 1000
    assert document["ranking"][0]["rank"] == 1
    assert document["provenance"]["draws"] == 60
    assert document["provenance"]["worlds"] <= 60
    assert document["answer"].startswith(("no study", "the study"))
    over = [row for row in document["ranking"] if not row["affordable"]]
    assert [row["name"] for row in over] == ["goebel-2017-lips, n=160"]


def test_pairs_are_of_different_studies_within_the_budget(answered: Answer) -> None:
    assert answered.portfolio is not None
    for pair in answered.portfolio.pairs:
        assert pair.first.candidate.family != pair.second.candidate.family
        assert pair.cost <= 1e6


def test_a_study_that_sees_the_same_everywhere_shows_nothing(believed: Believed) -> None:
    draws, found = believed.draws, believed.study(believed.question.candidates[0])
    assert not shows_nothing(draws, found)
    same = Study(name="same", means=np.full_like(found.means, 3.0), sampling=found.sampling)
    assert shows_nothing(draws, same)


def test_a_decision_by_money_a_point_is_the_benefit_above_the_threshold(
    scenario: Scenario, believed: Believed
) -> None:
    question = asked(DECISION.replace("WORTH", "benefit_over: 0.5, value: 1000"))
    found = believe(question, scenario, money_with(), SMALL, SILENT)
    assert found.decision is not None
    expected = 1000 * (believed.draws.quantity - 0.5)
    assert found.decision.payoffs[:, :, 1] == pytest.approx(expected)
    assert (found.decision.payoffs[:, :, 0] == 0).all()
    comparison = compare(found, money_with(), None, 1, SILENT)
    for row in comparison.rows:
        assert row.net is not None
        assert comparison.perfect is not None
        assert 0 <= row.net.evsi.value <= comparison.perfect.value + 3 * comparison.perfect.error


def test_a_decision_by_utilities_pays_for_the_drug(scenario: Scenario) -> None:
    """With a life year worth nothing, what is left is the price of the course, 2 times 35 g at 73."""
    question = asked(DECISION.replace("WORTH", "utilities: util-nrs-dixon-2011"))
    free = believe(question, scenario, money_with({"threshold": 0}), SMALL, SILENT)
    assert free.draws.quantity == pytest.approx(np.full_like(free.draws.quantity, -5110))
    paid = believe(question, scenario, money_with({"ivig_per_gram": 0}), SMALL, SILENT)
    days_of_all_utility = 0.793 * 42 / 365.25 * 30_000
    assert 0 < paid.draws.quantity.mean() < days_of_all_utility
    wrong = asked(DECISION.replace("WORTH", "utilities: util-uk-neuropathic"))
    with pytest.raises(InputError, match="no map from pain"):
        believe(wrong, scenario, money_with(), SMALL, SILENT)


OBSERVED = """observed:
  - like: goebel-2017-lips
    result: [RESULT]
    standard_errors: [0.5]
"""


def results(folder: Path, text: str) -> Path:
    (folder / "seen.yaml").write_text(text, encoding="utf-8")
    return folder / "seen.yaml"


def test_a_result_moves_the_belief_towards_it_and_leaves_a_posterior_that_trials_take(
    believed: Believed, tmp_path: Path
) -> None:
    about = asked().about
    (seen,) = read_results(results(tmp_path, OBSERVED.replace("RESULT", "-1.5")), about)
    again = replace(seen, candidate=believed.question.candidates[0].sized(111))
    before = believed.draws.weights @ believed.draws.quantity.mean(axis=1)
    wide = replace(again, errors=(1.0,))
    found = updated(believed, [wide])
    after = found.believed.draws.weights @ found.believed.draws.quantity.mean(axis=1)
    assert after > before
    posterior = posterior_after(found)
    assert sum(posterior.weights.values()) == pytest.approx(1)
    assert posterior.weights["peripheral-igg"] > posterior.weights["central-none"]
    assert "ivig_fc_gamma_blockade_potency" in posterior.names
    path = tmp_path / "posterior.parquet"
    write_posterior(path, posterior)
    read = read_posterior(path)
    assert read.made_of["observed"][0]["result"] == [-1.5]
    assert Scenario(read).most_worlds == 10


def test_a_result_that_few_worlds_can_explain_is_refused(believed: Believed, tmp_path: Path) -> None:
    (seen,) = read_results(results(tmp_path, OBSERVED.replace("RESULT", "-4")), believed.question.about)
    sharp = replace(seen, candidate=believed.question.candidates[0], errors=(0.05,))
    with pytest.raises(UnsupportedError, match="effective worlds"):
        updated(believed, [sharp])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (OBSERVED.replace("[RESULT]", "[1, 2]").replace("[0.5]", "[0.5, 1]"), "has 2 numbers, the study 1"),
        (OBSERVED.replace("[RESULT]", "[1]").replace("[0.5]", "[0]"), "more than 0"),
        (OBSERVED.replace("RESULT", "1").replace("goebel-2017-lips", "nobody"), "neither a published"),
    ],
)
def test_a_wrong_result_is_said_where_it_stands(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as found:
        read_results(results(tmp_path, text), None)
    assert "observed[0]" in str(found.value)


def test_rivals_are_told_apart_by_question(scenario: Scenario) -> None:
    text = "id: mine\ntitle: Mine\nquestion: {rivals: NAME}\n" + CANDIDATES.replace(
        "n: 100}", "n: 100, population: {duration_months: {at_most: 12}, pain_nrs: {at_least: 4}}}"
    )
    wanted = {
        "antibody": ("igg", "igm", "none"),
        "persistence": ("central", "peripheral"),
        "cytokines": ("bystander", "cause"),
    }
    for name, explanations in wanted.items():
        size = Size(worlds=10, people=8)
        found = believe(asked(text.replace("NAME", name)), scenario, money_with(), size, SILENT)
        assert found.draws.rivals == explanations
        assert found.draws.rival_weights.sum() == pytest.approx(1)
        if name == "antibody":
            assert found.draws.rival_weights == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_a_question_between_rivals_is_ranked_by_the_one_that_holds(scenario: Scenario) -> None:
    text = (
        "id: mine\ntitle: Mine\nquestion: {rivals: antibody}\ncandidates:\n"
        "  - like: goebel-2017-lips\n    vary: {patients: [40, 160]}\n"
    )
    asking = Asking(question=asked(text), scenario=scenario, money=money_with(), size=SMALL, portfolio=True)
    found = answer(asking, SILENT)
    assert found.known is None
    assert all(row.share is None for row in found.comparison.rows)
    assert all(row.true_rival.value >= 1 / 3 - 0.05 for row in found.comparison.rows)
    assert found.portfolio is not None
    assert found.portfolio.pairs == ()


def test_one_effect_is_asked_of_every_file(tmp_path: Path) -> None:
    del tmp_path
    effect = asked(EFFECT + CANDIDATES).effect
    assert effect is not None
    assert effect.sign == -1
    assert effect.words.startswith("benefit of IVIG over placebo, mean pain diary, days 6 to 42")
