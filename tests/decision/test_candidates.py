"""Candidates: what a file of them names, and what is refused where it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError, UnsupportedError
from calor.decision.candidates.candidate import Candidate, trial_candidate
from calor.decision.questions.reading import read_question
from calor.decision.questions.shipped import question_ids, question_path, question_text, shipped_questions
from calor.trial.protocols.reading import check_protocol, read_protocol
from calor.trial.protocols.template import protocol_text
from tests.decision.asked import EFFECT, asked


def names(candidates: str) -> list[str]:
    return [one.name for one in asked(f"{EFFECT}candidates:\n{candidates}").candidates]


def test_every_combination_of_what_varies_is_a_candidate_with_a_name_of_its_own() -> None:
    assert names(
        """
  - name: IVIG
    like: goebel-2017-lips
    vary: {patients: [40, 80], regimen: ["0.5 g/kg iv at day 1", "2 g/kg iv at day 1"]}
  - cohort: {measure: blister-tnf, n: [50, 100]}
  - cohort: {measure: natural-history, n: 50, days: 90}
"""
    ) == [
        "IVIG, 0.5 g/kg iv at day 1, n=40",
        "IVIG, 2 g/kg iv at day 1, n=40",
        "IVIG, 0.5 g/kg iv at day 1, n=80",
        "IVIG, 2 g/kg iv at day 1, n=80",
        "blister-tnf cohort, 12-60 mo, n=50",
        "blister-tnf cohort, 12-60 mo, n=100",
        "natural-history cohort, 90 days, 12-60 mo, n=50",
    ]


def test_a_grid_crosses_treatments_populations_enrichments_endpoints_and_sizes() -> None:
    found = asked(
        f"""{EFFECT}
candidates:
  - grid:
      treatments:
        - {{drug: ivig, regimen: "2 g/kg iv at day 1"}}
        - {{drug: infliximab, regimen: "5 mg/kg iv over 2 h at week 0, 2"}}
      populations:
        - {{duration_months: {{at_least: 1, at_most: 12}}, pain_nrs: {{at_least: 4}}}}
        - {{duration_months: {{at_least: 12, at_most: 60}}, pain_nrs: {{at_least: 4}}}}
      enrichments: [{{}}, {{blister_tnf: {{at_least: 30}}}}]
      endpoints:
        - {{variable: pain-diary, from_day: 15, to_day: 42}}
        - {{variable: pain-diary, from_day: 15, to_day: 42, responder: {{reduction_percent: 30}}}}
      patients: [40, 80, 160]
