"""Parameters that dosing records give: constant for a person, or changing from record to record.

Between two records holds the value of the earlier one (last observation carried forward) or of the later one
(next observation carried backward, as in NONMEM). A missing value is that of the record it is carried from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from calor.core.errors import InputError
from calor.engine.batch import Kernel
from calor.engine.calendar import Action
from calor.engine.dosing.doses import Entry
from calor.engine.dosing.records import Record, by_patient
from calor.engine.dosing.steady import SteadyStates
from calor.engine.symbolic.system import System
from calor.engine.symbolic.varying import start_of, with_time_varying


class Rule(StrEnum):
    """Which record's value holds between two records: the earlier one's, or the later one's."""

    LOCF = "locf"
    NOCB = "nocb"


@dataclass(frozen=True)
class Covariates:
    """How the values of `Record.covariates` enter a model.

    Arguments: the parameters they are values of; the rule; which of the parameters change within a person.
    """

    names: tuple[str, ...] = ()
    rule: Rule = Rule.LOCF
    varying: frozenset[str] = frozenset()

    def system(self, plain: System) -> System:
        """Return the model in which the parameters that change are states, set by calendars."""
        return with_time_varying(plain, self.varying)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters of that model to which the values at a person's start belong."""
        return tuple(start_of(name) if name in self.varying else name for name in self.names)

    def changes(self, before: Record | None, record: Record) -> list[Entry]:
        """Return what a record's values set, and when; nothing at a person's start."""
        if before is None or before.covariates == record.covariates:
            return []
        time = record.time if self.rule is Rule.LOCF else before.time
        return self._entries(time, record)

    def restored(self, record: Record) -> list[Entry]:
        """Return what sets a record's values again after a reset, which returns to those at the start."""
        return self._entries(record.time, record)

    def _entries(self, time: float, record: Record) -> list[Entry]:
        pairs = zip(self.names, record.covariates, strict=True)
        return [
            (time, Action.SET, name, value)
            for name, value in pairs
            if name in self.varying and value is not None
        ]


NO_COVARIATES = Covariates()


def covariates_of(records: Sequence[Record], names: tuple[str, ...], rule: Rule) -> Covariates:
    """Return how the values of records, none of them missing, enter a model."""
    varying: set[str] = set()
    for positions in by_patient(records):
        for name, *values in zip(names, *(records[i].covariates for i in positions), strict=True):
            if len(set(values)) > 1:
                varying.add(name)
    return Covariates(names, rule, frozenset(varying))


def filled(records: Sequence[Record], columns: Sequence[str], rule: Rule) -> list[Record]:
    """Return the records with each missing value carried from another record of the same person.

    Arguments: the records; the columns of the values, for messages; the rule. Raises InputError where a
    person has no record to carry a value from.
    """
    full = list(records)
    if not columns:
        return full
    for positions in by_patient(records):
        ordered = positions if rule is Rule.LOCF else positions[::-1]
        carried: tuple[float | None, ...] = (None,) * len(columns)
        for position in ordered:
            pairs = zip(records[position].covariates, carried, strict=True)
            carried = tuple(old if new is None else new for new, old in pairs)
            missing = [name for name, value in zip(columns, carried, strict=True) if value is None]
            if missing:
                raise _nothing_to_carry(records[position], missing[0], rule)
            if carried != records[position].covariates:
                full[position] = replace(records[position], covariates=carried)
    return full


def _nothing_to_carry(record: Record, column: str, rule: Rule) -> InputError:
    which = "first" if rule is Rule.LOCF else "last"
    return InputError.of(
        f"{column} is missing in the {which} row of ID {record.patient}",
        file=record.file, line=record.line, key=column,
        allowed="a number: no other row stands before it" if rule is Rule.LOCF
        else "a number: no other row stands after it",
    )  # fmt: skip


@dataclass(frozen=True)
class SteadyStatesByRecord:
    """Steady states under the values that a record gives: its parameters count as constant there.

    Arguments: what makes the kernel of the model as it was, called only if it is needed; the parameters.
    """

    plain_kernel: Callable[[], Kernel]
    names: tuple[str, ...] = ()
    _known: dict[tuple[float | None, ...], SteadyStates] = field(default_factory=dict)

    def __call__(self, record: Record) -> SteadyStates:
        """Return what finds steady states at a record."""
        key = record.covariates
        if key not in self._known:
            kernel = next((known.kernel for known in self._known.values()), None) or self.plain_kernel()
            values = np.array(key, dtype=np.float64)
            self._known[key] = SteadyStates(kernel, self.names, values)
        return self._known[key]
