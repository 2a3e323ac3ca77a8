"""Where states lead, nothing that a lane decides depends on how far other lanes let them be ahead of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest

from calor.core.targets import PINNED, TARGETS
from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, BatchResult, Kernel, Options, Status, Summary, rows_of
from calor.engine.calendar import Action, Calendar
from calor.engine.ir.affine_blocks import affine_blocks
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.lowering import lower

SLOW = """
a' = 0.05 - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - {weight}*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c - 0.02*d
n = 1; depot = 0; central = 0; effect = 0; a = 1; b = 1; c = 1; d = 1
"""
DRUG = """
depot' = {rate}; central' = {into} - 3*central; effect' = 2*(central/(0.4 + central) - effect)
""" + SLOW.format(weight=0.8)
AFFINE = DRUG.format(rate="-n*depot", into="n*depot")
SATURABLE = DRUG.format(rate="-n*depot/(0.7 + depot)", into="depot")
GROWS = DRUG.format(rate="n*depot^2 - depot", into="depot")
"""Where n is large the depot is infinite soon after a dose."""
NO_NUMBER = DRUG.format(rate="1e-9*ln(depot) - n", into="depot").replace("depot = 0", "depot = 1")
"""Where n is large the depot falls below zero."""
WAVES = """
depot' = -8*depot; central' = 20*(sin(n*time) + depot - central); effect' = 2*(central*central - effect)
""" + SLOW.format(weight=1e-7)
"""They hardly move the rest, whose steps are longer than many of theirs."""
FAR_OUT = """
depot' = -8*depot; central' = 5*(depot + 0.6*time - central) + 1e-3/(1 + exp(n*central))
effect' = 2*(central/(0.4 + central) - effect)
""" + SLOW.format(weight=0.8).replace("a' = 0.05 - 0.03*d*a", "a' = 0.3 + 1e-3/(1 + exp(200*a)) - 2e-4*d*a")
"""Derivatives by central, which leads, and by a are no numbers once these are large; the rates are."""

N = 21
DAILY = tuple(float(day) for day in range(9))
PAIRS = (0.3, 0.1 + 0.2, 0.8, 0.7 + 0.1, 3.3, 1.1 + 2.2, 4.4, 5.0)
"""Some of these times are next to each other among the numbers that a computer has."""


@dataclass(frozen=True)
class Case:
    """Patients of a model. Arguments: the model, when it is dosed, the range of n, options, how they end."""

    model: str
    doses: Sequence[float]
    span: tuple[float, float]
    options: Options
    endings: frozenset[Status]

    def batch(self) -> Batch:
        """Return the patients."""
        values = np.random.default_rng(7).uniform(*self.span, size=(N, 1))
        doses = Calendar.of(*((time, Action.ADD, "depot", 1.0) for time in self.doses))
        windows = (Summary("auc", "effect", 0.5, 19.0), Summary("maximum", "central", 0.0, 20.0))
        times, outputs = np.linspace(0, 20, 81), ("b", "effect", "c")
        return Batch(times, outputs, ("n",), values, calendars=(doses,), summaries=windows)


LIMIT, SMALL, NOT_FINITE = Status.STEP_LIMIT, Status.STEP_TOO_SMALL, Status.NON_FINITE
CASES = {
    "limit, collocation": Case(AFFINE, DAILY, (5, 80), Options(1e-7, max_steps=150), frozenset({LIMIT})),
    "limit, Rodas5P": Case(SATURABLE, DAILY, (5, 80), Options(1e-7, max_steps=350), frozenset({LIMIT})),
    "limit, leading alone": Case(WAVES, DAILY, (60, 150), Options(max_steps=300), frozenset({LIMIT})),
    "too small": Case(GROWS, DAILY, (0.05, 0.4), Options(), frozenset({Status.FINISHED, SMALL})),
    "not finite": Case(NO_NUMBER, DAILY, (0.05, 2), Options(), frozenset({Status.FINISHED, NOT_FINITE})),
    "no room": Case(WAVES, DAILY, (5, 150), Options(), frozenset({Status.FINISHED})),
    "no derivative": Case(FAR_OUT, DAILY[:6], (80, 140), Options(), frozenset({Status.FINISHED})),
    "doses side by side": Case(AFFINE, PAIRS, (5, 80), Options(1e-7), frozenset({Status.FINISHED})),
}
HERE = [each.name for each in TARGETS if each.is_here]
FUSED = [name for name in HERE if name in {"avx512", "avx2", "neon"}]


@lru_cache
def kernel_of(model: str, target: str) -> Kernel:
    """Return a model's code for the target that is pinned."""
    return compile_kernel(load_antimony(model))


def simulated(case: Case, target: str, monkeypatch: pytest.MonkeyPatch, *rows: int) -> BatchResult:
    """Return some of a case's patients, by the code for a target, in one thread."""
    monkeypatch.setenv(PINNED, target)
    options = Options(case.options.rtol, case.options.atol, case.options.max_steps, threads=1)
    return kernel_of(case.model, target).simulate(rows_of(case.batch(), np.array(rows)), options)


def same(found: BatchResult, expected: BatchResult, rows: Sequence[int] = range(N)) -> None:
    for name in ("outputs", "summaries", "final_states", "status", "steps", "reached"):
        got, wanted = getattr(found, name), getattr(expected, name)[list(rows)]
        assert np.array_equal(got, wanted, equal_nan=True), name


@pytest.mark.parametrize("target", HERE)
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_patient_ends_alike_in_any_company(
    case: Case, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = simulated(case, target, monkeypatch, *range(N))
    assert set(everyone.status.tolist()) == case.endings
    shuffled = np.random.default_rng(2).permutation(N).tolist()
    for rows in (shuffled, range(5), range(5, 14), *([i] for i in range(N))):
        same(simulated(case, target, monkeypatch, *rows), everyone, rows)


@pytest.mark.parametrize("target", FUSED[1:])
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_patient_ends_alike_in_lanes_of_any_number(
    case: Case, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    widest = simulated(case, FUSED[0], monkeypatch, *range(N))
    same(simulated(case, target, monkeypatch, *range(N)), widest)


def test_the_rest_comes_to_where_leading_states_can_go_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["not finite"]
    found = simulated(case, HERE[0], monkeypatch, *range(N))
    # A depot of 1 gets 1 a day from the start on, and loses n a day: when is it empty, before the next dose?
    empty = (2.0 + np.arange(9)) / case.batch().parameters
    ends = np.min(np.where(empty < [*range(1, 9), 20], empty, np.inf), axis=1)
    failed = np.isfinite(ends)
    assert np.array_equal(found.status == Status.NON_FINITE, failed)
    np.testing.assert_allclose(found.reached[failed], ends[failed], rtol=1e-6)
    saved = case.batch().save_at < found.reached[:, None]
    assert np.isfinite(found.outputs[saved]).all()
    assert np.isnan(found.outputs[failed][~saved[failed]]).all()


def test_these_models_are_led_by_both_methods() -> None:
    programs = [leading_first(lower(load_antimony(case.model))) for case in CASES.values()]
    assert all(program.leading == 3 for program in programs)
    assert {bool(affine_blocks(program)) for program in programs} == {True, False}
