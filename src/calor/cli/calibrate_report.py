"""How `calor calibrate` shows what a fit learnt: failures first."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from calor.cli.console import console

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
    table = Table(
        title="Targets: published and predicted (fresh virtual people)", title_justify="left", width=WIDTH
    )
    table.add_column("target")
    for heading in ("published", "predicted (95 % interval)", "z"):
        table.add_column(heading, justify="right")
    for target in document["targets"]:
        low, high = target["predicted_interval95"]
        z = target["z"]
        table.add_row(
            target["id"],
            "not significant" if z is None else f"{target['observed']:.2f}",
            f"{target['predicted_mean']:.2f} ({low:.2f} to {high:.2f})",
            "" if z is None else f"{z:+.1f}{' !' if target['id'] in document['outside_95'] else ''}",
        )
    return table


def _rivals(document: dict[str, Any]) -> Table:
    table = Table(title="Rival explanations", title_justify="left", width=WIDTH)
    table.add_column("rival")
    for heading in ("weight", "log evidence of the starts", "effective draws", "log likelihood, fresh"):
        table.add_column(heading, justify="right")
    for rival in document["rivals"]:
        table.add_row(
            rival["name"],
            f"{rival['weight']:.2f}",
            ", ".join(f"{value:.1f}" for value in rival["log_evidence_of_starts"]),
            f"{rival['effective_size']:.0f} of {rival['draws']}",
            f"{rival['log_likelihood_fresh']:.1f}",
        )
    return table
