"""How `calor calibrate` shows what a fit learnt: failures first."""

from __future__ import annotations

from typing import Any

from calor.cli.console import console
from calor.report.numbers import fixed_text, interval_text
from calor.report.tables import Table, number, words

WIDTH = 80

ENOUGH_DRAWS = 200
"""Effective draws below which two standard errors of an SD, 2 / sqrt(2 n), exceed the tenth that counts as
narrowed."""


def show_calibration(document: dict[str, Any], quick: bool) -> None:
    """Print the report of a calibration."""
    _say(_missed(document))
    console().print(_targets(document))
    console().print(_rivals(document))
    _say(f"Weights: {document['weights_rule']}.")
    _say(_narrowed(document))
    if quick:
        _say("A quick fit: it shows that everything works, and concludes nothing.")


def _say(text: str) -> None:
    console().print(text, width=WIDTH, highlight=False)


def _missed(document: dict[str, Any]) -> str:
    missed = document["outside_95"]
    named = f"Missed: {', '.join(missed)}." if missed else "No target is missed."
    return f"{named} Mean squared z of all targets {document['mean_squared_z']:.2f} (1 is expected)."


def _narrowed(document: dict[str, Any]) -> str:
    effective = sum(rival["effective_size"] for rival in document["rivals"])
    if effective < ENOUGH_DRAWS:
        return f"Too few effective draws ({effective:.0f}) to tell which uncertain numbers the data narrowed."
    learnt = [row["name"] for row in document["parameters"] if row["learnt"]]
    return (
        f"The data narrowed {len(learnt)} of {len(document['parameters'])} uncertain numbers by a tenth or "
        f"more: {', '.join(learnt[:12])}{' ...' if len(learnt) > 12 else ''}."
    )


def _targets(document: dict[str, Any]) -> Table:
    rows = [
        (
            target["id"],
            "not significant" if target["z"] is None else fixed_text(target["observed"], 2),
            f"{fixed_text(target['predicted_mean'], 2)} "
            f"({interval_text(target['predicted_interval95'], signed=False)})",
            _z_text(target, document["outside_95"]),
        )
        for target in document["targets"]
    ]
    columns = (words("target"), *map(number, ("published", "predicted (95 % interval)", "z")))
    return Table(columns, rows, title="Targets: published and predicted (fresh virtual people)", fills=True)


def _z_text(target: dict[str, Any], outside: list[str]) -> str:
    """Return a target's z, marked where the prediction misses the target; empty for a soft one."""
    if target["z"] is None:
        return ""
    return f"{fixed_text(target['z'], 1, signed=True)}{' !' if target['id'] in outside else ''}"


def _rivals(document: dict[str, Any]) -> Table:
    rows = [
        (
            rival["name"],
            f"{rival['weight']:.2f}",
            ", ".join(f"{value:.1f}" for value in rival["log_evidence_of_starts"]),
            f"{rival['effective_size']:.0f} of {rival['draws']}",
            f"{rival['log_likelihood_fresh']:.1f}",
        )
        for rival in document["rivals"]
    ]
    columns = (
        words("rival"), number("weight"), words("log evidence of the starts"), number("effective draws"),
        number("log likelihood, fresh"),
    )  # fmt: skip
    return Table(columns, rows, title="Rival explanations", fills=True)
