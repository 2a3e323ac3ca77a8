"""How much faster two workers are than one: on a Dask cluster, and as plain processes, which is the ideal.

Run on an idle machine: python benchmarks/scale_out.py [--workers 2] [--pairs 3] [--out scale-out.json]
Bar: two workers of a cluster at least 1.7 times as fast as one, on a full bank (400 worlds under each of six
rivals) with 10,000 replicates. What is measured is the work that is given to workers, until its results are
back, as on a cluster that runs already; what is compiled before is not. The start of the workers stands
beside it: `--cluster local:N` takes it too. Runs with one and with many workers alternate, so that what else
the machine does meets both. Where the time goes is told by the processor time of the tasks and of whoever
gives the work.

What many cores would cost is computed, not measured: tasks of the measured processor time and size, a
scheduler that takes the measured time for each, and a network of 10 Gbit/s between the workers and whoever
gives the work.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from scale_out_recording import Recording, nothing

from calor.core.executors import Executor
from calor.core.executors.opening import Workers
from calor.core.progress import SILENT
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.published import published_protocols
from calor.trial.runs.stages import replicate

TRIAL = "goebel-2017-lips"
BANK, REPLICATES = "bank", "replicates"
NETWORK = 1.25e9
"""Bytes per second between the workers and whoever gives the work: 10 Gbit/s."""

CORES = (1, 2, 64, 1_024)
PATIENTS, WORLDS, TRIALS = 1_000_000, 10_000, 100_000
EMPTY_TASKS = 200

OPENED: dict[str, Callable[[int], AbstractContextManager[Executor]]] = {
    "processes": lambda count: Workers(count).processes(),
    "cluster": lambda count: Workers(cluster=f"local:{count}").threads(),
}
"""How so many workers are had."""


def measured(how: str, count: int, worlds: int, replicates: int) -> dict[str, Any]:
    """Return what a bank and the replicates of a trial take with some workers.

    They have done a small trial before: whoever is there already has compiled the model.
    """
    opening = time.perf_counter()
    with OPENED[how](count) as executor:
        executor.map(nothing, range(4 * count))
        opening = time.perf_counter() - opening
        replicate(_prepared(Recording(executor), 2 * count, 100 * count), SILENT)
        recording = Recording(executor)
        ready = _prepared(recording, worlds, replicates)
        replicate(ready, SILENT)
        empty = time.perf_counter()
        executor.map(nothing, range(EMPTY_TASKS))
        empty = (time.perf_counter() - empty) / EMPTY_TASKS
    return {
        "wall": sum(stage.wall for stage in recording.stages),
        "opening": opening,
        "patients": ready.bank.counts.eligible,
        "courses": len(ready.courses.courses),
        "empty_task": empty,
        **{name: vars(stage) for name, stage in zip((BANK, REPLICATES), recording.stages, strict=True)},
    }


def _prepared(recording: Recording, worlds: int, replicates: int) -> Prepared:
    settings = RunSettings(worlds=worlds, replicates=replicates, executor=recording)
    return prepare_trial(published_protocols()[TRIAL], settings, SILENT)


def told(how: str, count: int, found: dict[str, Any]) -> str:
    """Return in words what some workers took."""
    lines = [f"{how}, {count}: {found['wall']:.2f} s of work; {found['opening']:.1f} s to start before"]
    for name in (BANK, REPLICATES):
        stage = found[name]
        lines.append(
            f"  {name}: {stage['wall']:.2f} s; {len(stage['seconds'])} pieces of "
            f"{1e3 * statistics.mean(stage['seconds']):.0f} ms, by {stage['at_work']} workers; processors "
            f"{sum(stage['seconds']):.2f} s, of the giver {stage['giving']:.2f} s; "
            f"shared {stage['shared'] / 1e6:.1f} MB, "
            f"sent {sum(stage['sent']) / 1e6:.1f} MB, returned {sum(stage['returned']) / 1e6:.1f} MB"
        )
    return "\n".join(lines)


def cost(run: dict[str, Any], cores: int, patients: int, worlds: int, replicates: int) -> dict[str, float]:
    """Return what a run of some size would take, computed from one that was measured with one worker.

    seconds = max(tasks x processor time / cores, tasks x scheduler, bytes / network) of bank and replicates.
    What all workers need they pass on to each other: log2(1 + cores) times its bytes take their time.
    """
    bank, trials = run[BANK], run[REPLICATES]
    share = patients / run["patients"]
    of_bank, of_trials = (
        share * sum(bank["seconds"]),
        replicates / run["n_replicates"] * sum(trials["seconds"]),
    )
    bank_tasks = worlds / run["worlds"] * len(bank["seconds"])
    trial_tasks = replicates / run["n_replicates"] * len(trials["seconds"])
    bank_bytes = (
        share * sum(bank["returned"])
        + bank_tasks * np.mean(bank["sent"])
        + np.log2(1 + cores) * bank["shared"]
    )
    trial_bytes = np.log2(1 + cores) * share * trials["shared"]
    each = run["empty_task"]
    bank_wall = max(of_bank / min(cores, bank_tasks), bank_tasks * each, bank_bytes / NETWORK)
    trial_wall = max(of_trials / min(cores, trial_tasks), trial_tasks * each) + trial_bytes / NETWORK
    return {
        "cores": cores,
        "core_hours": (of_bank + of_trials) / 3600,
        "bank_s": float(bank_wall),
        "bank_bytes": float(bank_bytes),
        "replicates_s": float(trial_wall),
        "replicates_bytes": float(trial_bytes),
        "wall_s": float(bank_wall + trial_wall),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    walls: dict[str, dict[int, list[float]]] = {how: {1: [], asked.workers: []} for how in OPENED}
    one: dict[str, Any] = {}
    for _ in range(asked.pairs):
        for how, of_count in walls.items():
            for count, so_far in of_count.items():
                found = measured(how, count, asked.worlds, asked.replicates)
                so_far.append(found["wall"])
                one = found if count == 1 else one
                print(told(how, count, found), flush=True)
    one |= {"worlds": asked.worlds, "n_replicates": asked.replicates}
    speed_ups = {how: _speed_ups(of_count) for how, of_count in walls.items()}
    for how, values in speed_ups.items():
        print(f"{how}: {asked.workers} workers are {statistics.median(values):.2f} times as fast as one")
    print("bar: 1.7 on a cluster")
    computed = [cost(one, cores, PATIENTS, WORLDS, TRIALS) for cores in CORES]
    print(f"computed, for {PATIENTS:,} patients in {WORLDS:,} worlds and {TRIALS:,} replicates:")
    for row in computed:
        print(
            f"{row['cores']:6,} cores: bank {row['bank_s']:,.0f} s, replicates {row['replicates_s']:,.0f} s "
            f"({row['core_hours']:.1f} core hours, {row['bank_bytes'] / 1e9:.1f} GB of bank)"
        )
    if asked.out:
        document = {"speed_ups": speed_ups, "walls": walls, "one_worker": one, "computed": computed}
        asked.out.write_text(json.dumps(document, indent=1) + "\n")


def _speed_ups(walls: dict[int, list[float]]) -> list[float]:
    """Return how many times as fast many workers were as one, in each pair."""
    return [first / many for first, many in zip(*walls.values(), strict=True)]


if __name__ == "__main__":
    main()
