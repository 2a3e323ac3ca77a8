"""What a person is told about a patient that failed where only the reference backend solves the model."""

from __future__ import annotations

import re

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, Options, Status
from calor.engine.outcome import failure
from calor.engine.symbolic.expression import Expression, constant, symbol
from calor.engine.symbolic.functions import square_root
from calor.engine.symbolic.system import Constraint, Delayed, State, System

X, Z, PAST = symbol("x"), symbol("z"), symbol("past")
USUAL = Options(rtol=1e-6, max_steps=2_000)
AT_ONE = r"(1|1\.0\d*|0\.99\d*)"


def told(system: System, end: float) -> tuple[Status, str]:
    kernel, batch = compile_kernel(system), Batch(np.array([end]), system.state_names)
    result = kernel.simulate(batch, USUAL)
    return Status(int(result.status[0])), str(failure(kernel, batch, result, 0, USUAL))


def with_delay(rate: Expression) -> System:
    return System(
        "delayed", (State("x", constant(1.0), rate),), delayed=(Delayed("past", X, X, constant(5.0)),)
    )


def test_the_constraint_that_has_no_solution_is_named_with_its_value() -> None:
    never = Constraint("rule", Z * Z + 2.0, (("z", constant(1.0)),))
    states = (State("x", constant(0.0), constant(1.0)), State("z", constant(1.0), constant(0.0)))
    status, text = told(System("rule", states, constraints=(never,)), 2.0)
    assert status is Status.NO_SOLUTION
    assert "the rule is 3 instead of 0" in text


def test_with_delays_the_time_is_told_and_no_quantity() -> None:
    """x = 1 / (1 - t) grows without bound; sqrt(x) of x = 1 - t has no value after 1. The past is gone."""
    status, text = told(with_delay(X * X * PAST), 4.0)
    assert status in (Status.STEP_TOO_SMALL, Status.NON_FINITE)
    assert re.search(rf"time {AT_ONE}", text)
    assert "changes by" not in text
    status, text = told(with_delay(-PAST + 0.0 * square_root(X)), 4.0)
    assert status is Status.UNDEFINED
    assert re.search(r"not defined at time [1-3]\.?\d*\n", text)


def test_a_model_without_states_has_no_quantity_to_name() -> None:
    system = load_antimony("b = 1; a := piecewise(b, sin(time) > 0, 2)")
    kernel, batch = compile_kernel(system, "reference"), Batch(np.array([9.0]), ("a",))
    options = Options(max_steps=3)
    result = kernel.simulate(batch, options)
    assert result.status[0] == Status.STEP_LIMIT
    assert ": " not in str(failure(kernel, batch, result, 0, options)).splitlines()[0]


@pytest.mark.parametrize(
    ("rate", "cause"), [("time / k", "(1 / k) is inf"), ("ln(time - 1)", "ln((time - 1)) is nan")]
)
def test_a_rate_that_time_alone_spoils_is_named(rate: str, cause: str) -> None:
    system = load_antimony(f"x = 1; k = 0; x' = {rate}")
    kernel, batch = compile_kernel(system), Batch(np.array([9.0]), ("x",))
    result = kernel.simulate(batch, Options())
    text = str(failure(kernel, batch, result, 0, Options()))
    assert cause in text
