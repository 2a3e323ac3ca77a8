"""A comparison on disk: the result, the ranking and the worlds as tables, the picture with its data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from calor.decision.comparison import Comparison
from calor.population.posterior import Posterior, write_posterior
from calor.report.next_figure import save_next_figure
from calor.store.run_folder import write_json, write_table

POSTERIOR = "posterior.parquet"
"""The posterior that observed results leave; every command takes it with --posterior."""


def save_next(
    document: dict[str, Any], comparison: Comparison, posterior: Posterior | None, target: Path
) -> None:
    """Write everything about a comparison into a folder that is there.

    Arguments: its document; the comparison; the posterior after observed results, None without any.
    """
    write_json(target / "result.json", document)
    write_json(target / "question.json", comparison.believed.question.file.model_dump(mode="json"))
    ranking_frame(document).to_csv(target / "ranking.csv", index=False)
    write_table(target / "worlds.parquet", world_frame(comparison, document["status"]))
    save_next_figure(document, target / "figure")
    if posterior is not None:
        write_posterior(target / POSTERIOR, posterior)


def ranking_frame(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a candidate, best first, each figure with its error."""
    rows = []
    for place, row in enumerate(document["ranking"], start=1):
        flat: dict[str, Any] = {"place": place, "rank": row["rank"], "study": row["name"]}
        flat |= {name: row[name] for name in ("group", "patients", "cost", "months", "affordable")}
        for name in ("share", "expected_width", "true_rival", "decisive", "evsi", "enbs"):
            if row[name] is not None:
                flat |= {name: row[name]["value"], f"{name}_error": row[name]["error"]}
        rows.append({**flat, "teaches_nothing": row["teaches_nothing"] is not None})
    return pd.DataFrame(rows).assign(simulated=True, status=document["status"])


def world_frame(comparison: Comparison, status: str) -> pd.DataFrame:
    """Return one row a world: explanation, weight, the quantity by half, and what each study expects."""
    draws = comparison.believed.draws
    columns: dict[str, Any] = {
        "explanation": [draws.rivals[place] for place in draws.rival],
        "weight": draws.weights,
        "quantity, half A": draws.quantity[:, 0],
        "quantity, half B": draws.quantity[:, 1],
    }
    for row in comparison.rows:
        means = row.study.means.mean(axis=1)
        for place, statistic in enumerate(row.candidate.statistics):
            columns[f"{row.candidate.name}: {statistic}"] = means[:, place]
    return pd.DataFrame(columns).assign(simulated=True, status=status)
