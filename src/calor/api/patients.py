"""One virtual patient or a cohort with chosen traits, untreated and treated."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import one_of, scenario_from, seed_of, texts_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.api.posteriors import Posterior
    from calor.population.course import CohortCourse
    from calor.report.tables import Table


def patients(
    *,
    duration_months: float = 3.0,
    phenotype: str | None = None,
    cytokines: str | None = None,
    antibody: bool | None = None,
    pain_at_least: float | None = None,
    drug: str | Path | Collection[str | Path] = (),
    regimen: str | Collection[str] = (),
    rival: str | None = None,
    cohort: int | None = None,
    days: int = 84,
    posterior: Posterior | str | Path | None = None,
    set: Mapping[str, float] | None = None,
    seed: int = 1,
) -> Patients:
    """Return the course of one virtual patient or of a cohort, as `calor patient` follows them.

    Arguments: months from injury to study day 1; `warm` or `cold`; `high` or `low` tissue TNF; whether the
    person makes the autoantibody; the least pain at screening; drugs, each with its regimen; one rival only;
    how many people (without: one person in every world and rival in which they have the traits); for how many
    days; the posterior (name, file or `prior`); numbers to hold at a value; the seed.
    Raises InputError for wrong traits, drugs or regimens and for traits too rare, UnsupportedError for more
    days of people than memory holds.
    """
    from calor.core.progress import SILENT
    from calor.model.disease import load_disease
    from calor.population.traits import COHORT, DAYS, DURATION_MONTHS, PAIN, Cytokines, Phenotype, Traits
    from calor.report import patient_run as runs

    least = None if pain_at_least is None else PAIN.number(pain_at_least, "--pain-at-least")
    months = DURATION_MONTHS.number(duration_months, "--duration-months")
    limb = None if phenotype is None else one_of(Phenotype, phenotype, "--phenotype")
    level = None if cytokines is None else one_of(Cytokines, cytokines, "--cytokines")
    traits = Traits(months, limb, level, antibody, least)
    size = None if cohort is None else COHORT.whole(cohort, "--cohort")
    length = DAYS.whole(days, "--days")
    runs.refuse_too_large(size or runs.WORLDS_OF_ONE, length)
    document, courses, _ = runs.patient_document(
        load_disease(),
        traits,
        runs.given_of(texts_of(drug), texts_of(regimen)),
        runs.rivals_named(rival),
        scenario_from(posterior, held=set),
        size,
        length,
        seed_of(seed),
        SILENT,
    )
    return Patients(document, courses)


@dataclass(frozen=True, repr=False)
class Patients(Result):
    """Virtual patients over time.

    Arguments: the document of `calor patient`, and the courses behind it by name (`untreated`, `treated`).
    """

    document: dict[str, Any]
    courses: Mapping[str, CohortCourse]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a course, member and day, with every output; the units stand in `attrs`."""
        from calor.report.patient_document import course_table

        table = course_table(self.courses, self.document["status"], len(self.courses["untreated"].lived))
        table.attrs["units"] = {"time_days": "day", **self._units}
        return table

    def to_xarray(self) -> xr.Dataset:
        """Return each output, (course, member, time_days), with its unit.

        A member who could not be simulated is not-a-number from there on; `lived` (course, member) says who.
        """
        import numpy as np
        import xarray as xr

        first = self.courses["untreated"]
        outputs = {
            name: (
                ("course", "member", "time_days"),
                np.stack([course.outputs[name] for course in self.courses.values()]),
                {"units": unit},
            )
            for name, unit in self._units.items()
        }
        lived = np.stack([course.lived for course in self.courses.values()])
        return xr.Dataset(
            {**outputs, "lived": (("course", "member"), lived)},
            coords={
                "course": list(self.courses),
                "time_days": ("time_days", first.times, {"units": "day"}),
            },
            attrs={"title": self.document["title"], "status": self.document["status"], "simulated": "true"},
        )

    def plot(self) -> Figure:
        """Return the figure of `calor patient`: median and 95 % of virtual patients."""
        from calor.report.patient_figure import draw_patient

        return draw_patient(self.document)

    @property
    def _units(self) -> dict[str, str]:
        return {name: output["unit"] for name, output in self.document["outputs"].items()}

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.patient_table import patient_parts
        from calor.report.trial_remarks import warning_remarks

        yield from patient_parts(self.document)
        yield from warning_remarks(self.document)
