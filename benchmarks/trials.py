"""How long the replicates of two trials take, once their bank is built, and rpact beside what it has of it.

Run: python benchmarks/trials.py [--workers 2] [--replicates 10000]
Bars on two cores: a parallel trial of 108 patients under 10 s, a group-sequential trial of 200 patients with
MMRM under 60 s, for 10,000 replicates each.

rpact simulates no patients, diaries or dropout. What can be compared is a group-sequential t test of two
means with 200 patients: rpact draws the means and SDs of the stages, calor the outcome of every patient.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

from calor.core.documents import parse_document
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.trial.analysis import Contrast, Direction, ParallelData, TwoSampleT, decide
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.published import published_protocols
from calor.trial.protocols.reading import check_protocol
from calor.trial.runs.stages import replicate
from calor.trial.theory import SequentialPlan, Spending, boundaries

RPACT = Path(__file__).parent / "peers" / "sequential_means.R"
PATIENTS, EFFECT, SD = 200, 0.8, 2.0
CHUNK = 500
"""Replicates at once: 100,000 outcomes, what the processor's cache holds."""

SEQUENTIAL = """\
id: sequential-mmrm
title: Group-sequential, MMRM
population: {duration_months: {at_least: 12, at_most: 60}, pain_nrs: {at_least: 4}}
design: {type: group-sequential, looks: [0.5, 1.0], futility: [0.0]}
arms:
  - {name: IVIG, treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1, 22"}]}
  - {name: placebo}
patients: 200
visits: [14, 28, 42]
endpoint: {variable: pain-diary, from_day: 36, to_day: 42}
analysis: {method: mmrm, alpha: 0.025, sided: 1}
acknowledge: [thrombosis]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--replicates", type=int, default=10_000)
    asked = parser.parse_args()
    settings = RunSettings(worlds=10, executor=Threads(asked.workers), replicates=asked.replicates)
    parallel = published_protocols()["goebel-2017-lips"].model_copy(update={"patients": 108})
    sequential = check_protocol(parse_document(SEQUENTIAL, "benchmark"))
    for protocol in (parallel, sequential):
        measure(prepare_trial(protocol, settings, Silent()))
    two_means(asked.replicates)


def measure(ready: Prepared) -> None:
    protocol, settings = ready.protocol, ready.settings
    wall, work = time.perf_counter(), time.process_time()
    replicate(ready, Silent())
    wall, work = time.perf_counter() - wall, time.process_time() - work
    print(
        f"{protocol.id}: {protocol.patients} patients, {protocol.endpoint.words}, "
        f"{protocol.analysis.method}, {protocol.design.type}: "
        f"{settings.replicates:,} replicates in {wall:.1f} s on {settings.executor.workers} threads "
        f"({work:.1f} s of processor time)"
    )


def two_means(replicates: int) -> None:
    """Print processor time and power of a group-sequential t test, by calor and by rpact (where it is)."""
    work = time.process_time()
    bounds = boundaries(SequentialPlan(Spending.OBRIEN_FLEMING_TYPE_SPENDING, (0.5, 1.0), 0.025, 1))
    arm = np.broadcast_to(np.arange(PATIENTS) % 2, (CHUNK, PATIENTS))
    contrast = Contrast(direction=Direction.GREATER)
    rejected = []
    for part in range(-(-replicates // CHUNK)):
        outcome = SD * Stream(1, (part,)).normals(CHUNK, PATIENTS) + EFFECT * arm
        looks = [ParallelData(outcome[:, :n], arm[:, :n]) for n in (PATIENTS // 2, PATIENTS)]
        z = np.column_stack([TwoSampleT().estimate(data, contrast).z for data in looks])
        rejected.append(decide(z, bounds.critical_values).rejected)
    work = time.process_time() - work
    title = f"two means, {PATIENTS} patients, group-sequential, {replicates:,} replicates, processor time"
    print(f"{title}: calor {work:.2f} s (power {np.mean(rejected):.3f})")
    if shutil.which("Rscript") is None:
        print("rpact: missing (no R here)")
        return
    command = ["Rscript", str(RPACT), str(replicates), str(PATIENTS)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        print("rpact: missing (R has no package rpact)")
        return
    version, seconds, power = finished.stdout.split()
    print(f"{title}: rpact {version} {float(seconds):.2f} s (power {float(power):.3f})")


if __name__ == "__main__":
    main()
