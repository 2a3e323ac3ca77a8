"""Any SBML or Antimony model: loaded, simulated, its course as tables and figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import held_values, texts_of
from calor.core.tolerances import ATOL, RTOL

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.engine.course import Simulated
    from calor.engine.symbolic import system as symbolic
    from calor.report.tables import Table


def load_sbml(source: str | Path) -> System:
    """Return the system of an SBML file, or of a document given as text.

    Raises InputError for what is malformed, UnsupportedError, with its name, for what calor does not do.
    """
    from calor import engine

    return System(engine.load_sbml(source))


def load_antimony(source: str | Path) -> System:
    """Return the system of an Antimony file, or of a model given as text.

    Raises InputError for what is malformed, UnsupportedError, with its name, for what calor does not do.
    """
    from calor import engine

    return System(engine.load_antimony(source))


@dataclass(frozen=True)
class System:
    """A system of ordinary differential equations. Arguments: the system as the engine knows it."""

    definition: symbolic.System

    @property
    def states(self) -> tuple[str, ...]:
        """The names of what is integrated."""
        return self.definition.state_names

    @property
    def parameters(self) -> dict[str, float]:
        """The constants by name."""
        return {parameter.name: parameter.value for parameter in self.definition.parameters}

    @property
    def units(self) -> dict[str, str | None]:
        """The unit of everything that can be asked for, None where the model names none."""
        return dict(self.definition.units)

    def simulate(
        self,
        end: float = 10.0,
        *,
        start: float = 0.0,
        steps: int = 50,
        outputs: str | Collection[str] = (),
        amounts: str | Collection[str] = (),
        concentrations: str | Collection[str] = (),
        set: Mapping[str, float] | None = None,
        rtol: float = RTOL,
        atol: float = ATOL,
    ) -> Simulation:
        """Return the course of the system, as `calor simulate` does.

        Arguments: the last time and the first, in the model's unit of time; how many equal intervals between
        outputs; the quantities to keep (without: species and states), species to keep as amounts or as
        concentrations; parameters and initial values by name; the tolerances.
        Raises InputError for an unknown quantity or parameter, and where the system cannot be solved to the
        end: with the time reached.
        """
        from calor.engine.course import accuracy_of, columns_of, simulate_course, times_between
        from calor.engine.dosing.bounds import refuse_too_many_values
        from calor.engine.symbolic.setting import set_values

        times, accuracy = times_between(start, end, steps), accuracy_of(rtol, atol)
        held = held_values(set)
        system = set_values(self.definition, tuple(held.items()))
        columns, quantities = columns_of(
            system, texts_of(outputs), texts_of(amounts), texts_of(concentrations)
        )
        refuse_too_many_values(1, len(times), len(quantities))
        return Simulation(simulate_course(system, columns, quantities, times, accuracy), held)


@dataclass(frozen=True, repr=False)
class Simulation(Result):
    """The course of a system. Arguments: the course, and the values that were set by name."""

    course: Simulated
    set: Mapping[str, float]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a time and one column a quantity; the units stand in `attrs`."""
        import pandas as pd

        table = pd.DataFrame(self.course.values, columns=list(self.course.names))
        table.insert(0, "time", self.course.times)
        table.attrs["units"] = {
            "time": self.course.time_unit,
            **dict(zip(self.course.names, self.course.units, strict=True)),
        }
        return table

    def to_xarray(self) -> xr.Dataset:
        """Return each quantity over time, (time), with its unit as the attribute `units`."""
        import xarray as xr

        course = self.course
        return xr.Dataset(
            {
                name: ("time", course.values[:, column], {"units": unit} if unit else {})
                for column, (name, unit) in enumerate(zip(course.names, course.units, strict=True))
            },
            coords={"time": ("time", course.times, {"units": course.time_unit} if course.time_unit else {})},
        )

    def plot(self) -> Figure:
        """Return a figure with one line a quantity."""
        from calor.report.course_figure import draw_course

        return draw_course(self.course)

    def _document(self) -> dict[str, Any]:
        from calor.engine.course import course_document

        return {**course_document(self.course), "set": dict(self.set)}

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.course_table import course_table

        unit = f" {self.course.time_unit}" if self.course.time_unit else ""
        yield f"{len(self.course.names)} quantities up to time {self.course.times[-1]:g}{unit}"
        yield course_table(self.course)