"""
    ).candidates
    assert len(found) == 2 * 2 * 2 * 2 * 3
    assert len({one.name for one in found}) == len(found)
    assert len({one.family for one in found}) == 16
    assert {one.kind for one in found} == {"ivig", "infliximab"}
    assert "tuberculosis" in " ".join(hazard for one in found for hazard in one.provides_for)


ONE_OF_EACH = Path(__file__).parents[2] / "examples" / "designs"


def candidate(name: str) -> Candidate:
    return trial_candidate(name, read_protocol(ONE_OF_EACH / f"{name}.yaml"), ())


REFUSED = {
    "loss-of-response": "'log-rank': a log hazard ratio is no difference of means",
    "platform": "a platform design as a candidate",
    "response-adaptive": "a response-adaptive design as a candidate",
}


@pytest.mark.parametrize("name", sorted(path.stem for path in ONE_OF_EACH.glob("*.yaml")))
def test_every_example_of_a_design_is_a_candidate_or_refused_by_name(name: str) -> None:
    if name in REFUSED:
        with pytest.raises(UnsupportedError, match=REFUSED[name]):
            candidate(name)
    else:
        assert "prednisolone" in candidate(name).kind


def test_a_factorial_shows_both_main_effects_and_the_interaction() -> None:
    unit = "(NRS points (0-10))"
    assert candidate("factorial").statistics == (
        f"prednisolone (with or without IVIG) {unit}",
        f"IVIG (with or without prednisolone) {unit}",
        f"both beyond prednisolone plus IVIG (interaction) {unit}",
    )


def test_a_withdrawal_says_of_whom_it_speaks() -> None:
    (statistic,) = candidate("randomised-withdrawal").statistics
    assert statistic == "prednisolone minus placebo in those who respond to the run-in (NRS points (0-10))"


def test_a_prior_of_the_analysis_changes_nothing_of_what_a_study_shows() -> None:
    plain, bayesian = (
        asked(f"{EFFECT}candidates:\n  - like: goebel-2017-lips\n{vary}").candidates[0]
        for vary in ("", "    vary: {analysis.prior: [{mean: 0, sd: 1}]}\n")
    )
    assert bayesian.protocol is not None
    assert bayesian.protocol.analysis.prior is not None
    assert bayesian.family == plain.family


def test_what_stands_twice_is_one_candidate() -> None:
    twice = "  - like: goebel-2017-lips\n  - like: goebel-2017-lips\n    vary: {patients: [111]}\n"
    assert len(names(twice)) == 1


@pytest.mark.parametrize(
    ("entry", "line", "key", "what"),
    [
        ("  - like: goebel-2071\n", 7, "candidates[0].like", "neither a published trial nor a file"),
        ("  - like: goebel-2017-lips\n    vary: {patient: [3]}\n", 8, "candidates[0].vary", "patient"),
        ("  - like: goebel-2017-lips\n    vary: {patients: [3]}\n", 8, "candidates[0].vary", "at least 4"),
        ("  - like: kalita-2006\n    vary: {regimen: [x]}\n", 8, "candidates[0].vary", "regimen"),
        ("  - like: kalita-20v40\n    vary: {'arms[7].name': [x]}\n", 8, "candidates[0].vary", "arms[7]"),
        ("  - cohort: {measure: blister, n: 50}\n", 7, "candidates[0].cohort.measure", "blister-tnf"),
        ("  - cohort: {measure: blister-tnf, n: 2}\n", 7, "candidates[0].cohort", "from 4 to"),
        ("  - cohort: {measure: natural-history, n: 9}\n", 7, "candidates[0].cohort", "days"),
        ("  - {like: goebel-2010, grid: 3}\n", 7, "candidates[0]", "grid"),
        ("  - vary: {patients: [40]}\n", 7, "candidates[0]", "like, grid or cohort"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(entry: str, line: int, key: str, what: str) -> None:
    with pytest.raises(InputError) as found:
        asked(f"{EFFECT}candidates:\n{entry}")
    text = str(found.value)
    assert f"mine.yaml, line {line}: {key}" in text, text
    assert what in text


def test_a_trial_whose_result_is_no_normal_law_is_refused_by_name() -> None:
    looks = """  - like: goebel-2017-lips
    vary: {design: [{type: group-sequential, looks: [0.5, 1]}]}
"""
    with pytest.raises(UnsupportedError, match="group-sequential design as a candidate") as found:
        names(looks)
    assert "in a parallel design, run to the end, show at least as much" in str(found.value)
    stops = "  - like: goebel-2017-lips\n    vary: {conduct.stopping: [{per_month: 0.1}], visits: [[42]]}\n"
    with pytest.raises(
        UnsupportedError, match=r"conduct\.stopping: the people of a comparison are followed without it"
    ):
        names(stops)


@pytest.mark.parametrize(
    "design", ["multi-arm-multi-stage", "drop-the-losers", "response-adaptive", "platform"]
)
def test_designs_that_change_on_the_way_are_refused_by_name(design: str) -> None:
    trial = check_protocol(parse_document(protocol_text(design=design), "trial.yaml"))
    with pytest.raises(UnsupportedError, match=f"a {design} design as a candidate"):
        trial_candidate("mine", trial, ())


@pytest.mark.parametrize(("design", "contrasts"), [("dose-finding", 4), ("borrowed-control", 1)])
def test_designs_of_a_fixed_size_are_candidates_like_parallel_arms(design: str, contrasts: int) -> None:
    trial = check_protocol(parse_document(protocol_text(design=design), "trial.yaml"))
    found = trial_candidate("mine", trial, ())
    assert len(found.statistics) == contrasts
    assert found.patients == trial.patients


def test_too_many_candidates_are_refused() -> None:
    many = ", ".join(str(size) for size in range(10, 411))
    with pytest.raises(UnsupportedError, match="more than 400"):
        names(f"  - like: goebel-2017-lips\n    vary: {{patients: [{many}]}}\n")


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("quantity: {like: kalita-2006, arm: aspirin}", "arm is 'aspirin'"),
        ("quantity: {like: goebel-2017-lips, arm: placebo}", "arm is 'placebo'"),
        ("{}", "ask one thing"),
        ("{rivals: antibody, quantity: {like: goebel-2010}}", "ask one thing"),
        ("rivals: antibodies", "antibody"),
        ("decision: {like: goebel-2017-lips, benefit_over: 0.5}", "needs value"),
    ],
)
def test_a_question_asks_one_thing_that_is_there(question: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        asked(f"id: mine\ntitle: Mine\nquestion:\n  {question}\n")


FACTORIAL = """
id: mine
title: Mine
question:
  KIND: {like: factorial.yaml, arm: ARM}
