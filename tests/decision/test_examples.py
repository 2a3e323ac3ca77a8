"""The example files of questions are valid, and one runs from end to end with results that were seen."""

from __future__ import annotations

from pathlib import Path

from calor.core.progress import SILENT
from calor.decision.asking import Asking, answer
from calor.decision.believed import Size
from calor.decision.informing import RESPONDERS, informs
from calor.decision.money.figures import money_with
from calor.decision.questions.reading import read_question
from calor.trial.bank.scenario import Scenario

DIRECTLY = "directly"
OTHER = "through the model: other people"
COMPARISON = "another comparison of treatments; another outcome"
EXAMPLES = Path(__file__).parents[2] / "examples" / "questions"


def test_the_example_question_runs_with_other_candidates_and_a_result(scenario: Scenario) -> None:
    own = read_question(EXAMPLES / "early-anti-tnf.yaml")
    assert [one.patients for one in own.candidates] == [40, 80, 40, 100, 100]
    question = read_question(EXAMPLES / "early-anti-tnf.yaml", EXAMPLES / "candidates.yaml")
    assert [one.name for one in question.candidates] == [
        "goebel-2017-lips, n=40",
        "goebel-2017-lips, n=111",
        "goebel-2010, n=13",
        "antibody-prevalence cohort, 12-60 mo, n=100",
    ]
    asking = Asking(
        question=question,
        scenario=scenario,
        money=money_with(question.file.money),
        size=Size(worlds=20, people=8),
        budget=question.file.budget,
        observed=EXAMPLES / "seen.yaml",
    )
    found = answer(asking, SILENT)
    assert found.updating is not None
    assert found.posterior is not None
    document = found.document({})
    assert document["money"]["numbers"][1]["grade"] == "set"
    assert document["observed"]["results"][0]["standard_errors"] == [0.3]


def test_trials_of_every_design_are_candidates_and_say_how_they_bear_on_the_question() -> None:
    question = read_question(EXAMPLES / "designs-in-early-crps.yaml")
    assert {one.name: informs(one, question.effect) for one in question.candidates} == {
        "parallel, n=48": DIRECTLY,
        "parallel, n=96": DIRECTLY,
        "whole departments, n=96": DIRECTLY,
        "whole departments, n=480": DIRECTLY,
        "factorial with immunoglobulin, n=48": f"{OTHER}; {COMPARISON}",
        "factorial with immunoglobulin, n=96": f"{OTHER}; {COMPARISON}",
        "withdrawal, n=48": f"{OTHER}, {RESPONDERS}; another comparison of treatments",
        "withdrawal, n=96": f"{OTHER}, {RESPONDERS}; another comparison of treatments",
        "crossover, n=48": f"{OTHER}; {COMPARISON}",
        "N-of-1, n=48": f"{OTHER}; {COMPARISON}",
        "half the dose, by a margin, n=96": f"{OTHER}; {COMPARISON}",
    }
