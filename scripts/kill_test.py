"""Kill small runs at random moments, resume each, and compare it with an unbroken run, byte for byte.

Every run is a process of its own, forked from one that has loaded everything, so that a kill meets the work
and not the loading. Four kills in five cannot be caught (SIGKILL), the others ask (SIGTERM). A resumed run
may be killed again. What is compared is every file of the result; the manifest and the request say when, how
long and by how many workers, and differ.

    python -m scripts.kill_test --kills 1000
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from calor.cli.main import exit_code_of
from calor.store import pieces
from calor.store.active_run import CHECKPOINTS
from calor.store.states import State, read_status

PROTOCOL = """\
id: {id}
title: A small trial
population:
  duration_months: {{at_least: 12, at_most: 24}}
  pain_nrs: {{at_least: 4}}
design: {{type: parallel}}
arms:
  - name: IVIG
    treatments: [{{drug: ivig, regimen: "0.5 g/kg iv at day 1"}}]
  - name: placebo
patients: {patients}
endpoint: {{variable: pain-diary, from_day: 4, to_day: 10}}
analysis: {{method: ancova}}
acknowledge: [thrombosis]
"""
SMALL = ("--worlds", "3", "--replicates", "150")
CASES = {
    "trial": ("trial", "one.yaml", *SMALL),
    "size": ("trial", "one.yaml", "--find", "n", "--assume-effect", "-2", *SMALL),
    "compare": ("compare", "one.yaml", "two.yaml", *SMALL),
    "next": ("next", "what-keeps-pain-going", "--worlds", "10", "--people", "8"),
}
NOT_COMPARED = {"manifest.json", "request.json"}
WRITTEN_EVERY = 0.02
"""Seconds: small runs are over before the usual time."""

SHARE_ASKED = 0.2
MOST_KILLS_OF_A_RUN = 3


@dataclass
class Tally:
    """What came of the kills."""

    kills: Counter[str] = field(default_factory=Counter)
    with_pieces: int = 0
    runs: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    arguments = _arguments()
    chance = random.Random(arguments.seed)
    pieces.WRITTEN_EVERY = WRITTEN_EVERY
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="calor-kills-") as name:
        os.chdir(name)
        for protocol, patients in (("one", 40), ("two", 60)):
            Path(f"{protocol}.yaml").write_text(PROTOCOL.format(id=protocol, patients=patients))
        cases = {name: CASES[name] for name in arguments.only or CASES}
        unbroken = {name: _unbroken(name, command) for name, command in cases.items()}
        while sum(tally.kills.values()) < arguments.kills and not tally.wrong:
            name = list(cases)[tally.runs % len(cases)]
            _one_run(name, cases[name], unbroken[name], chance, tally)
            if tally.runs % 10 == 0:
                print(f"{sum(tally.kills.values())} kills of {tally.runs} runs", flush=True)
    print(f"{sum(tally.kills.values())} kills ({dict(tally.kills)}) of {tally.runs} runs; "
          f"{tally.with_pieces} left finished pieces; lost or different: {len(tally.wrong)}")  # fmt: skip
    for each in tally.wrong:
        print(each, file=sys.stderr)
    return 1 if tally.wrong else 0


def _unbroken(name: str, command: tuple[str, ...]) -> float:
    """Make the run that the others are compared with; return the seconds that it takes once all is loaded."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exit_code_of([*command, "--out", f"{name}-first"])  # here, so that children find everything loaded
    began = time.monotonic()
    if _exit_code(_begun((*command, "--out", f"{name}-unbroken"))):
        raise SystemExit(f"{name} fails unbroken: {Path('log').read_text()[-2000:]}")
    return time.monotonic() - began


def _one_run(
    name: str, command: tuple[str, ...], seconds: float, chance: random.Random, tally: Tally
) -> None:
    """Kill a run, perhaps again after it is resumed, then let it end, and compare it."""
    folder = Path(f"{name}-{tally.runs}")
    tally.runs += 1
    begin = (*command, "--out", str(folder))
    for _ in range(chance.randint(1, MOST_KILLS_OF_A_RUN)):
        kind = signal.SIGTERM if chance.random() < SHARE_ASKED else signal.SIGKILL
        workers = ("--workers", str(chance.randint(1, 3)))
        again = ("resume", str(folder)) if (folder / "request.json").exists() else begin
        child = _begun((*again, *workers))
        time.sleep(chance.uniform(0, seconds))
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            break
        os.kill(child, kind)
        os.waitpid(child, 0)
        tally.kills[kind.name] += 1
        tally.with_pieces += any(folder.glob(f"{CHECKPOINTS}/*"))
        if (folder / "request.json").exists() and read_status(folder).state is State.RUNNING:
            tally.wrong.append(f"{folder} reads as running after {kind.name}")
    again = ("resume", str(folder)) if (folder / "request.json").exists() else begin
    code = _exit_code(_begun(again))
    differs = _differences(folder, Path(f"{name}-unbroken"))
    if code or differs:
        tally.wrong.append(f"{folder}: exit code {code}, {differs or Path('log').read_text()[-500:]}")
    else:
        shutil.rmtree(folder)


def _begun(arguments: tuple[str, ...]) -> int:
    """Return a child that runs the command line on arguments; what it says goes to the file `log`."""
    child = os.fork()
    if child:
        return child
    try:
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(log, stream)
        os._exit(exit_code_of(list(arguments)))
    finally:
        os._exit(70)


def _exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _differences(folder: Path, unbroken: Path) -> list[str]:
    """Return the files that a run has and the unbroken one does not, or otherwise."""
    names = {path.name for each in (folder, unbroken) if each.is_dir() for path in each.iterdir()}
    return sorted(
        name for name in names - NOT_COMPARED if _bytes_of(folder / name) != _bytes_of(unbroken / name)
    )


def _bytes_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=list(CASES), help="these cases alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
