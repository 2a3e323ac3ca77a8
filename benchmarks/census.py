"""Every SBML model of a folder on calor and on libRoadRunner: who solves it, how fast, how alike.

    python benchmarks/census.py FOLDER [--csv census.csv] [--only NAME ...] [--limit SECONDS] [--jobs N]

Both simulate from 0 to 100 in 97 intervals, so that few times to save are instants of an event. The seconds
are of the processor, for reading, compiling and simulating, calor as `calor simulate` does it with nothing
cached, libRoadRunner at its own tolerances. What is compared is libRoadRunner at a relative tolerance of
1e-12 and an absolute one of 1e-18 of every variable's largest value (or up to 1e-8 and 1e-10 where it fails),
no step longer than 0.5: the difference is, over species and other states and over times, the largest
|calor - libRoadRunner| divided by the variable's largest value by either. A model in which it exceeds 1e-4
is looked at again:

- By its own scale: what a variable is between the times that are saved counts for how large it becomes (one
  that rises and is gone before the first of them is nothing but error at all others), and the values of
  assignment rules, which are known no better than rounding of the rules' own operands allows, differ where
  they differ by more than that (see `census_rounding`). Where the difference is then within 1e-4, it is
  "same by its own scale".
- calor's program solved by scipy's LSODA at a tolerance of 1e-12 is a third opinion: the columns say how far
  it is from each of the two. Where it agrees with calor, "libRoadRunner stands alone": the solution of the
  equations is then right, which says nothing of whether calor reads the file rightly.
- Where calor at a tolerance of 1e-11 is as far from itself and from libRoadRunner as before, the numbers are
  those of chaos, or of rounding that is not a rule's, and the model is "undetermined".

All of these are listed with their numbers. The census goes on where an earlier one left off: what stands in
the table of `--csv` is not run again. Small files come first.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from census_children import in_child, kept_in, models_of
from census_simulators import (
    Answer,
    calor_answer,
    calor_closer,
    calor_reference,
    calor_scales,
    roadrunner_answer,
    roadrunner_tight,
)
from census_table import LARGEST_DIFFERENCE, Row, append_row, print_counts, read_rows


def main() -> None:
    """Run the census and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, default=Path("census.csv"))
    parser.add_argument("--only", nargs="*", default=[], help="names of models, without .xml")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a simulator may take for a model")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    files = models_of(options.folder, options.only)
    known = {row.model: row for row in read_rows(options.csv)}
    missing = [file for file in files if file.stem not in known]
    with tempfile.TemporaryDirectory() as empty, kept_in(Path(empty)):
        for row in examined(missing, options.limit, options.jobs):
            known[row.model] = row
            append_row(options.csv, row)
    print_counts([known[file.stem] for file in files])


def examined(files: list[Path], limit: float, jobs: int) -> Iterator[Row]:
    """Yield what was found for each file, in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda file: examine(file, limit), files)


def examine(file: Path, limit: float) -> Row:
    """Run both simulators on a file, each in a process of its own, and compare."""
    own = in_child(calor_answer, file, limit)
    peer = in_child(roadrunner_answer, file, limit)
    row = Row(file.stem, own.status, own.seconds, peer.status, peer.seconds, np.nan, "", *[np.nan] * 6)
    if own.values is None or peer.values is None:
        return row
    tight = in_child(lambda path: roadrunner_tight(path, peer), file, 2 * limit)
    best = tight if tight.values is not None else peer
    row.libroadrunner = "solved" if best is tight else f"solved, but tight: {tight.status}"
    row.difference, row.variable = difference(own, best)
    row.libroadrunner_from_itself = difference(peer, best)[0]
    if not row.difference <= LARGEST_DIFFERENCE:
        scales = in_child(calor_scales, file, limit)
        row.by_own_scale = difference(own, best, scales)[0]
        closer = in_child(calor_closer, file, limit)
        if closer.values is not None:
            row.closer_from_calor = difference(own, closer, scales)[0]
            row.closer_from_libroadrunner = difference(best, closer, scales)[0]
        third = in_child(calor_reference, file, 2 * limit)
        if third.values is not None:
            row.from_third_calor = difference(own, third, scales)[0]
            row.from_third_libroadrunner = difference(best, third, scales)[0]
    return row


def difference(first: Answer, second: Answer, scales: Answer | None = None) -> tuple[float, str]:
    """Return the largest difference, relative to each variable's largest value, and the variable's name.

    Arguments: two answers; and, where they count, how far rounding may take values, and how large they become
    between the times that are saved.
    """
    assert first.values is not None
    assert second.values is not None
    names = [name for name in first.names if name in second.names]
    if not names:
        return 0.0, ""
    a, b = (each.values[:, [each.names.index(name) for name in names]] for each in (first, second))
    size = np.fmax(np.abs(a), np.abs(b))
    largest = np.nanmax(np.where(np.isfinite(size), size, np.finfo(float).tiny), axis=0)
    alike = (a == b) | (np.isnan(a) & np.isnan(b))
    if scales is not None and scales.values is not None:
        columns = [scales.names.index(name) for name in names]
        alike |= np.abs(a - b) <= scales.values[:, columns]
        largest = np.fmax(largest, scales.largest[columns])
    with np.errstate(invalid="ignore"):
        apart = np.where(alike, 0.0, np.abs(a - b) / largest)
    apart = np.where(np.isnan(apart), np.inf, apart)
    worst = int(np.argmax(apart.max(axis=0)))
    return float(apart.max()), names[worst]


if __name__ == "__main__":
    main()
