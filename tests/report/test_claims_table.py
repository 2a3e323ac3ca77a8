"""A claim's power is told with what it rests on, in the answers that ship and in new ones."""

from __future__ import annotations

from calor.report.claims_table import power_text
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
