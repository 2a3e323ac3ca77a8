"""Who could not be simulated, and how far they had come, stands in the error with the row of the table."""

from __future__ import annotations

import pytest

from calor.core.errors import InputError
from calor.engine import compile_kernel, load_antimony
from calor.engine.dosing import steady
from calor.engine.dosing.doses import Dose
from calor.engine.dosing.records import Event, Record
from calor.engine.dosing.simulate import MOST_NAMED, simulate_records
from calor.engine.dosing.steady import SteadyStates
from tests.engine.dosing.linear_kernel import LinearKernel

BLOWS_UP = "x = 0; x' = x * x"
"""From x(0) = 1 on: 1 / (1 - t), which is no number any more at 1."""


def rows(patient: str, first_line: int, amount: float) -> list[Record]:
    given = Record(patient, 0.0, Event.DOSE, amount, "x", line=first_line, file="doses.csv")
    seen = [
        Record(patient, time, Event.OBSERVATION, line=first_line + place, file="doses.csv")
        for place, time in enumerate((0.25, 0.5, 0.75, 2.0), start=1)
    ]
    return [given, *seen]


def test_each_who_failed_is_named_with_the_last_row_that_was_reached() -> None:
    """A dose of 1 fails at 1, after the row of 0.75; one of 5 at 0.2, before any row; one of 0.1 never."""
    kernel = compile_kernel(load_antimony(BLOWS_UP))
    records = [*rows("early", 2, 5.0), *rows("well", 7, 0.1), *rows("late", 12, 1.0)]
    with pytest.raises(InputError) as refusal:
        simulate_records(kernel, records, ("x",))
    early, late = refusal.value.problems
    assert (early.place.line, late.place.line) == (3, 15)
    assert (early.place.key, late.place.key) == ("ID early", "ID late")
    assert early.place.file == late.place.file == "doses.csv"
    well = simulate_records(kernel, rows("well", 7, 0.1), ("x",))
    assert well[1:, 0] == pytest.approx([0.1 / (1 - 0.1 * time) for time in (0.25, 0.5, 0.75, 2.0)], rel=1e-4)


def test_no_more_than_ten_are_named() -> None:
    kernel = compile_kernel(load_antimony(BLOWS_UP))
    records = [row for number in range(MOST_NAMED + 3) for row in rows(str(number), 2 + 5 * number, 1.0)]
    with pytest.raises(InputError) as refusal:
        simulate_records(kernel, records, ("x",))
    assert [one.place.key for one in refusal.value.problems] == [
        f"ID {number}" for number in range(MOST_NAMED)
    ]


def test_where_newton_s_method_finds_nothing_a_run_in_is_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "NEWTON_STEPS", 0)
    with pytest.raises(InputError) as refusal:
        SteadyStates(LinearKernel()).periodic(Dose("central", 1.0, 0.0), 12.0, 12.0)
    (problem,) = refusal.value.problems
    assert problem.what == "no steady state was found under doses every 12"
    assert problem.hint == "give SS 0 and a run-in of earlier doses instead"
