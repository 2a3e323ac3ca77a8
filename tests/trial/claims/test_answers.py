"""The verdict follows its rule; the prior's share is that of a normal prior; a posterior narrows."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.posterior import Posterior
from calor.trial.bank.bank import Cell
from calor.trial.bank.intervals import Interval
from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.claims.answers import answer, overall, prior_share, verdict_of
from calor.trial.claims.document import answers_document
from calor.trial.claims.frozen import ANSWERS, frozen_answers
from calor.trial.claims.quantities import CellValues
from calor.trial.claims.questions import Effect, load_questions

SMALL = RunSettings(
    worlds=3, candidates=60, most_candidates=120, enough_eligible=12, fewest_eligible=4, replicates=100
)
BENEFIT = Effect(kind="effect", asks="pain", arm="active", at_least=0.5)
UNKNOWN = BENEFIT.model_copy(update={"supported_when": "undetermined"})


@pytest.mark.parametrize(
    ("probability", "share", "status", "benefit", "unknown"),
    [
        (0.95, 0.2, ResultStatus.POSTERIOR, "supported", "contradicted"),
        (0.9, 0.5, ResultStatus.POSTERIOR, "supported", "contradicted"),
        (0.05, 0.2, ResultStatus.POSTERIOR, "contradicted", "contradicted"),
        (0.5, 0.2, ResultStatus.POSTERIOR, "undetermined", "supported"),
        (0.95, 0.6, ResultStatus.POSTERIOR, "undetermined", "supported"),
        (0.95, 0.2, ResultStatus.PRIOR, "undetermined", "supported"),
    ],
)
def test_a_verdict_follows_the_rule(
    probability: float, share: float, status: ResultStatus, benefit: str, unknown: str
) -> None:
    bounds = Interval(probability, probability)
    assert verdict_of(BENEFIT, bounds, share, status) == benefit
    assert verdict_of(UNKNOWN, bounds, share, status) == unknown


def test_rivals_that_no_data_have_weighed_must_agree() -> None:
    for bounds in (Interval(0.5, 0.95), Interval(0.05, 0.2), Interval(0.0, 1.0)):
        assert verdict_of(BENEFIT, bounds, 0.2, ResultStatus.POSTERIOR) == "undetermined"
    assert verdict_of(BENEFIT, Interval(0.9, 1.0), 0.2, ResultStatus.POSTERIOR) == "supported"


def test_a_claim_stands_as_its_parts_do() -> None:
    assert overall(["supported", "supported"]) == "supported"
    assert overall(["supported", "contradicted", "undetermined"]) == "mixed"
    assert overall(["supported", "undetermined"]) == "undetermined"


def values(worlds: np.ndarray) -> CellValues:
    cells = tuple(Cell(0, world, world, world + 1) for world in range(len(worlds)))
    return CellValues(cells, np.ones(1), worlds, (worlds, worlds))


def test_the_prior_s_share_is_its_weight_in_a_normal_posterior_mean() -> None:
    """Prior N(m, 1), one datum of variance 1/3: the posterior mean is 1/4 m + 3/4 x."""
    generator = np.random.default_rng(1)
    prior, posterior = generator.normal(0, 1, 40_000), generator.normal(0.7, 0.5, 40_000)
    share = prior_share(values(posterior), values(prior), ResultStatus.POSTERIOR)
    assert share == pytest.approx(0.25, abs=0.01)
    assert prior_share(values(prior), values(posterior), ResultStatus.POSTERIOR) == 1.0
    assert prior_share(values(posterior), values(prior), ResultStatus.PRIOR) == 1.0
    assert prior_share(values(posterior), values(np.ones(9)), ResultStatus.POSTERIOR) == 1.0


def test_a_posterior_narrows_an_answer_and_a_prior_alone_supports_none() -> None:
    """A posterior that knows every number of the disease exactly leaves the drug's own numbers open."""
    names = tuple(parameter.identifier for parameter in load_disease().parameters.uncertain)
    rivals = [rival.name for rival in load_rivals()]
    exact = Posterior(
        names,
        {name: np.zeros((3, len(names))) for name in rivals},
        {name: float(name == "central-none") for name in rivals},
        {"seed": 1},
    )
    question = load_questions()["S10"]
    before = answer(question, SMALL, Silent(), Scenario())
    after = answer(question, SMALL, Silent(), Scenario(exact))
    assert before.basis.name == "prior"
    assert before.power is None
    assert before.parts[0].prior_share == 1.0
    assert after.power is not None
    assert after.parts[0].prior_share < 0.7
    document = answers_document([after], Scenario(exact), SMALL, 1.0)
    told = document["answers"]["S10"]
    assert told["estimate"] == after.parts[0].effect.mean.value
    assert told["trial"]["power"]["value"] == after.power.value
    assert document["provenance"]["posterior"]["name"] == exact.name
    assert any("does not say of which model" in misfit for misfit in document["provenance"]["misfits"])


def test_the_answers_that_ship_are_whole() -> None:
    document = frozen_answers()
    assert ANSWERS.is_file()
    assert set(document["answers"]) == set(load_questions())
    for claim, told in document["answers"].items():
        assert [part["asks"] for part in told["parts"]] == [
            part.asks for part in load_questions()[claim].parts
        ]
        for part in told["parts"]:
            low, high = part["interval95"]
            assert low <= part["estimate"] <= high
            assert part["range_over_rivals"][0] <= part["estimate"] <= part["range_over_rivals"][1]
            assert 0 <= part["share_resting_on_prior"] <= 1
            assert part["verdict"] in {"supported", "contradicted", "undetermined"}
    if document["status"] == "prior-predictive":
        judged = {part["verdict"] for told in document["answers"].values() for part in told["parts"]}
        assert "contradicted" not in judged
