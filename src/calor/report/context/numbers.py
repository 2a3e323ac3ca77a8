"""The uncertain numbers of a run: prior beside posterior, and the fit behind the posterior."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from calor.population.posterior import NARROWED, Posterior
from calor.population.posteriors import Shipped, shipped_report
from calor.trial.bank.preparation import Prepared


def numbers_of(ready: Prepared) -> dict[str, Any]:
    """Return what the run's posterior did to its uncertain numbers, and how its fit meets the evidence.

    `moved` has a row a number, most narrowed first: by how many SDs of the prior its middle moved, and by
    what share its SD shrank. Without a posterior both are empty.
    """
    posterior = ready.scenario.posterior
    if posterior is None:
        return {"moved": [], "fit": None}
    return {"moved": _moved(ready, posterior), "fit": _fit(posterior)}


def _moved(ready: Prepared, posterior: Posterior) -> list[dict[str, Any]]:
    rows = []
    for row in ready.courses.table.uncertain:
        if row.identifier not in posterior.names or row.identifier in ready.scenario.changes:
            continue
        column = posterior.names.index(row.identifier)
        spread = sum(
            posterior.weights[rival] * each[:, column].std() for rival, each in posterior.draws.items()
        )
        middle = sum(
            posterior.weights[rival] * each[:, column].mean() for rival, each in posterior.draws.items()
        )
        whole = sum(posterior.weights.values())
        rows.append(
            {
                "name": row.identifier,
                "words": row.name,
                "moved_prior_sds": round(float(middle / whole), 4),
                "shrinkage": round(float(1 - spread / whole), 4),
                "learnt": bool(spread / whole <= NARROWED),
            }
        )
    return sorted(rows, key=lambda row: -row["shrinkage"])


def _fit(posterior: Posterior) -> dict[str, Any] | None:
    """Return how the fit behind a posterior meets its targets, None where its report is not at hand."""
    report = _report(posterior)
    if report is None:
        return None
    misses = np.array([abs(target["z"]) for target in report["targets"] if target["z"] is not None])
    return {
        "targets": len(report["targets"]),
        "compared": len(misses),
        "mean_squared_z": report["mean_squared_z"],
        "outside_95": report["outside_95"],
        "studies": sorted({target["study_id"] for target in report["targets"]}),
    }


def _report(posterior: Posterior) -> dict[str, Any] | None:
    if posterior.name in list(Shipped):
        return shipped_report(Shipped(posterior.name))
    path = Path(posterior.name).with_suffix(".json")
    if not posterior.name or not path.is_file():
        return None
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report if report.get("made_of") == dict(posterior.made_of) else None
