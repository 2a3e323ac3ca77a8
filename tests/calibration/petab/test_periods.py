"""Calendars of doses as periods."""

from __future__ import annotations

from calor.calibration.petab.periods import infusion_name, periods_of
from calor.engine.calendar import Action, Calendar


def test_what_happens_at_one_time_is_one_condition_in_the_order_of_the_calendar() -> None:
    calendar = Calendar.of(
        (2.0, Action.SCALE, "x", 0.5), (2.0, Action.ADD, "x", 3.0), (2.0, Action.ADD, "y", 1.0)
    )
    made = periods_of([calendar])
    assert made.conditions == {"dose_1": (("x", "(x)*0.5 + 3.0"), ("y", "y + 1.0"))}
    assert made.periods == ((2.0, "dose_1"),)


def test_alike_doses_share_a_condition() -> None:
    daily = Calendar.of(*((float(day), Action.ADD, "x", 40.0) for day in range(5)))
    made = periods_of([daily])
    assert made.conditions == {"dose_1": (("x", "x + 40.0"),)}
    assert [time for time, _ in made.periods] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_infusions_of_several_drugs_add_up_to_the_rate_that_flows() -> None:
    first = Calendar.of((0.0, Action.RATE, "x", 4.0), (2.0, Action.RATE, "x", -4.0))
    second = Calendar.of((1.0, Action.RATE, "x", 3.0), (3.0, Action.RATE, "x", -3.0))
    made = periods_of([first, second])
    rates = [made.conditions[condition] for _, condition in made.periods]
    assert rates == [((infusion_name("x"), rate),) for rate in ("4.0", "7.0", "3.0", "0.0")]
    assert made.infused == ("x",)
