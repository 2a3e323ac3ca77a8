"""Do whole fits with other seeds agree? Headline effects under each posterior, and the rivals' evidence.

A headline is the true effect of a drug on pain in a trial of `headlines/`, with the same virtual people under
every posterior; what is left between the fits is what their draws differ in. Of the evidence, the targets are
named whose mean log likelihood differs most between the fits.

    python scripts/calibration/repeatability.py fit-1 fit-2 fit-3 --out repeatability.json

Each argument is a folder of `calor calibrate`, with posterior.parquet and report.json.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from calor.cli.console import watched
from calor.core.executors import Threads
from calor.core.progress import Progress
from calor.population.posterior import Posterior, read_posterior
from calor.store.run_folder import write_json
from calor.study import Protocol
from calor.trial.bank.preparation import prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.reading import read_protocol
from calor.trial.results.over_cells import over_cells
from calor.trial.runs.stages import true_values

HEADLINES = Path(__file__).parent / "headlines"
WITHIN = 0.1
REPEATABLE = 0.5
"""The largest range of a rival's log evidence over fits at which evidence may weigh rivals."""
TARGETS_NAMED = 5


def main() -> None:
    arguments = _arguments()
    settings = RunSettings(executor=Threads(os.cpu_count() or 1), worlds=arguments.worlds)
    posteriors = [read_posterior(fit / "posterior.parquet") for fit in arguments.fits]
    headlines = []
    with watched() as progress:
        for path in sorted(HEADLINES.glob("*.yaml")):
            protocol = read_protocol(path)
            found = [_effect(protocol, posterior, settings, progress) for posterior in posteriors]
            headlines.append({"id": path.stem, **_compared(found)})
    document = {
        "worlds_of_each_rival": arguments.worlds,
        "headlines": headlines,
        "within": all(each["range"] <= WITHIN for each in headlines),
        "log_evidence": evidence_of(arguments.fits),
    }
    write_json(arguments.out, document)
    print(json.dumps(document, indent=2))


def _effect(
    protocol: Protocol, posterior: Posterior, settings: RunSettings, progress: Progress
) -> dict[str, Any]:
    """Return the effect averaged over rivals with its Monte Carlo error, and each rival's mean."""
    ready = prepare_trial(protocol, settings, progress, Scenario(posterior))
    values = true_values(ready).by_cell(ready.bank)[:, 0]
    effect = over_cells(ready.bank.cells, values, ready.weights)
    return {
        "mean": effect.mean.value,
        "error": effect.mean.mc_error,
        "by_rival": {ready.rivals[place].name: under.mean for place, under in effect.by_rival.items()},
    }


def _compared(found: list[dict[str, Any]]) -> dict[str, Any]:
    by_rival = {rival: [each["by_rival"][rival] for each in found] for rival in found[0]["by_rival"]}
    ranges = {rival: float(np.ptp(values)) for rival, values in by_rival.items()}
    return {
        "means": [each["mean"] for each in found],
        "errors": [each["error"] for each in found],
        "range": float(np.ptp([each["mean"] for each in found])),
        "range_by_rival": ranges,
        "largest_range_of_a_rival": max(ranges.values()),
    }


def evidence_of(fits: list[Path]) -> dict[str, Any]:
    """Return each rival's log evidence in every fit, whether all repeat, and which targets differ most."""
    reports = [json.loads((fit / "report.json").read_text("utf-8")) for fit in fits]
    rivals = {
        each["name"]: {
            "log_evidence": [report["rivals"][place]["log_evidence"] for report in reports],
            "of_starts": [report["rivals"][place]["log_evidence_of_starts"] for report in reports],
            "targets": _apart(reports, each["name"]),
        }
        for place, each in enumerate(reports[0]["rivals"])
    }
    ranges = {name: float(np.ptp(found["log_evidence"])) for name, found in rivals.items()}
    return {
        "rivals": rivals,
        "range_by_rival": ranges,
        "within": all(each <= REPEATABLE for each in ranges.values()),
    }


def _apart(reports: list[dict[str, Any]], rival: str) -> dict[str, float]:
    """Return the targets whose mean log likelihood over the draws has the largest ranges over fits."""
    terms = {
        each["id"]: [report["targets"][place]["log_likelihood_by_rival"][rival] for report in reports]
        for place, each in enumerate(reports[0]["targets"])
    }
    ranges = {name: float(np.ptp(values)) for name, values in terms.items()}
    most = sorted(ranges, key=lambda name: -ranges[name])[:TARGETS_NAMED]
    return {name: ranges[name] for name in most}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("fits", nargs="+", type=Path, metavar="FIT")
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("self-check/repeatability.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
