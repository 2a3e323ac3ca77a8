"""How long the replicates of two trials take, once their bank is built.

Run: python benchmarks/trials.py [--workers 2] [--replicates 10000]
Bars on two cores: a parallel trial of 108 patients under 10 s, a group-sequential trial of 200 patients with
MMRM under 60 s, for 10,000 replicates each.
"""

from __future__ import annotations

import argparse
import time

from calor.core.documents import parse_document
from calor.core.progress import Silent
from calor.trial.preparation import Prepared, prepare_trial
from calor.trial.published import published_protocols
from calor.trial.reading import check_protocol
from calor.trial.replicates import ReplicateSimulator
from calor.trial.settings import RunSettings

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
    settings = RunSettings(worlds=10, workers=asked.workers)
    parallel = published_protocols()["goebel-2017-lips"].model_copy(update={"patients": 108})
    sequential = check_protocol(parse_document(SEQUENTIAL, "benchmark"))
    for protocol in (parallel, sequential):
        measure(prepare_trial(protocol, settings, Silent()), asked.replicates, settings)


def measure(ready: Prepared, replicates: int, settings: RunSettings) -> None:
    protocol = ready.protocol
    simulator = ReplicateSimulator(protocol, ready.bank, settings.seed, ready.weights)
    wall, work = time.perf_counter(), time.process_time()
    simulator.run(replicates, Silent(), settings.workers)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    print(
        f"{protocol.id}: {protocol.patients} patients, {protocol.endpoint.words}, "
        f"{protocol.analysis.method}, {protocol.design.type}: "
        f"{replicates:,} replicates in {wall:.1f} s on {settings.workers} threads "
        f"({work:.1f} s of processor time)"
    )


if __name__ == "__main__":
    main()
