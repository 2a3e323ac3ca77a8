"""How long 10,000 replicates of a trial take, once its bank is built.

Run: python benchmarks/trials.py [--workers 2] [--replicates 10000]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from calor.core.progress import Silent
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.trial.bank import BankBuilder
from calor.trial.courses import prepare_courses
from calor.trial.published import published_protocols
from calor.trial.replicates import ReplicateSimulator
from calor.trial.settings import RunSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--replicates", type=int, default=10_000)
    asked = parser.parse_args()
    settings = RunSettings(worlds=10, workers=asked.workers)
    protocol = published_protocols()["goebel-2017-lips"].model_copy(update={"patients": 108})
    rivals = load_rivals()
    weights = np.full(len(rivals), 1 / len(rivals))
    courses = prepare_courses(protocol, load_disease())
    bank = BankBuilder(protocol, courses, settings, Silent()).build(rivals)
    simulator = ReplicateSimulator(protocol, bank, settings.seed, weights)
    wall, work = time.perf_counter(), time.process_time()
    simulator.run(asked.replicates, Silent(), asked.workers)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    print(
        f"{protocol.id}, {protocol.patients} patients, days {protocol.endpoint.from_day} to "
        f"{protocol.endpoint.to_day}, {protocol.analysis.method}: {asked.replicates:,} replicates in "
        f"{wall:.1f} s on {asked.workers} threads ({work:.1f} s of processor time)"
    )


if __name__ == "__main__":
    main()
