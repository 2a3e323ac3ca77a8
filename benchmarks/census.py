"""Every SBML model of a folder on calor and on libRoadRunner: who solves it, how fast, how alike.

    python benchmarks/census.py FOLDER [--csv census.csv] [--only NAME ...] [--limit SECONDS] [--jobs N]

Both simulate from 0 to 100 in 97 intervals, so that few times to save are instants of an event. The seconds
are of reading, compiling and simulating, calor as `calor simulate` does it with nothing cached,
libRoadRunner at its own tolerances. What is compared is libRoadRunner at a relative tolerance of 1e-10 and
an absolute one of 1e-13 of every variable's largest value (or up to 1e-8 and 1e-10 where it fails), no step
longer than 0.5: the difference is, over species and other states and over times, the largest |calor -
libRoadRunner| divided by the variable's largest value by either, or if that is less, by 1e-25 of the
model's largest number, parameters included, and by 1e-10 of it for a species that a rule computes from
others, as a difference of large numbers may be. Where it exceeds 1e-4, calor's program solved by scipy's
LSODA at a tolerance of 1e-12 is a third opinion: the columns say how far it is from each of the two. Where
calor at a tolerance of 1e-11 is as far from itself and from libRoadRunner as before, the numbers are those
of rounding or of chaos, and the model counts as undetermined; where calor's two solvers agree and
libRoadRunner does not (it steps over short pulses, and over triggers that ask for equality), it stands
alone.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from census_simulators import (
    Answer,
    calor_answer,
    calor_closer,
    calor_reference,
    roadrunner_answer,
    roadrunner_tight,
)
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LARGEST_DIFFERENCE = 1e-4
NOTHING, ROUNDING = 1e-25, 1e-10
"""The least size of a variable, and of one computed from others, relative to the model's largest number."""
ORDINARY = ("same", "undetermined", "libRoadRunner alone", "solved by calor alone", "refused by name")
"""Verdicts that need no look."""
SLOW, QUICK = 10.0, 1.0
"""More seconds than this are too many for calor where libRoadRunner takes no more than that."""


@dataclass
class Row:
    """What was found for one model; differences are relative, NaN where there was nothing to compare."""

    model: str
    calor: str
    calor_seconds: float
    libroadrunner: str
    libroadrunner_seconds: float
    difference: float
    variable: str
    closer_from_calor: float
    closer_from_libroadrunner: float
    from_third_calor: float
    from_third_libroadrunner: float
    libroadrunner_from_itself: float

    @property
    def verdict(self) -> str:
        """The row's count in the summary."""
        if self.calor.startswith(("refused", "invalid")):
            return "refused by name"
        if self.calor != "solved":
            return "failed"
        if not self.libroadrunner.startswith("solved"):
            return "solved by calor alone"
        if self.difference <= LARGEST_DIFFERENCE:
            return "same"
        if min(self.closer_from_calor, self.closer_from_libroadrunner) > self.difference / 10:
            return "undetermined"
        agree = self.from_third_calor <= LARGEST_DIFFERENCE < self.from_third_libroadrunner
        return "libRoadRunner alone" if agree else "different"


def main() -> None:
    """Run the census and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, default=Path("census.csv"))
    parser.add_argument("--only", nargs="*", default=[], help="names of models, without .xml")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a simulator may take for a model")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.xml"))
    files = [file for file in files if not options.only or file.stem in options.only]
    rows = []
    with options.csv.open("w", newline="", encoding="utf-8") as file, tempfile.TemporaryDirectory() as empty:
        os.environ["CALOR_CACHE"] = empty
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        for row in examined(files, options.limit, options.jobs):
            rows.append(row)
            writer.writerow({**asdict(row)})
            file.flush()
    print_counts(rows)


def examined(files: list[Path], limit: float, jobs: int) -> Iterator[Row]:
    """Yield what was found for each file, in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda file: examine(file, limit), files)


