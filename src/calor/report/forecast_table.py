"""Frozen forecasts as tables for a terminal, failures first."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from rich.console import Console

from calor.report.numbers import interval_text, percent_text
from calor.report.tables import Group, Row, Table, label, number, words
from calor.report.trial_remarks import RIVALS_LEGEND
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
    for course in document["courses"]:
        console.print()
        console.print(_course(course))
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
    lines = wrap(text, min(WIDTH, console.width) - len(start))
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
        said = f"forecast {_interval(scored['predicted_interval95'], sign)}"
    else:
        said = f"{percent_text(scored['probability'])} of forecast trials show {result}"
    if scored["worse_than_no_effect"]:
        said += f", worse than predicting no effect (log score {scored['gain']:+.2f})"
    return said


def _sign(of: str) -> str:
    """Return the format of a figure's sign: a difference has one, a share or a size has none."""
    return "+" if Of(of).is_signed else ""


def _interval(pair: list[float], sign: str) -> str:
    return interval_text(pair, signed=bool(sign))


def _trials(document: dict[str, Any]) -> Table:
    date = document["frozen"]["date"]
    title = f"Published trials; forecasts frozen on {date}" if date else "Published trials"
    rows: list[Row] = []
    for role, heading in ROLES.items():
        chosen = [trial for trial in document["trials"] if trial["role"] == role]
        if chosen:
            rows.append(Group(heading))
        rows += [(trial["id"], *_cells(trial["comparison"])) for trial in chosen]
    columns = (
        label(""), number("a trial's result"), number("published"), label("verdict"), label("could tell"),
    )  # fmt: skip
    return Table(columns, rows, title=title, framed=False, fills=True)


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
    return f"{'FAILED' if comparison['failed'] else 'agrees'} ({percent_text(comparison['probability'])})"


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
    if any(failure["worse_than_no_effect"] for failure in document["failures"]):
        remarks.append(
            "Log score: the log of the forecast's density at the published result, here less that of a "
            "forecast of no effect; below 0 the forecast was the worse of the two."
        )
    if any(failure["rivals"] for failure in document["failures"]):
        remarks.append(RIVALS_LEGEND)
    remarks += [f"Since they were frozen, {change}." for change in document["stale"]]
    return remarks


def _registered(document: dict[str, Any]) -> Table:
    rows = [
        (
            "" if place else trial["id"],
            forecast["scale"],
            _interval(forecast["predicted_interval95"], "+"),
        )
        for trial in document["registered"]
        for place, forecast in enumerate(trial["forecasts"])
    ]
    rows += [
        (trial["id"], trial["accrual"]["scale"], _interval(trial["accrual"]["predicted_interval95"], ""))
        for trial in document["registered"]
        if trial.get("accrual")
    ]
    columns = (label("id"), words("forecast of", greedy=True), number("a trial's result"))
    title = "Registered, without a result: forecast blind"
    return Table(columns, rows, title=title, framed=False, fills=True)


def _course(course: dict[str, Any]) -> Table:
    """Return the forecasts of an untreated cohort, a row a figure and a column a visit."""
    months = list(dict.fromkeys(forecast["month"] for forecast in course["forecasts"]))
    rows = []
    for scale in dict.fromkeys(forecast["scale"] for forecast in course["forecasts"]):
        own = {each["month"]: _of_visit(each) for each in course["forecasts"] if each["scale"] == scale}
        rows.append((scale, *(own.get(month, "") for month in months)))
    columns = (words("forecast of", greedy=True), *(number(f"month {month:g}") for month in months))
    title = f"{course['id']}: {course['people']} people, untreated; 95 % of such studies"
    return Table(columns, rows, title=title, framed=False, fills=True)


def _of_visit(forecast: dict[str, Any]) -> str:
    shown = _interval(forecast["predicted_interval95"], "")
    return shown if forecast["known"] is None else f"{shown}, read: {forecast['known']['value']:.2f}"


def _print_without_forecast(document: dict[str, Any], console: Console) -> None:
    for trial in document["registered"]:
        if not trial["forecasts"]:
            print_hanging(console, "- ", f"no forecast of {trial['id']}: {trial['because']}.")
