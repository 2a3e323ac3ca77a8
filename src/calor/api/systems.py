"""Any model in SBML or Antimony, simulated over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import numbers_of, texts_of
from calor.core.bounds import Bounds
from calor.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.engine import course
    from calor.engine.symbolic import system as symbolic
    from calor.report.tables import Table

STEPS = Bounds(1, 1_000_000)


def load_sbml(source: str | Path) -> System:
    """Return the model of an SBML file (a path), or of a document given as text.

    Raises InputError for what is no SBML and UnsupportedError for a construct that is not simulated.
    """
    from calor.engine import load_sbml

    return System(load_sbml(source))


def load_antimony(source: str | Path) -> System:
    """Return the model of an Antimony file (a path), or of a model given as text; raises as `load_sbml`."""
    from calor.engine import load_antimony

    return System(load_antimony(source))


@dataclass(frozen=True)
class System:
    """A model of ordinary differential equations. Arguments: the equations as they were read."""

    equations: symbolic.System

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states."""
        return tuple(self.equations.state_names)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(self.equations.parameter_names)

    def simulate(
        self,
        end: float = 10.0,
        *,
        start: float = 0.0,
        steps: int = 50,
        outputs: str | Collection[str] = (),
        values: Mapping[str, float] | None = None,
        rtol: float = 1e-9,
        atol: float = 1e-13,
    ) -> Course:
        """Return the course of the model, as `calor simulate` computes it.

        Arguments: the last and the first time, in the model's unit; the equal intervals between them; the
        quantities wanted (without: species and states); parameters and initial values that replace the
        model's; the errors allowed in a step.
        Raises InputError for an unknown name, and with the time reached where the model cannot be solved.
        """
        import numpy as np

        from calor.engine.batch import Options
        from calor.engine.course import PATIENCE, quantities_of, simulate_course, usual_outputs
        from calor.engine.dosing.bounds import refuse_too_many_values
        from calor.engine.symbolic.setting import set_values

        first, last = numbers_of(start, "start"), numbers_of(end, "end")
        count = STEPS.whole(steps, "steps")
        if not last > first:
            raise InputError.of(f"start {first:g}, end {last:g}", allowed="an end after the start")
        if not (0 < rtol < 1 and atol > 0):
            raise InputError.of(f"rtol {rtol:g}, atol {atol:g}", allowed="0 < rtol < 1 and atol > 0")
        settings = [(name, numbers_of(value, f"values {name}")) for name, value in (values or {}).items()]
        system = set_values(self.equations, settings)
        columns = texts_of(outputs) or usual_outputs(system)
        if not columns:
            raise InputError.of("the model has no states", hint="name outputs, if it has any quantity")
        quantities = quantities_of(system, columns, (), ())
        refuse_too_many_values(1, count + 1, len(quantities))
        times = first + (last - first) * np.arange(count + 1) / count
        options = Options(rtol=rtol, atol=atol, max_steps=PATIENCE)
        return Course(simulate_course(system, columns, quantities, times, options))


@dataclass(frozen=True, repr=False)
class Course(Result):
    """A model over time. Arguments: the course as it was simulated."""

    simulated: course.Simulated

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a time (the index), one column a quantity."""
        import pandas as pd

        one = self.simulated
        return pd.DataFrame(one.values, index=pd.Index(one.times, name="time"), columns=list(one.names))

    def to_xarray(self) -> xr.Dataset:
        """Return one variable a quantity over the dimension `time`, with units where the model has them."""
        import xarray as xr

        one = self.simulated
        columns = enumerate(zip(one.names, one.units, strict=True))
        return xr.Dataset(
            {
                name: ("time", one.values[:, place], {"units": unit} if unit else {})
                for place, (name, unit) in columns
            },
            coords={"time": ("time", one.times, {"units": one.time_unit} if one.time_unit else {})},
        )

    def plot(self) -> Figure:
        """Return a figure of every quantity over time."""
        from matplotlib.figure import Figure

        figure = Figure(layout="constrained")
        axes = figure.subplots()
        for place, name in enumerate(self.simulated.names):
            axes.plot(self.simulated.times, self.simulated.values[:, place], label=name)
        unit = self.simulated.time_unit
        axes.set_xlabel(f"time, {unit}" if unit else "time")
        axes.legend(frameon=False)
        return figure

    def _document(self) -> dict[str, Any]:
        from calor.engine.course import course_document

        return course_document(self.simulated)

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.tables import Table, number, words

        one = self.simulated
        yield f"{len(one.names)} quantities at {len(one.times)} times, {one.times[0]:g} to {one.times[-1]:g}"
        rows = [
            (name, f"{one.values[0, place]:.6g}", f"{one.values[-1, place]:.6g}")
            for place, name in enumerate(one.names)
        ]
        yield Table((words("quantity"), number("at the start"), number("at the end")), rows)
