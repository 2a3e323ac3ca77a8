"""How much faster a Dask cluster of two processes is than one of one, and what many cores would cost.

Run on an idle machine: python benchmarks/scale_out.py [--workers 2] [--pairs 3] [--out scale-out.json]
Bar: two workers at least 1.7 times as fast as one, on a full bank (400 worlds under each of six rivals) with
10,000 replicates. What is measured is the work that is given to workers, until its results are back; the
start of a cluster (2 to 3 s) and what is compiled before are not. Runs with one and with many workers
alternate, so that what else the machine does meets both.

What many cores would cost is computed, not measured: tasks of the measured processor time and size, a
scheduler that takes the measured time for each, and a network of 10 Gbit/s between the workers and whoever
gives the work.
"""

from __future__ import annotations

import argparse
import json
import pickle
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from calor.core.executors import Executor, Task
from calor.core.executors.executor import Finished, Found, Given
from calor.core.executors.opening import Workers
from calor.core.progress import SILENT, Progress
from calor.trial.bank.preparation import prepare_trial
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


@dataclass(frozen=True)
class Timed:
    """A task that tells the processor time that it took too."""

    task: Task[Any, Any]

    def __call__(self, item: Any, progress: Progress) -> tuple[Any, float]:
        began = time.process_time()
        return self.task(item, progress), time.process_time() - began


@dataclass
class Stage:
    """What one call of an executor took: seconds, and of each task processor time and bytes."""

    wall: float
    shared: int
    seconds: list[float]
    sent: list[int]
    returned: list[int]


@dataclass
class Recording:
    """An executor that notes what each call takes."""

    executor: Executor
    stages: list[Stage] = field(default_factory=list)

    @property
    def workers(self) -> int:
        return self.executor.workers

    @property
    def shares_disk(self) -> bool:
        return self.executor.shares_disk

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        began = time.perf_counter()
        found = self.executor.map(Timed(task), items, progress)
        wall = time.perf_counter() - began
        results = [result for result, _ in found]
        self.stages.append(
            Stage(
                wall,
                len(pickle.dumps(task)),
                [seconds for _, seconds in found],
                [len(pickle.dumps(item)) for item in items],
                [len(pickle.dumps(result)) for result in results],
            )
        )
        for place, result in enumerate(results):
            if finished is not None:
                finished(place, result)
        return results


def nothing(item: int, _: Progress) -> int:
    return item


def measured(executor: Executor, worlds: int, replicates: int) -> dict[str, Any]:
    """Return what a bank and the replicates of a trial take with some workers."""
    recording = Recording(executor)
    settings = RunSettings(worlds=worlds, replicates=replicates, executor=recording)
    ready = prepare_trial(published_protocols()[TRIAL], settings, SILENT)
    replicate(ready, SILENT)
    empty = time.perf_counter()
    executor.map(nothing, range(EMPTY_TASKS))
    return {
        "wall": sum(stage.wall for stage in recording.stages),
        "patients": ready.bank.counts.eligible,
        "courses": len(ready.courses.courses),
        "empty_task": (time.perf_counter() - empty) / EMPTY_TASKS,
        **{name: vars(stage) for name, stage in zip((BANK, REPLICATES), recording.stages, strict=True)},
    }


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
    walls: dict[int, list[float]] = {1: [], asked.workers: []}
    one: dict[str, Any] = {}
    for _ in range(asked.pairs):
        for count in walls:
            with Workers(cluster=f"local:{count}").threads() as executor:
                executor.map(nothing, range(4 * count))
                found = measured(executor, asked.worlds, asked.replicates)
            walls[count].append(found["wall"])
            one = found if count == 1 else one
            print(f"{count} workers: {found['wall']:.1f} s ({found['patients']:,} patients)")
    one |= {"worlds": asked.worlds, "n_replicates": asked.replicates}
    speed_ups = [first / many for first, many in zip(*walls.values(), strict=True)]
    print(f"speed-up of {asked.workers} workers: median {statistics.median(speed_ups):.2f} (bar 1.7)")
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


if __name__ == "__main__":
    main()