candidates:
  - like: factorial.yaml
"""


@pytest.mark.parametrize(
    ("arm", "contrast", "words"),
    [
        ("prednisolone", 0, "benefit of prednisolone (with or without IVIG), mean pain diary"),
        ("IVIG", 1, "benefit of IVIG (with or without prednisolone), mean pain diary"),
        ("interaction", 2, "benefit of both beyond prednisolone plus IVIG (interaction), mean pain diary"),
    ],
)
def test_a_factorial_may_be_asked_for_a_treatment_or_for_the_interaction(
    arm: str, contrast: int, words: str
) -> None:
    effect = asked(FACTORIAL.replace("KIND", "quantity").replace("ARM", arm), ONE_OF_EACH).effect
    assert effect is not None
    assert effect.contrast == contrast
    assert effect.words.startswith(words)


def test_an_interaction_is_nothing_to_give() -> None:
    text = FACTORIAL.replace("KIND", "decision").replace("ARM", "interaction")
    with pytest.raises(InputError, match="is nothing to give"):
        asked(text, ONE_OF_EACH)
    with pytest.raises(InputError, match="arm is 'both'"):
        asked(text.replace("arm: interaction", "arm: both"), ONE_OF_EACH)


def test_a_decision_by_life_years_is_not_asked_of_those_who_responded() -> None:
    text = (
        FACTORIAL.replace("KIND", "decision")
        .replace(", arm: ARM", "")
        .replace("factorial", "randomised-withdrawal")
    )
    with pytest.raises(UnsupportedError, match="known after it"):
        asked(text, ONE_OF_EACH)
    assert asked(text.replace(".yaml}", ".yaml, value: 3000}", 1), ONE_OF_EACH).effect is not None


LIPS = "candidates:\n  - like: goebel-2017-lips\n"


def test_a_question_may_be_of_a_trial_with_looks_whose_effect_is_that_of_its_arms() -> None:
    looks = "{like: goebel-2017-lips, change: {design: {type: group-sequential, looks: [0.5, 1]}}}"
    found = asked(f"id: mine\ntitle: Mine\nquestion:\n  quantity: {looks}\n{LIPS}")
    assert found.effect is not None
    assert found.effect.protocol.design.adaptive


def test_a_trial_is_read_in_the_subgroup_of_the_question_and_elsewhere() -> None:
    more_in = "benefit_over: 0.5, more_in: {by: blister-tnf, at_least: 30}}"
    found = asked(EFFECT.replace("benefit_over: 0.5}", more_in) + LIPS)
    unit = "(NRS points (0-10))"
    assert found.candidates[0].statistics == (
        f"IVIG minus placebo where blister-tnf at least 30 {unit}",
        f"IVIG minus placebo elsewhere {unit}",
    )
    assert found.effect is not None
    assert found.effect.words.startswith(
        "how much larger where blister-tnf at least 30 than elsewhere: benefit of IVIG over placebo"
    )
    assert found.effect.asked_of(np.array([[[-1.0, -0.25], [-2.0, 0.5]]])).tolist() == [[-0.75, -2.5]]


def test_a_cohort_without_a_population_takes_that_of_the_question_and_needs_one() -> None:
    with pytest.raises(InputError, match="has no population"):
        asked(
            "id: mine\ntitle: Mine\nquestion: {rivals: antibody}\n"
            "candidates:\n  - cohort: {measure: blister-tnf, n: 50}\n"
        )


def test_five_questions_ship_one_for_each_kind_of_person() -> None:
    assert len(question_ids()) == 5
    assert len({question.asked_by for question in shipped_questions()}) == 5
    for identifier in question_ids():
        assert read_question(question_path(identifier)).candidates


def test_the_template_and_the_general_grid_are_valid(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(question_text(), encoding="utf-8")
    assert len(read_question(mine).candidates) == 8
    general = read_question(mine, general_grid=True).candidates
    assert {"ivig", "infliximab", "efgartigimod", "natural-history"} < {one.kind for one in general}


def test_a_protocol_file_beside_the_question_may_be_named(tmp_path: Path) -> None:
    from calor.trial.protocols.template import protocol_text

    (tmp_path / "own.yaml").write_text(protocol_text("goebel-2010"), encoding="utf-8")
    found = asked(f"{EFFECT}candidates:\n  - like: own.yaml\n", tmp_path).candidates
    assert found[0].name == "own, n=13"
    assert found[0].protocol is not None
    assert found[0].protocol.design.crossed
