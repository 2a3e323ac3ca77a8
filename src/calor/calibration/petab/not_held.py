"""What a PEtab problem cannot hold of calor's fit, by name."""

from __future__ import annotations

from collections.abc import Sequence

from calor.calibration.petab.parameter_rows import is_decided
from calor.calibration.targets import Target, load_targets
from calor.model.parameters import Parameter

HELD = (
    "the equations of the disease with the drugs, priors of its numbers, doses, and instruments whose noise "
    "is independent from visit to visit"
)

_OF_PEOPLE = (
    ("the slow fluctuation of a person's pain", "noise that is correlated in time"),
    ("days of the diary that are not filled in, and people who leave", "PEtab has no missing data"),
    ("the change of reported pain by blinded treatment as such", "it acts on reports, not on the model"),
    ("limits of quantification of cytokines and titres", "PEtab has no censored measurements"),
    ("autoantibody titres", "their noise is that of a logarithm, and most people have none"),
    ("diagnostic criteria and scores made of items", "each item is present or absent by chance"),
    ("the other rival explanations", "a problem holds one; export each by its name"),
    ("a posterior", "it is a sample; the priors stand in the table instead"),
)
"""What, and why."""


def not_held_text(parameters: Sequence[Parameter], rival: str) -> str:
    """Return the list as Markdown.

    Arguments: the parameters of disease, drugs and measurement; the name of the rival that is exported.
    """
    varying = [row for row in parameters if row.variation.value != "none"]
    return "\n".join(
        [
            "# What this PEtab problem does not hold",
            "",
            f"It holds {HELD}, under the rival explanation {rival}.",
            "",
            "**The measurements are no data.** They are calor's own simulation of the typical person without "
            "noise, to check that a tool reads the problem as calor does (`calor petab` simulates the same). "
            "Put data of people in their place before a fit.",
            "",
            "## Targets of calor's fit",
            "",
            "Each is a statistic of a cohort that is screened for entry, over people who differ; a PEtab "
            "measurement is one simulated value of one system.",
            "",
            *(_target_line(target) for target in load_targets()),
            "",
            "## Differences between people",
            "",
            "PEtab has one value of a parameter for everybody. These stand at the typical person's value:",
            "",
            *(_varying_line(row) for row in varying),
            "",
            "## Measurement and conduct",
            "",
            *(f"- {what}: {why}" for what, why in _OF_PEOPLE),
            "",
        ]
    )


def _target_line(target: Target) -> str:
    return f"- {target.id} ({target.study_id}): {target.says}"


def _varying_line(row: Parameter) -> str:
    if is_decided(row):
        return f"- {row.identifier}: 1 in a share {row.value:g} of people, else 0; here {round(row.value)}"
    return f"- {row.identifier}: {row.variation.value}, SD {row.patient_sd:g}"
