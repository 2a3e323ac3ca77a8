"""A million patients on daily prednisolone for a year, to summaries: time, memory, what 64 cores would take.

Run: python benchmarks/million.py [--count 1000000] [--chunk 10000] [--workers 2]
Bars: 10,000 patients x 364 daily doses under 8 s on two idle cores; the summaries of 1,000,000 under 1 GB.

Each patient is another person in another world of the prior, and takes 20 mg of prednisolone a day from the
injury on. Patients are drawn, simulated as accurately as in a trial, counted and forgotten, chunk by chunk.
Random numbers are keyed by the patient's number, counts are whole numbers, and sums are whole multiples of
`FINEST`: chunks and threads change no number, which the digest of every patient's summaries shows.

Times are processor time, which other work on the machine disturbs less than it disturbs the time on the
clock. What 64 cores would take is computed, not measured.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from engine import processor
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.engine.batch import Batch, BatchResult, Kernel, Options, Status, Summary
from calor.engine.calendar import Calendar
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.population.patients import draw_patients
from calor.population.simulation import ACCURACY
from calor.population.treated_models import TreatedModels
from calor.population.uncertainty import draw_worlds
from calor.regimen import parse_regimen
from calor.therapy.dosing import calendar_of
from calor.therapy.library import load_drug

DRUG, REGIMEN = "prednisolone", "20 mg oral daily for 364 days"
YEAR = 364.0
REFERENCE_WEIGHT = 70.0
"""In kg; no dose of the regimen goes by weight."""

SEED = 20261128
MILLION, CORES = 1_000_000, 64
NO_TIMES = np.zeros(0)

BINS = 1_000
FINEST = 2.0**-30
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)


@dataclass(frozen=True)
class Tracked:
    """A summary of each patient, and the largest value that the bins tell apart (more is in the last one)."""

    summary: Summary
    largest: float

    @property
    def words(self) -> str:
        """What it is, in words."""
        asked = self.summary
        return f"{asked.kind} {asked.output}, day {asked.start:g} to {asked.end:g}"


TRACKED = (
    Tracked(Summary("mean", "pain_nrs", YEAR - 28, YEAR), 10.0),
    Tracked(Summary("auc", "pain_nrs", 0.0, YEAR), 10.0 * YEAR),
    Tracked(Summary("time_above", "pain_nrs", 0.0, YEAR, threshold=4.0), YEAR),
    Tracked(Summary("maximum", "oedema", 0.0, YEAR), 4.0),
    Tracked(Summary("minimum", "grip_share", 0.0, YEAR), 1.0),
    Tracked(Summary("maximum", "autoantibody_igg_titre", 0.0, YEAR), 2.0),
)


@dataclass(frozen=True)
class Treated:
    """The disease with its drug, what every patient takes, and where random numbers come from.

    Arguments: the kernel, the parameters that it has, the calendar of all, and the stream.
    """

    kernel: Kernel
    table: ParameterTable
    calendar: Calendar
    stream: Stream

    @classmethod
    def load(cls) -> Treated:
        """Return the disease composed with daily prednisolone, compiled."""
        drug = load_drug(DRUG)
        models = TreatedModels(load_disease())
        kernel = models.kernel([drug])
        needed = frozenset(kernel.parameter_names)
        rows = tuple(row for row in models.table if row.identifier in needed)
        calendar = calendar_of(parse_regimen(REGIMEN), drug, REFERENCE_WEIGHT)
        return cls(kernel, ParameterTable(rows), calendar, Stream(SEED))

    def drawn(self, numbers: NDArray[np.int64]) -> Batch:
        """Return numbered patients (n,), each in a world of its own, as a batch that keeps summaries only."""
        worlds = draw_worlds(self.table, self.stream, numbers)
        people = draw_patients(self.table, worlds, self.stream, numbers, np.arange(len(numbers)))
        names = tuple(row.identifier for row in self.table)
        return Batch(
            save_at=NO_TIMES,
            outputs=(),
            parameter_names=names,
            parameters=people.matrix(names),
            calendars=(self.calendar,),
            summaries=tuple(each.summary for each in TRACKED),
        )


@dataclass
class Tallies:
    """What is kept of all patients, of a size that their number does not change.

    `counts` (n_summaries, BINS) of patients by bin, `sums` in units of `FINEST`, who finished and failed.
    """

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(TRACKED), BINS), dtype=np.int64))
    sums: list[int] = field(default_factory=lambda: [0] * len(TRACKED))
    finished: int = 0
    failed: int = 0
    _bytes: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, result: BatchResult) -> None:
        """Count some patients, in the order of their numbers."""
        self._bytes.update(np.ascontiguousarray(result.summaries).tobytes())
        values = result.summaries[result.status == Status.FINISHED]
        self.finished += len(values)
        self.failed += len(result.summaries) - len(values)
        for place, (tracked, column) in enumerate(zip(TRACKED, values.T, strict=True)):
            bins = np.clip(column * (BINS / tracked.largest), 0, BINS - 1).astype(np.int64)
            self.counts[place] += np.bincount(bins, minlength=BINS)
            self.sums[place] += int(np.rint(column / FINEST).astype(np.int64).sum())

    @property
    def digest(self) -> str:
        """A hash of every bit of every patient's summaries."""
        return self._bytes.hexdigest()

    def mean(self, place: int) -> float:
        """Return the mean of a summary over who finished, to `FINEST` / 2."""
        return self.sums[place] * FINEST / self.finished

    def quantile(self, place: int, share: float) -> float:
        """Return a quantile of a summary, as the middle of its bin."""
        bins = int(np.searchsorted(np.cumsum(self.counts[place]), share * self.finished))
        return (bins + 0.5) * TRACKED[place].largest / BINS


