"""`calor design`: boundaries, sample size and power in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from calor.cli.console import console, print_json
from calor.cli.design_endpoint import endpoint_of
from calor.cli.number_types import Number, Whole
from calor.core.errors import InputError, UnsupportedError
from calor.report.numbers import fixed_text
from calor.report.tables import Row, Table, number, words
from calor.trial.theory import (
    Boundaries,
    CrossoverEndpoint,
    Endpoint,
    LogRankEndpoint,
    SampleSize,
    SequentialPlan,
    Spending,
    boundaries,
    equal_information,
    fixed_power,
    fixed_sample_size,
    sequential_power,
    sequential_sample_size,
)
from calor.trial.theory.plan import DESCRIPTIONS, KNOWN_ELSEWHERE

Command = Callable[..., None]


@click.group("design", epilog="Example: calor design boundaries --spending asOF --looks 3")
def command() -> None:
    """Boundaries, sample size and power of fixed and group-sequential trials, in closed form."""


def _stacked(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator that adds options in the order given."""

    def decorate(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_sequential_options = _stacked(
    click.option(
        "--spending",
        metavar="FAMILY",
        help="OF, P, WT, HP (classical) or asOF, asP, KD (alpha spending).",
    ),
    click.option(
        "--parameter", type=Number(-100, 100), help="WT: delta; KD: gamma; HP: z before the last look (3)."
    ),
    click.option("--looks", type=Whole(1, 20), help="Number of analyses, the last one included."),
    click.option("--information", metavar="LIST", help="Information fractions, as 0.3,0.7,1; else equal."),
)

_error_options = _stacked(
    click.option(
        "--alpha", type=Number(0, 1, above=True), default=0.025, show_default=True, help="Total type I error."
    ),
    click.option("--sided", type=Whole(1, 2), default=1, show_default=True, help="1 or 2 sides."),
    click.option("--json", "as_json", is_flag=True, help="Write one JSON document."),
)

_endpoint_options = _stacked(
    click.option(
        "--endpoint",
        required=True,
        metavar="KIND",
        help="mean: two arms' means; rate: two arms' rates; crossover: within-patient difference; "
        "log-rank: two arms' times to an event, as to loss of response; "
        "non-inferiority, equivalence: two arms' means against a margin.",
    ),
    click.option(
        "--delta",
        type=Number(-1e6, 1e6),
        help="mean, crossover: the difference to detect; with a margin: by how much the active arm is worse.",
    ),
    click.option(
        "--margin", type=Number(0, 1e6, above=True), help="non-inferiority, equivalence: the margin."
    ),
    click.option(
        "--sd",
        type=Number(1e-6, 1e6),
        help="mean: SD in each arm; crossover: SD of a patient's difference.",
    ),
    click.option("--rate1", type=Number(0, 1), help="rate: the active arm's rate."),
    click.option(
        "--rate2",
        type=Number(0, 1),
        help="rate: the control arm's rate; log-rank: its share with an event by the end.",
    ),
    click.option(
        "--hazard-ratio",
        type=Number(0.01, 100),
        help="log-rank: the hazard ratio to detect, active to control.",
    ),
    click.option("--allocation", type=Number(0.01, 100), help="n1 / n2, active to control.  [default: 1]"),
    click.option("--normal-approximation", is_flag=True, help="mean, crossover: normal instead of t."),
)


@command.command("boundaries", epilog="Example: calor design boundaries --spending asOF --looks 3")
@_sequential_options
@_error_options
def boundaries_command(as_json: bool, **settings: Any) -> None:
    """Critical values of a group-sequential test."""
    bounds = _bounds(**settings)
    if bounds is None:
        raise InputError.of("is missing", key="looks", hint="or give --information 0.5,1")
    answer = {
        "spending": bounds.plan.spending.value,
        "alpha": bounds.plan.alpha,
        "sided": bounds.plan.sided,
        "information": bounds.information,
        "critical_values": bounds.critical_values,
        "alpha_spent": bounds.alpha_spent,
        "stage_levels": bounds.stage_levels,
    }
    if as_json:
        print_json(answer)
        return
    console().print(_boundary_table(bounds))


@command.command(
    "samplesize",
    epilog="Examples: calor design samplesize --endpoint mean --delta 1 --sd 2.5 --power 0.9 · "
    "calor design samplesize --endpoint log-rank --hazard-ratio 0.5 --rate2 0.6 --power 0.8",
)
@_endpoint_options
@click.option("--power", type=Number(0, 1, above=True), required=True, help="The power to reach, as 0.9.")
@_sequential_options
@_error_options
def sample_size_command(power: float, as_json: bool, **settings: Any) -> None:
    """Total sample size that reaches a power (not rounded)."""
    endpoint, bounds = endpoint_of(settings), _bounds(**_sequential(settings))
    size = _size(endpoint, power, bounds, settings)
    answer: dict[str, Any] = {"n_total": size.n_total, "n_per_arm": size.n_per_arm}
    if bounds is not None:
        answer |= {"expected_n_h1": size.expected_n_h1, "expected_n_h0": size.expected_n_h0}
    if isinstance(endpoint, LogRankEndpoint):
        answer["events"] = size.n_total * endpoint.event_share
    if isinstance(endpoint, CrossoverEndpoint):
        adjusted = replace(endpoint, period_adjusted=True)
        answer["n_total_period_adjusted"] = _size(adjusted, power, bounds, settings).n_total
    if as_json:
        print_json(answer)
        return
    console().print(_size_table(answer, f"Sample size for power {power:g}"))


def _size(
    endpoint: Endpoint, power: float, bounds: Boundaries | None, settings: dict[str, Any]
) -> SampleSize:
    if bounds is None:
        return fixed_sample_size(endpoint, power, settings["alpha"], settings["sided"])
    return sequential_sample_size(endpoint, power, bounds)


def _size_table(answer: dict[str, Any], title: str) -> Table:
    """Return sizes as computed, and whole patients for those that are recruited."""
    whole = [_rounded_up(value) for value in answer["n_per_arm"]]
    rows: list[Row] = [("total", fixed_text(answer["n_total"], 4), str(sum(whole)))]
    names = ("sequence 1", "sequence 2") if "n_total_period_adjusted" in answer else ("active", "control")
    for name, value, count in zip(names, answer["n_per_arm"], whole, strict=True):
        rows.append((name, fixed_text(value, 4), str(count)))
    if "events" in answer:
        rows.append(("events", fixed_text(answer["events"], 4), str(_rounded_up(answer["events"]))))
    others = {
        "expected_n_h1": "expected, effect as assumed",
        "expected_n_h0": "expected, no effect",
        "n_total_period_adjusted": "total, period-adjusted analysis",
    }
    for key, name in others.items():
        if key in answer:
            rows.append((name, fixed_text(answer[key], 4), ""))
    return Table((words("patients"), number("exact"), number("whole")), rows, title=title)


@command.command(
    "power", epilog="Example: calor design power --endpoint crossover --delta 1.5 --sd 1.8 --n 12"
)
@_endpoint_options
@click.option(
    "--n", "n_total", type=Number(1, 1e9), required=True, help="Total sample size (largest, with looks)."
)
@_sequential_options
@_error_options
def power_command(n_total: float, as_json: bool, **settings: Any) -> None:
    """Power of a trial of a given total sample size."""
    endpoint, bounds = endpoint_of(settings), _bounds(**_sequential(settings))
    answer = _power(endpoint, n_total, bounds, settings)
    if isinstance(endpoint, CrossoverEndpoint):
        adjusted = replace(endpoint, period_adjusted=True)
        answer["power_period_adjusted"] = _power(adjusted, n_total, bounds, settings)["power"]
    if as_json:
        print_json(answer)
        return
    rows: list[Row] = [("power", fixed_text(answer["power"], 6))]
    for look, reject in enumerate(answer.get("power_per_look", ()), start=1):
        rows.append((f"rejects first at look {look}", fixed_text(reject, 6)))
    for key, name in (
        ("expected_n", "expected patients"),
        ("power_period_adjusted", "period-adjusted analysis"),
    ):
        if key in answer:
            rows.append((name, fixed_text(answer[key], 6)))
    columns = (words("quantity"), number("value"))
    console().print(Table(columns, rows, title=f"Power, {n_total:g} patients"))


def _power(
    endpoint: Endpoint, n_total: float, bounds: Boundaries | None, settings: dict[str, Any]
) -> dict[str, Any]:
    if bounds is None:
        return {"power": fixed_power(endpoint, n_total, settings["alpha"], settings["sided"])}
    outcome = sequential_power(endpoint, n_total, bounds)
    return {
        "power": outcome.power,
        "power_per_look": outcome.power_per_look,
        "expected_n": outcome.expected_n,
    }


def _boundary_table(bounds: Boundaries) -> Table:
    plan = bounds.plan
    title = f"{DESCRIPTIONS[plan.spending]}, alpha {plan.alpha:g}, {plan.sided}-sided"
    sign = "±" if plan.sided == 2 else ""
    looks = zip(
        bounds.information, bounds.critical_values, bounds.stage_levels, bounds.alpha_spent, strict=True
    )
    rows = [
        (str(look), f"{information:.4g}", f"{sign}{critical:.6f}", f"{level:.4g}", f"{spent:.6f}")
        for look, (information, critical, level, spent) in enumerate(looks, start=1)
    ]
    columns = tuple(map(number, ("look", "information", "critical z", "level (1-sided)", "alpha spent")))
    return Table(columns, rows, title=title)


def _rounded_up(value: float) -> int:
    """Return the next whole number; a value that rounding error lifts above one is that number."""
    return int(-((-value + 1e-9) // 1))


SEQUENTIAL_SETTINGS = ("spending", "parameter", "looks", "information", "alpha", "sided")


def _sequential(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in SEQUENTIAL_SETTINGS}


def _bounds(
    spending: str | None,
    parameter: float | None,
    looks: int | None,
    information: str | None,
    alpha: float,
    sided: int,
) -> Boundaries | None:
    """Return the boundaries asked for, or None where no looks are."""
    fractions = _fractions(looks, information)
    if fractions is None:
        for name, value in (("spending", spending), ("parameter", parameter)):
            if value is not None:
                raise InputError.of(
                    "needs the number of looks", key=name, hint="add --looks or --information"
                )
        return None
    if spending is None:
        raise InputError.of("is missing", key="spending", allowed=", ".join(Spending), hint="asOF is usual")
    return boundaries(SequentialPlan(_family(spending), fractions, alpha, sided, parameter))


def _family(name: str) -> Spending:
    if name in KNOWN_ELSEWHERE:
        raise UnsupportedError.of(
            f"{name} is not offered", key="spending", hint=f"use one of {', '.join(Spending)}"
        )
    if name not in set(Spending):
        raise InputError.of(f"is {name!r}", key="spending", allowed=", ".join(Spending))
    return Spending(name)


def _fractions(looks: int | None, information: str | None) -> tuple[float, ...] | None:
    if information is None:
        return None if looks is None else equal_information(looks)
    try:
        fractions = tuple(Number(0, 1).convert(part, None, None) for part in information.split(","))
    except click.BadParameter:
        raise InputError.of(
            f"is {information!r}",
            key="information",
            allowed="numbers from 0 to 1 with commas between",
            hint="0.3,0.7,1",
        ) from None
    if looks is not None and looks != len(fractions):
        raise InputError.of(
            f"has {len(fractions)} looks and --looks says {looks}",
            key="information",
            hint="leave out --looks",
        )
    return fractions
