"""A claim's power is told with what it rests on, in the answers that ship and in new ones."""

from __future__ import annotations

from calor.report.claims_table import power_text, study_text
from calor.trial.claims.frozen import frozen_answers


def test_the_power_of_an_answer_that_ships_says_what_it_rests_on() -> None:
    answer = frozen_answers()["answers"]["S4"]
    said = power_text(answer)
    assert f"{100 * answer['share_resting_on_prior']:.0f}% of the claim's answer rests on the prior" in said
    assert "from rival to rival" in said


def test_a_new_answer_gives_the_range_and_the_warning() -> None:
    answer = frozen_answers()["answers"]["S4"]
    power = {
        "value": 0.97,
        "mc_error": 0.01,
        "of": "prednisolone minus placebo",
        "range_over_rivals": [0.9, 1.0],
        "share_resting_on_prior": 0.8,
        "warnings": ["no data have narrowed it"],
    }
    said = power_text({**answer, "trial": {**answer["trial"], "power": power}})
    assert "power 0.97 ± 0.01; 0.900 to 1.000 from rival to rival; 80% of the uncertain numbers" in said
    assert said.endswith("Warning: no data have narrowed it.")


SIZE = {"patients": 160, "chance": 0.62, "error": 0.03, "cost": 2.2e6, "months": 53.0}


def test_the_study_that_would_settle_a_claim_has_size_cost_and_chance() -> None:
    study = {"asks": "pain", "arm": "IVIG", "currency": "GBP", "sizes": [SIZE], "settles": SIZE, "best": SIZE}
    text = study_text("S3", {"studies": {"S3": study}})
    for part in ("S3: to settle it (pain, IVIG)", "160 patients", "2.2 million GBP", "53 months", "62% ± 3%"):
        assert part in text
    unlikely = {**study, "settles": None}
    assert "no size of its trial up to 160 would settle it" in study_text("S3", {"studies": {"S3": unlikely}})
    none = {"studies": {"S5": {"why_none": "no part of it is a contrast with control"}}}
    assert "no part of it is a contrast" in study_text("S5", none)
    assert "--run works it out" in study_text("S3", {})


def test_the_study_of_a_claim_on_a_subgroup_says_how_it_is_read_and_that_it_takes_too_long() -> None:
    text = study_text("S5", frozen_answers())
    assert "its trial, read where blister-tnf at least 30 and elsewhere, in 10,240 patients" in text
    assert text.endswith("that is more than the 120 months in which the answer matters")
    assert "answer matters" not in study_text("S4", frozen_answers())


def test_every_claim_that_ships_has_a_study_with_size_cost_and_chance() -> None:
    for claim, study in frozen_answers()["studies"].items():
        size = study["settles"] or study["best"]
        assert size["patients"] > 0, claim
        assert size["cost"] > 0, claim
        assert 0 < size["chance"] <= 1, claim