def examine(file: Path, limit: float) -> Row:
    """Run both simulators on a file, each in a process of its own, and compare."""
    own = in_child(calor_answer, file, limit)
    peer = in_child(roadrunner_answer, file, limit)
    row = Row(file.stem, own.status, own.seconds, peer.status, peer.seconds, np.nan, "", *[np.nan] * 5)
    if own.values is None or peer.values is None:
        return row
    tight = in_child(lambda path: roadrunner_tight(path, peer), file, 2 * limit)
    best = tight if tight.values is not None else peer
    row.libroadrunner = "solved" if best is tight else f"solved, but tight: {tight.status}"
    row.difference, row.variable = difference(own, best)
    row.libroadrunner_from_itself = difference(peer, best)[0]
    if not row.difference <= LARGEST_DIFFERENCE:
        closer = in_child(calor_closer, file, limit)
        if closer.values is not None:
            row.closer_from_calor = difference(own, closer)[0]
            row.closer_from_libroadrunner = difference(closer, best)[0]
        third = in_child(calor_reference, file, 2 * limit)
        if third.values is not None:
            row.from_third_calor = difference(own, third)[0]
            row.from_third_libroadrunner = difference(third, best)[0]
    return row


def difference(first: Answer, second: Answer) -> tuple[float, str]:
    """Return the largest difference, relative to each variable's largest value, and the variable's name."""
    assert first.values is not None
    assert second.values is not None
    names = [name for name in first.names if name in second.names]
    if not names:
        return 0.0, ""
    a, b = (each.values[:, [each.names.index(name) for name in names]] for each in (first, second))
    size = np.fmax(np.abs(a), np.abs(b))
    largest = np.nanmax(np.where(np.isfinite(size), size, 0.0), axis=0)
    computed = [name in first.computed for name in names]
    least = np.maximum(np.where(computed, ROUNDING, NOTHING) * first.largest, np.finfo(float).tiny)
    with np.errstate(invalid="ignore"):
        apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b) / np.fmax(largest, least))
    apart = np.where(np.isnan(apart), np.inf, apart)
    worst = int(np.argmax(apart.max(axis=0)))
    return float(apart.max()), names[worst]


def in_child(task: Callable[[Path], Answer], file: Path, limit: float) -> Answer:
    """Return what a task says of a file, from a process that is ended when its time is over."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(task, file, theirs))
    started = time.monotonic()
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(limit) else Answer.without(f"took longer than {limit:g} s", limit)
    except EOFError:
        return Answer.without("the process died", time.monotonic() - started)
    finally:
        process.kill()
        process.join()


def _send(task: Callable[[Path], Answer], file: Path, connection: Connection) -> None:
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    connection.send(task(file))


def print_counts(rows: list[Row]) -> None:
    """Print how many models came out in which way, and the names of those to look at."""
    verdicts = [row.verdict for row in rows]
    print(f"{len(rows)} models")
    for verdict in ORDINARY:
        print(f"{verdicts.count(verdict):5d} {verdict}")
    slow = [row for row in rows if row.calor_seconds > SLOW and row.libroadrunner_seconds <= QUICK]
    unmatched = [row for row in rows if row.verdict == "failed" and row.libroadrunner.startswith("solved")]
    for title, chosen in (
        (
            f"differ by more than {LARGEST_DIFFERENCE:g}",
            [row for row in rows if row.verdict == "different"],
        ),
        ("failed", [row for row in rows if row.verdict == "failed"]),
        ("failed where libRoadRunner solves", unmatched),
        (f"over {SLOW:g} s where libRoadRunner takes at most {QUICK:g} s", slow),
    ):
        print(f"{len(chosen):5d} {title}")
        for row in chosen:
            print(
                f"        {row.model}: {row.calor}, {row.calor_seconds:.1f} s (libRoadRunner "
                f"{row.libroadrunner}, {row.libroadrunner_seconds:.1f} s), {row.difference:.1e} apart in "
                f"{row.variable}; closer {row.closer_from_calor:.1e} and "
                f"{row.closer_from_libroadrunner:.1e}, "
                f"third {row.from_third_calor:.1e} and {row.from_third_libroadrunner:.1e}"
            )


if __name__ == "__main__":
    main()
