"""Do two whole fits with other seeds agree? Headline effects under each posterior, and the rivals' evidence.

A headline is the true effect of a drug on pain in a trial of `headlines/`, with the same virtual people under
both posteriors; what is left between the fits is what their draws differ in.

    python scripts/calibration/repeatability.py fit-1 fit-2 --out repeatability.json

Each argument is a folder of `calor calibrate`, with posterior.parquet and report.json.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from calor.cli.console import watched
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


def main() -> None:
    arguments = _arguments()
    settings = RunSettings(workers=os.cpu_count() or 1, worlds=arguments.worlds)
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
        "within": all(abs(each["difference"]) <= WITHIN for each in headlines),
        "log_evidence": _evidence(arguments.fits),
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
    first, second = (each["by_rival"] for each in found)
    apart = {rival: second[rival] - first[rival] for rival in first}
    return {
        "means": [each["mean"] for each in found],
        "errors": [each["error"] for each in found],
        "difference": found[1]["mean"] - found[0]["mean"],
        "difference_by_rival": apart,
        "largest_difference_of_a_rival": max(apart.values(), key=abs),
    }


def _evidence(fits: list[Path]) -> dict[str, list[float]]:
    """Return each rival's log evidence in both fits."""
    reports = [json.loads((fit / "report.json").read_text("utf-8"))["rivals"] for fit in fits]
    return {
        rival["name"]: [rival["log_evidence"], other["log_evidence"]]
        for rival, other in zip(*reports, strict=True)
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("fits", nargs=2, type=Path, metavar="FIT")
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("self-check/repeatability.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
