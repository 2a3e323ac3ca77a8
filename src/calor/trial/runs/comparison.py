"""Several designs side by side as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calor.core.versions import versions
from calor.trial.runs.document import result_document
from calor.trial.runs.pipeline import TrialRun

_SHOWN = (
    "power",
    "assurance",
    "type_one_error",
    "borrowed_control",
    "non_concurrent_controls",
    "patients",
    "screened",
    "days",
    "cost",
)


def comparison_document(runs: Sequence[TrialRun]) -> dict[str, Any]:
    """Return what tells several runs apart, one entry a design, in the order given.

    The runs must share seed and settings, so that they share worlds, people and diaries as far as their
    protocols do.
    """
    return {
        "status": str(runs[0].ready.scenario.status),
        "posterior": runs[0].ready.basis.origin(),
        "designs": [{"name": name, **_design(run)} for name, run in zip(_names(runs), runs, strict=True)],
        "provenance": {
            "seed": runs[0].ready.settings.seed,
            "replicates": runs[0].ready.settings.replicates,
            "worlds": runs[0].ready.settings.worlds,
            "versions": versions(),
        },
    }


def _names(runs: Sequence[TrialRun]) -> list[str]:
    """Return a name for each design: its id, with its place behind it where an id stands more than once."""
    ids = [run.prediction.protocol.id for run in runs]
    return [f"{each} ({place})" if ids.count(each) > 1 else each for place, each in enumerate(ids, start=1)]


def _design(run: TrialRun) -> dict[str, Any]:
    whole = result_document(run, {})
    found = whole["operating_characteristics"]
    return {
        "trial": whole["trial"],
        "contrast": whole["contrast"],
        **{name: found[name] for name in _SHOWN},
        "warnings": whole["warnings"],
    }