@dataclass
class Clock:
    """Processor time by part, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add the processor time of what is done within to a part."""
        began = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began


LOADING, DRAWING, ENGINE, SUMMARIES = "loading", "drawing", "engine", "summaries"


def simulated(
    treated: Treated, count: int, chunk: int, workers: int, clock: Clock
) -> Iterator[tuple[int, Tallies]]:
    """Simulate patients 0 to `count` - 1 in chunks on some threads; yields how many are done, and tallies."""
    options = replace(ACCURACY, threads=workers)
    tallies = Tallies()
    for first in range(0, count, chunk):
        numbers = np.arange(first, min(first + chunk, count))
        add_patients(treated, numbers, options, tallies, clock)
        yield first + len(numbers), tallies


def add_patients(
    treated: Treated, numbers: NDArray[np.int64], options: Options, tallies: Tallies, clock: Clock
) -> None:
    """Draw, simulate and count numbered patients; nothing of them is left but their tallies."""
    with clock.part(DRAWING):
        batch = treated.drawn(numbers)
    with clock.part(ENGINE):
        result = treated.kernel.simulate(batch, options)
    with clock.part(SUMMARIES):
        tallies.add(result)


def peak_megabytes() -> float:
    """Return the most memory that this process has had, in 10^6 bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def seconds_for(clock: Clock, done: int, count: int, cores: int) -> float:
    """Return the computed seconds of `count` patients on idle cores like this one.

    The engine's work is shared by all cores; loading, drawing and summaries are done on one.
    """
    share = count / done
    alone = clock.seconds[LOADING] + share * (clock.seconds[DRAWING] + clock.seconds[SUMMARIES])
    return alone + share * clock.seconds[ENGINE] / cores


def report(clock: Clock, done: int, tallies: Tallies) -> None:
    """Print what some patients took and came to, and what a million would."""
    print(f"processor: {processor()}; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"loading: {clock.seconds[LOADING]:.2f} s of processor time")
    for part in (DRAWING, ENGINE, SUMMARIES):
        print(f"{part}: {clock.seconds[part] / done * 1e6:,.1f} us of processor time a patient")
    for cores in (1, 2, CORES):
        seconds = seconds_for(clock, done, MILLION, cores)
        print(f"computed, {MILLION:,} patients on {cores} idle cores: {seconds:,.0f} s")
    print(f"{tallies.finished:,} finished, {tallies.failed:,} failed; mean, and quantiles {QUANTILES}:")
    for place, tracked in enumerate(TRACKED):
        found = " ".join(f"{tallies.quantile(place, share):.4g}" for share in QUANTILES)
        print(f"  {tracked.words}: {tallies.mean(place):.6g}; {found}")
    print(f"digest of all summaries: {tallies.digest}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=MILLION, help="patients")
    parser.add_argument("--chunk", type=int, default=10_000, help="patients in memory at once")
    parser.add_argument("--workers", type=int, default=2, help="threads of the engine")
    asked = parser.parse_args()
    if min(asked.count, asked.chunk, asked.workers) < 1:
        parser.error("--count, --chunk and --workers must be at least 1")
    clock = Clock({LOADING: time.process_time()})  # what this process has taken so far: imports
    with clock.part(LOADING):
        treated = Treated.load()
        treated.kernel.simulate(treated.drawn(np.arange(1)), ACCURACY)  # compiles what many doses need
    began = time.perf_counter()
    for done, tallies in simulated(treated, asked.count, asked.chunk, asked.workers, clock):
        work = sum(clock.seconds.values()) - clock.seconds[LOADING]
        print(
            f"{done:9,} patients: {work:8.1f} s of processor time, {time.perf_counter() - began:8.1f} s "
            f"on the clock, peak memory {peak_megabytes():6.1f} MB, digest {tallies.digest[:12]}",
            flush=True,
        )
    report(clock, asked.count, tallies)


if __name__ == "__main__":
    main()
