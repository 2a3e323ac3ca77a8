"""Frozen forecasts as tables for a terminal, failures first."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from calor.trial.forecast.kinds import Of

WIDTH = 80
ROLES = {"held-back": "held out of the fit", "calibration": "fitted"}
DIRECTIONS = {"none": "none", "favours-active": "active", "favours-control": "control"}


def print_forecasts(document: dict[str, Any], console: Console) -> None:
    """Print failures, the forecast of every published trial, and those of the registered ones."""
    _print_failures(document, console)
    console.print(_trials(document))
    for line in _remarks(document):
        console.print(line, width=WIDTH)
    if document["registered"]:
        console.print()
        console.print(_registered(document))
        _print_without_forecast(document, console)
    console.print("Run one: calor trial ID")


def _print_failures(document: dict[str, Any], console: Console) -> None:
    console.print("Where the forecasts fail", style="bold")
    for failure in document["failures"]:
        first, *others = failure_lines(failure)
        print_hanging(console, "- ", first)
        for line in others:
            print_hanging(console, "    ", line)
    if not document["failures"]:
        console.print("Nothing failed by the registered rules.")
    console.print()


def print_hanging(console: Console, start: str, text: str) -> None:
    """Print plain text with its wrapped lines under the end of its start."""
    lines = wrap(text, WIDTH - len(start))
    for place, line in enumerate(lines):
        console.print((start if place == 0 else " " * len(start)) + line)


def failure_lines(failure: dict[str, Any]) -> list[str]:
    """Return a failure in words: over all rivals first, then under each in which it failed or did worse."""
    numeric = failure["kind"] == "numeric"
    sign = _sign(failure["of"])
    result = f"{failure['published']:{sign}.2f}" if numeric else str(failure["published"])
    over_all = failure["failed"] or failure["worse_than_no_effect"]
    head = f"{failure['trial']} ({failure['role']}), {failure['scale']}: published {result}"
    lines = [f"{head}; {_figures(failure, result, sign)}." if over_all else f"{head}."]
    if failure["failed"] and all(rival["failed"] for rival in failure["rivals"]):
        return lines
    return lines + [f"under {rival['name']}: {_figures(rival, result, sign)}." for rival in failure["rivals"]]


def _figures(scored: dict[str, Any], result: str, sign: str) -> str:
    """Return the figures by which a forecast failed."""
    if scored["probability"] is None:
        words = f"forecast {_interval(scored['predicted_interval95'], sign)}"
    else:
        words = f"{scored['probability']:.0%} of forecast trials show {result}"
    if scored["worse_than_no_effect"]:
        words += f", worse than predicting no effect (log score {scored['gain']:+.2f})"
    return words


def _sign(of: str) -> str:
    """Return the format of a figure's sign: a difference has one, a share or a size has none."""
    return "+" if Of(of).is_signed else ""


def _interval(pair: list[float], sign: str) -> str:
    return f"{pair[0]:{sign}.2f} to {pair[1]:{sign}.2f}"


def _trials(document: dict[str, Any]) -> Table:
    date = document["frozen"]["date"]
    title = f"Published trials; forecasts frozen on {date}" if date else "Published trials"
    table = Table(title=title, title_justify="left", width=WIDTH, padding=(0, 1, 0, 0), box=None)
    for heading, justify in (
        ("", "left"), ("a trial's result", "right"), ("published", "right"), ("verdict", "left"),
        ("could tell", "left"),
    ):  # fmt: skip
        table.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    for role, words in ROLES.items():
        chosen = [trial for trial in document["trials"] if trial["role"] == role]
        if chosen:
            table.add_row(Text(words, style="bold"))
        for trial in chosen:
            table.add_row(trial["id"], *_cells(trial["comparison"]))
    return table


def _cells(comparison: dict[str, Any] | None) -> tuple[str, ...]:
    if comparison is None:
        return ("not forecast",)
    return (
        _interval(comparison["predicted_interval95"], _sign(comparison["of"])),
        _published(comparison),
        verdict(comparison),
        "yes" if comparison["discriminates"] else "no",
    )


def _published(comparison: dict[str, Any]) -> str:
    if comparison["kind"] == "numeric":
        value = comparison["published"]["value"]
        return f"{value:{_sign(comparison['of'])}.2f}"
    return DIRECTIONS[comparison["published"]["direction"]]


def verdict(comparison: dict[str, Any]) -> str:
    """Return in a word how a comparison came out; of a direction, with the share of trials that show it."""
    if comparison["kind"] == "numeric":
        return "covered" if comparison["covered"] else "MISSED"
    return f"{'FAILED' if comparison['failed'] else 'agrees'} ({comparison['probability']:.0%})"


def _remarks(document: dict[str, Any]) -> list[str]:
    remarks = [
        "A trial's result: 95 % of forecast trials, active minus control (NRS points or share of responders; "
        "munts-2010: its size). Published: a number where a usable one was read, else whom a significant "
        "difference favoured. Per cent: forecast trials with that direction.",
        "Could tell: no, where the trial would have looked much the same without any effect; agreement is "
        "then no merit.",
    ]
    statuses = {trial.get("status") for trial in document["trials"]} - {None}
    if "prior-predictive" in statuses:
        remarks.append("prior-predictive: no posterior stands behind some of these forecasts, only priors.")
    remarks += [f"Since they were frozen, {change}." for change in document["stale"]]
    return remarks


def _registered(document: dict[str, Any]) -> Table:
    table = Table(
        title="Registered, without a result: forecast blind",
        title_justify="left",
        width=WIDTH,
        padding=(0, 1, 0, 0),
        box=None,
    )
    table.add_column("id", no_wrap=True)
    table.add_column("forecast of", ratio=1)
    table.add_column("a trial's result", justify="right")
    for trial in document["registered"]:
        for place, forecast in enumerate(trial["forecasts"]):
            interval = _interval(forecast["predicted_interval95"], "+")
            table.add_row("" if place else trial["id"], forecast["scale"], interval)
    return table


def _print_without_forecast(document: dict[str, Any], console: Console) -> None:
    for trial in document["registered"]:
        if not trial["forecasts"]:
            print_hanging(console, "- ", f"no forecast of {trial['id']}: {trial['because']}.")
