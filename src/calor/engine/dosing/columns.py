"""What every column of a dosing table means: known by name, declared, or refused; none is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calor.core.errors import InputError, Place, Problem, UnsupportedError
from calor.core.tables import Table
from calor.engine.dosing.vocabulary import HINTS, SYNONYMS, UNSUPPORTED, WITHOUT_EFFECT, WORDS

REQUIRED = ("ID", "TIME")


@dataclass(frozen=True)
class Columns:
    """What the columns mean for this model.

    Arguments:
        compartments: the states that CMT 1, 2, ... name.
        lag, bioavailability, rate, duration: per state the column of its lag, bioavailability, modelled rate
            (RATE -1) and modelled duration (RATE -2).
        covariates: per parameter of the model the column of its values.
        ignored: columns to pass over.
        states: the states that CMT may name in words, by their names in the table.
        parameters: the model's parameters; a column that has the name of one is not passed over.
        outputs: what will be written; columns named after it (`CP`, `CP_...`) hold values to compare with.
    """

    compartments: tuple[str, ...] = ()
    lag: Mapping[str, str] = field(default_factory=dict)
    bioavailability: Mapping[str, str] = field(default_factory=dict)
    rate: Mapping[str, str] = field(default_factory=dict)
    duration: Mapping[str, str] = field(default_factory=dict)
    covariates: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def declared(self) -> tuple[str, ...]:
        """The columns that options name."""
        mappings = (self.lag, self.bioavailability, self.rate, self.duration, self.covariates)
        return (*(name for mapping in mappings for name in mapping.values()), *self.ignored)


@dataclass(frozen=True)
class Meaning:
    """The column of each word of `vocabulary.WORDS` that the table has, and what was passed over."""

    column: Mapping[str, str]
    without_effect: tuple[str, ...]


def meaning_of(table: Table, columns: Columns) -> Meaning:
    """Return what the table's columns mean.

    Raises InputError for a declared or needed column that is not there, two columns that mean the same, and
    columns that are neither known nor declared; UnsupportedError for NONMEM's that are not supported.
    """
    absent = table.absent(columns.declared)
    if absent:
        raise InputError(absent)
    free = [name for name in table.columns if name not in columns.declared]
    column: dict[str, str] = {}
    for name in free:
        word = name.upper()
        if word in WORDS:
            if word in column:
                raise InputError.of(
                    f"{column[word]} and {name} both mean {word}",
                    file=table.file, line=table.header_line, allowed="one of them",
                    hint=f"--ignore {name} passes over one",
                )  # fmt: skip
            column[word] = name
    for name in free:
        word = SYNONYMS.get(name.upper(), "")
        if word and word not in column and name not in columns.parameters:
            column[word] = name
    rest = [name for name in free if name not in column.values()]
    _refuse_unsupported(table, rest, columns)
    without_effect = tuple(name for name in rest if _is_without_effect(name, columns))
    missing = [name for name in REQUIRED if name not in column]
    if missing:
        raise InputError(table.absent(missing))
    _refuse_unknown(table, [name for name in rest if name not in without_effect], columns)
    return Meaning(column, without_effect)


def _is_without_effect(name: str, columns: Columns) -> bool:
    """Whether a column holds measured values, labels, or another tool's values of an output."""
    if name in columns.parameters:
        return False
    of_output = any(name == output or name.startswith(f"{output}_") for output in columns.outputs)
    return of_output or name.upper() in WITHOUT_EFFECT


def _refuse_unsupported(table: Table, names: list[str], columns: Columns) -> None:
    for name in names:
        word = name.upper()
        if word in UNSUPPORTED and name not in columns.parameters:
            raise UnsupportedError.of(
                f"the column {name}: {UNSUPPORTED[word]}",
                file=table.file, line=table.header_line, hint=HINTS.get(word),
            )  # fmt: skip


def _refuse_unknown(table: Table, names: list[str], columns: Columns) -> None:
    """Raise InputError naming the columns that are neither known nor declared, with what can be done."""
    if not names:
        return
    problems = [
        Problem(
            "is neither known nor declared",
            Place(table.file, table.header_line, name),
            None if position else f"{', '.join(WORDS)}, or declared",
            _what_to_declare(name, columns),
        )
        for position, name in enumerate(names)
    ]
    raise InputError(problems)


def _what_to_declare(name: str, columns: Columns) -> str:
    if name.upper() in SYNONYMS:
        return f"the table has {SYNONYMS[name.upper()]} as well: --ignore {name} passes over it"
    alike = next((known for known in columns.parameters if known.lower() == name.lower()), None)
    if alike:
        use = name if alike == name else f"{alike}={name}"
        return f"--covariates {use} uses it as the parameter {alike}, --ignore {name} passes over it"
    return f"--ignore {name} passes over it; --covariates PARAMETER={name} uses it as a parameter"
