"""Break the code in small ways and see whether the tests notice: `make mutants`.

Prints every mutant that survives, then the share that was killed by module. The exit status is 0 where at
least 90 % were killed in every module.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from scripts.mutants.modules import Module, read_equivalent, read_modules
from scripts.mutants.mutant import Mutant
from scripts.mutants.record import Fate, Record, hash_of_tests
from scripts.mutants.trial import ENDED_FROM_OUTSIDE, FAILED, PASSED, Trial, load_libraries

ROOT = Path(__file__).parents[2]
LEAST_SHARE = 0.9
LEAST_SECONDS, TIMES_AS_LONG = 20.0, 5.0
"""A mutant may take so many times as long as its tests do on the code as it is, and so long at least."""

LONGEST_SECONDS = 900.0
"""The tests of a module may take so long."""


def main() -> int:
    """Run the mutants that were asked for and return the exit status."""
    asked = _arguments()
    modules = read_modules(ROOT, asked.only)
    each = -(-asked.sample // len(modules)) if asked.sample else None
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    load_libraries()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CALOR_CACHE"] = folder
        shares = [_share_killed(module, each, asked.jobs, Path(folder)) for module in modules]
    return 0 if min(shares) >= LEAST_SHARE else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.mutants", description=__doc__)
    parser.add_argument(
        "--sample", type=int, default=0, help="so many mutants in all, as many of each module"
    )
    parser.add_argument("--only", default="", help="only modules whose name holds this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at a time")
    return parser.parse_args()


def _share_killed(module: Module, each: int | None, jobs: int, folder: Path) -> float:
    """Return the share of a module's mutants that tests kill, and print those that survive.

    Arguments: the module, how many of its mutants are tried (None: all), how many at a time, and a folder for
    what they write.
    """
    equivalent = read_equivalent(ROOT)
    mutants = module.mutants(ROOT)
    able = [mutant for mutant in mutants if mutant.change not in equivalent]
    gone = {change for change in equivalent if change[0] in module.files} - {one.change for one in mutants}
    for file, before, after in sorted(gone):
        print(f"no such mutant any more  {file}\n  - {before}\n  + {after}")
    record = Record(ROOT / "build" / "mutants" / "record.jsonl")
    fates = _try(module, able[:each], record, jobs, folder)
    survivors = [mutant for mutant, fate in fates.items() if fate is Fate.SURVIVED]
    for mutant in sorted(survivors, key=lambda mutant: (mutant.path, mutant.line)):
        print(f"survived  {mutant}")
    slow = sum(fate is Fate.TOO_LONG for fate in fates.values())
    killed = len(fates) - len(survivors)
    share = killed / max(len(fates), 1)
    print(
        f"{module.name}: {killed} of {len(fates)} killed ({share:.0%}), {slow} by the time limit; "
        f"{len(able)} in all, and {len(mutants) - len(able)} equivalent",
        flush=True,
    )
    return share


def _try(module: Module, chosen: list[Mutant], record: Record, jobs: int, folder: Path) -> dict[Mutant, Fate]:
    """Return the fate of each mutant of a module, trying those that the record does not know."""
    tests = hash_of_tests(ROOT, module.tests)
    waiting = [mutant for mutant in chosen if record.fate(mutant, tests) is None]
    limit = max(LEAST_SECONDS, TIMES_AS_LONG * jobs * _seconds_unchanged(module, folder)) if waiting else 0.0
    running: list[Trial] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                trial = Trial(
                    waiting.pop(0), module.tests, limit, folder / f"{module.name}-{len(waiting)}.log"
                )
                trial.start(ROOT)
                running.append(trial)
            for trial in [trial for trial in running if trial.poll()]:
                running.remove(trial)
                if trial.code in ENDED_FROM_OUTSIDE:
                    raise SystemExit(f"{module.name}: a trial was ended from outside; nothing is known of it")
                if trial.mutant:
                    record.keep(trial.mutant, tests, _fate(trial))
            time.sleep(0.01)
    finally:
        for trial in running:
            trial.stop()
    return {mutant: record.fate(mutant, tests) or Fate.SURVIVED for mutant in chosen}


def _fate(trial: Trial) -> Fate:
    if trial.code is None:
        return Fate.TOO_LONG
    return Fate.SURVIVED if trial.code == PASSED else Fate.KILLED


def _seconds_unchanged(module: Module, folder: Path) -> float:
    """Return how long the tests of a module take on the code as it is. Ends the run where one fails."""
    trial = Trial(None, module.tests, LONGEST_SECONDS, folder / f"{module.name}.log")
    trial.start(ROOT)
    while not trial.poll():
        time.sleep(0.01)
    if trial.code != PASSED:
        print(trial.log.read_text(), file=sys.stderr)
        why = "a test fails" if trial.code == FAILED else f"pytest ended with {trial.code}"
        raise SystemExit(f"{module.name}: {why} on the code as it is")
    return trial.seconds


if __name__ == "__main__":
    sys.exit(main())
