"""`calor simulate --omex FILE`: what was simulated, as a COMBINE archive for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calor.cli.options import given
from calor.cli.simulate_events import EventsResult
from calor.cli.simulate_values import Points
from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.engine import compile_kernel
from calor.engine.archives.sedml_writing import UniformCourse
from calor.engine.archives.writing import Run, Simulations, write_archive
from calor.engine.batch import Options
from calor.engine.calendar import Calendar
from calor.engine.dosing.covariates import SteadyStatesByRecord
from calor.engine.dosing.expand import expand
from calor.engine.dosing.records import by_patient
from calor.engine.importers.files import sbml_of_file
from calor.engine.symbolic.system import System
from calor.engine.symbolic.traversal import symbols_of

SMALL_PART = 1e-3
"""The absolute tolerance that others are asked for, as part of the relative one and the smallest quantity."""


@dataclass(frozen=True)
class Request:
    """The archive that was asked for.

    Arguments: where it goes; the model's file and system, nothing set; the columns and their quantities; the
    times that all are seen at; the accuracy; the values that were set.
    """

    path: Path
    model: Path
    system: System
    columns: tuple[str, ...]
    quantities: tuple[str, ...]
    times: Numbers
    accuracy: Options
    settings: Mapping[str, float]

    def write(self, runs: Sequence[Run], largest: Numbers) -> None:
        """Write the runs; `largest` are the largest values (n_columns,) that the columns had.

        Raises UnsupportedError for what has no place in an archive, InputError where it cannot be written.
        """
        smallest = min((value for value in largest.tolist() if value > 0), default=1.0)
        course = UniformCourse(
            float(self.times[0]), float(self.times[-1]), len(self.times) - 1, self.accuracy.rtol,
            self.accuracy.rtol * SMALL_PART * smallest,
        )  # fmt: skip
        simulations = Simulations(
            sbml=sbml_of_file(self.model),
            system=self.system,
            runs=runs,
            columns=self.columns,
            quantities=self.quantities,
            course=course,
            title=self.system.name,
            source=self.model.name,
        )
        write_archive(simulations, self.path)

    def one(self) -> Run:
        """Return the run of the model alone."""
        return Run(self.system.name, self.settings, Calendar.empty(), float(self.times[0]))

    def of_points(self, points: Points) -> list[Run]:
        """Return a run for every set of values of a scan or a population."""
        return [
            replace(
                self.one(),
                label=", ".join(
                    f"{n} {_text(value)}" for n, value in zip(points.label_names, label, strict=True)
                ),
                values={**self.settings, **dict(zip(points.names, values, strict=True))},
            )
            for label, values in zip(points.labels, points.values.tolist(), strict=True)
        ]

    def of_events(self, result: EventsResult, points: Points | None) -> list[Run]:
        """Return a run for every person of a table under every set of values.

        Raises UnsupportedError where time starts anew, or where a value that changes in time is needed at the
        start.
        """
        _refuse_needed_at_start(self.system, result)
        steady_at = SteadyStatesByRecord(lambda: compile_kernel(result.plain), result.covariates.names)
        labels = points.label_names if points is not None else ()
        runs = []
        for run in result.runs:
            said = [f"{name} {_text(value)}" for name, value in zip(labels, run.label, strict=False)]
            for positions in by_patient(run.records):
                legs = expand(run.records, positions, steady_at, result.covariates)
                if len(legs) != 1:
                    raise UnsupportedError.of(
                        "time that starts anew in an archive is not supported", key="--omex"
                    )
                own = dict(zip(result.names, legs[0].covariates, strict=True))
                patient = run.records[positions[0]].patient
                runs.append(
                    Run(
                        ", ".join([*said, f"ID {patient}"]),
                        {
                            **self.settings,
                            **{name: value for name, value in own.items() if value is not None},
                        },
                        legs[0].calendar,
                        legs[0].start,
                    )
                )
        return runs


def refuse_without_end() -> None:
    """Raise InputError where a table of doses has no times at equal intervals beside it."""
    if not given("--end"):
        raise InputError.of(
            "--omex with --events needs --end",
            allowed="--end and --steps: an archive has equal intervals",
            hint="the table's own observations are not in it",
        )


def _refuse_needed_at_start(system: System, result: EventsResult) -> None:
    for item in system.starts:
        needed = sorted(symbols_of([item.formula]) & result.covariates.varying)
        if needed:
            raise UnsupportedError.of(
                f"{needed[0]} changes in time, and {item.name} is computed from it at the start: "
                "in an archive that is not supported",
                key="--omex",
            )  # fmt: skip


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
