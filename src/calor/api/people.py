"""Virtual patients with chosen traits, untreated and treated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import one_of, scenario_from, seed_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.api.posteriors import Posterior
    from calor.population.course import CohortCourse
    from calor.report.tables import Table


def patients(
    cohort: int | None = None,
    *,
    duration_months: float = 3.0,
    phenotype: str | None = None,
    cytokines: str | None = None,
    antibody: bool | None = None,
    drugs: str | Collection[str] = (),
    regimens: str | Collection[str] = (),
    rival: str | None = None,
    days: int = 84,
    posterior: Posterior | str | Path | None = None,
    values: Mapping[str, float] | None = None,
    seed: int = 1,
) -> Patients:
    """Return virtual patients, followed as `calor patient` follows them.

    Arguments: how many people (without: one, in every world and rival in which the traits occur); months
    from injury to study day 1; the side of the warmer limb, tissue TNF and whether the autoantibody can be
    made (None: any); drugs with a regimen each; one rival explanation; how many days to follow; the
    posterior; typical values to hold; the seed.
    Raises InputError for what is wrong with any of them, and UnsupportedError for more than memory holds.
    """
    from calor.core.progress import SILENT
    from calor.model.disease import load_disease
    from calor.population.cohort import Cytokines, Phenotype, Traits
    from calor.report import patient_run as run

    size = None if cohort is None else run.COHORT.whole(cohort, "cohort")
    length = run.DAYS.whole(days, "days")
    run.refuse_too_large(size or run.WORLDS_OF_ONE, length)
    traits = Traits(
        run.DURATION_MONTHS.number(duration_months, "duration_months"),
        None if phenotype is None else one_of(Phenotype, phenotype, "phenotype"),
        None if cytokines is None else one_of(Cytokines, cytokines, "cytokines"),
        antibody,
    )
    document, courses = run.patient_document(
        load_disease(),
        traits,
        run.given_of(texts_of(drugs), texts_of(regimens)),
        run.rivals_named(rival),
        scenario_from(posterior, changes=values),
        size,
        length,
        seed_of(seed),
        SILENT,
    )
    return Patients(document, courses)


@dataclass(frozen=True, repr=False)
class Patients(Result):
    """Virtual patients over time. Arguments: the document, and the courses behind it by name."""

    document: dict[str, Any]
    courses: dict[str, CohortCourse]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a course, virtual patient and day, with every output."""
        from calor.report.patient_document import course_table

        everybody = len(self.courses["untreated"].lived)
        return course_table(self.courses, self.document["status"], everybody)

    def plot(self) -> Figure:
        """Return the figure of `calor patient`."""
        from calor.report.patient_figure import draw_patient

        return draw_patient(self.document)

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.patient_table import patient_parts

        return patient_parts(self.document)
