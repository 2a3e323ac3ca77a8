"""The files of a trial's run: result, protocol, context, tables as Parquet, figure with data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from calor.report.context import context_of
from calor.report.simulated_data import adeff, adsl
from calor.report.simulated_pk import adppk
from calor.report.trial_figure import save_trial_figure
from calor.store.run_folder import write_json, write_table
from calor.study import Protocol
from calor.trial.results.exposures import concentrations
from calor.trial.results.prediction import Prediction
from calor.trial.runs.pipeline import TrialRun
from calor.trial.runs.stages import first_trial


def save_run(run: TrialRun, document: dict[str, Any], target: Path) -> None:
    """Write everything about a run into a folder that is there (store.active_run makes it)."""
    prediction = run.prediction
    write_json(target / "result.json", document)
    write_json(target / "protocol.json", prediction.protocol.model_dump(mode="json"))
    write_json(target / "context.json", context_of(run))
    write_table(target / "replicates.parquet", replicate_table(prediction, document["status"]))
    write_table(target / "effects.parquet", effect_table(prediction, document["status"]))
    for name, table in simulated_tables(run).items():
        write_table(target / f"{name}.parquet", table)
        table.to_csv(target / f"{name}.csv", index=False)
    courses = {arm.name: arm.course for arm in prediction.arms}
    save_trial_figure(document, courses, target / "figure")


def save_search(protocol: Protocol, document: dict[str, Any], target: Path) -> None:
    """Write everything about a search of a trial's size into a folder that is there."""
    write_json(target / "result.json", document)
    write_json(target / "protocol.json", protocol.model_dump(mode="json"))
    size_table(document).to_csv(target / "sizes.csv", index=False)


def size_table(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a size that was tried: its power with error, lowest and highest rival, enrolled."""
    sizes = [
        {
            "patients": step["patients"],
            "power": step["power"]["value"],
            "power_mc_error": step["power"]["mc_error"],
            "power_lowest_rival": step["power_range_over_rivals"][0],
            "power_highest_rival": step["power_range_over_rivals"][1],
            "enrolled": step["expected_patients"]["value"],
        }
        for step in document["tried"]
    ]
    return pd.DataFrame(sizes).assign(simulated=True, status=document["status"])


def simulated_tables(run: TrialRun) -> dict[str, pd.DataFrame]:
    """Return the data of the run's first simulated trial in ADaM form, by data set."""
    ready, observed = run.ready, first_trial(run.ready)
    plan, bank = ready.plan, ready.bank
    samples = concentrations(ready, observed)
    return {
        "adsl": adsl(plan, bank, observed),
        "adeff": adeff(plan, observed),
        "adppk": adppk(plan, bank, observed, samples, ready.settings.seed),
    }


def replicate_table(prediction: Prediction, status: str) -> pd.DataFrame:
    """Return one row per simulated trial: its rival and world, the estimate, and the arms' figures."""
    replicates = prediction.replicates
    cells = [prediction.bank.cells[index] for index in replicates.cells]
    names = _rival_names(prediction)
    table = pd.DataFrame(
        {
            "replicate": range(len(cells)),
            "rival": [names[cell.rival] for cell in cells],
            "world": [cell.world for cell in cells],
            "effect": replicates.effect,
            "unit": prediction.contrast.unit,
            "significant": replicates.significant,
            "patients": replicates.enrolled,
            "look": replicates.look + 1,
            "futile": replicates.futile,
            "went_on_in_subgroup": replicates.enriched,
        }
    )
    for position, contrast in enumerate(prediction.contrasts):
        table[f"{contrast.label}: estimate"] = replicates.effects[:, position]
        table[f"{contrast.label}: lower"] = replicates.lower[:, position]
        table[f"{contrast.label}: upper"] = replicates.upper[:, position]
        table[f"{contrast.label}: significant"] = replicates.rejected[:, position]
    for position, arm in enumerate(prediction.protocol.arms):
        table[f"{arm.name}: n"] = replicates.randomised[:, position]
        table[f"{arm.name}: baseline mean"] = replicates.baseline_mean[:, position]
        table[f"{arm.name}: endpoint mean"] = replicates.endpoint_mean[:, position]
        table[f"{arm.name}: endpoint SD"] = replicates.endpoint_sd[:, position]
    return table.assign(simulated=True, status=status)


def effect_table(prediction: Prediction, status: str) -> pd.DataFrame:
    """Return one row per world and rival: its true effect and the number of patients behind it."""
    names = _rival_names(prediction)
    return pd.DataFrame(
        {
            "rival": [names[cell.rival] for cell in prediction.bank.cells],
            "world": [cell.world for cell in prediction.bank.cells],
            "patients": [cell.stop - cell.start for cell in prediction.bank.cells],
            "effect": prediction.true_effects[:, 0],
            "unit": prediction.contrast.unit,
        }
    ).assign(simulated=True, status=status)


def _rival_names(prediction: Prediction) -> dict[int, str]:
    """Return the name of each rival that has a cell, by the index that cells carry."""
    indices = dict.fromkeys(cell.rival for cell in prediction.bank.cells)
    return dict(zip(indices, (rival.rival.name for rival in prediction.rivals), strict=True))
