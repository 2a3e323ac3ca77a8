"""Studies: who was given what and measured how, with the published numbers that a fit matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text

    from calor import study as definitions
    from calor.report.tables import Table
    from calor.study.fitted import TargetEntry
    from calor.study.published import PublishedNumber


def study(identifier: str) -> Study:
    """Return a study that ships, by id. Raises InputError with the nearest ids for one that there is not."""
    from calor.study import library

    known = library.study_ids()
    if identifier not in known:
        near = [one for one in known if identifier.lower() in one] or get_close_matches(identifier, known)
        raise InputError.of(
            f"{identifier!r} is no study that ships",
            allowed=", ".join(known),
            hint=f"did you mean {', '.join(near)}?" if near else "Study.from_file reads a file",
        )
    return Study(library.study(identifier))


@dataclass(frozen=True, repr=False)
class Study(Result):
    """A study, published, planned or a user's own. Arguments: the study as its file says it."""

    definition: definitions.Study

    @classmethod
    def from_file(cls, path: str | Path) -> Study:
        """Return the study of a YAML file, checked as a trial too where it has a design.

        Raises InputError with every problem, its line and key, and UnsupportedError, by name, for what calor
        does not support.
        """
        from calor.study.reading import is_designed, read_study, study_document
        from calor.trial.protocols.reading import read_protocol

        designed = is_designed(study_document(Path(path)))
        return cls(read_protocol(Path(path)) if designed else read_study(Path(path)))

    @property
    def id(self) -> str:
        """The study's id."""
        return self.definition.id

    @property
    def title(self) -> str:
        """The study's title."""
        return self.definition.title

    @property
    def is_trial(self) -> bool:
        """Whether it is designed as a trial, so that `calor.Trial` can run it."""
        from calor.study import Protocol

        return isinstance(self.definition, Protocol)

    def to_pandas(self) -> pd.DataFrame:
        """Return the published numbers that a fit may match, one row each, with error, grade and source."""
        import pandas as pd

        columns = ["target", "statistic", "arm", "control", "from_day", "to_day", "value", "standard_error"]
        rows = [
            (target.id, target.statistic, target.arm, target.control, *target.days, number.value,
             target.standard_error, str(number.grade), number.source)
            for target, number in self._published
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[*columns, "grade", "source"])

    @property
    def _published(self) -> list[tuple[TargetEntry, PublishedNumber]]:
        from calor.study.published import published_number

        return [
            (target, published_number(self.definition.record, target.published))
            for target in self.definition.targets
        ]

    def _document(self) -> dict[str, Any]:
        return self.definition.model_dump(mode="json", by_alias=True, exclude_none=True)

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.numbers import short_text
        from calor.report.tables import Table, number, words
        from calor.study.assumed import assumed_in

        yield f"{self.title} ({self.id}; role: {self.definition.role})"
        arms = [
            (arm.name, "; ".join(f"{one.drug}: {one.regimen}" for one in arm.treatments) or "no drug")
            for arm in self.definition.arms
        ]
        yield Table((words("arm"), words("given")), arms, title="Arms")
        rows = [
            (target.id, target.statistic,
             f"{short_text(found.value)} ± {short_text(target.standard_error, 2)}", found.grade, found.source)
            for target, found in self._published
        ]  # fmt: skip
        if rows:
            columns = (words("target"), words("statistic"), number("value"), words("grade"), words("source"))
            yield Table(columns, rows, title="Published numbers that a fit may match")
        for key, reason in assumed_in(self.definition).items():
            yield f"Assumed: {key}: {reason}."
