"""The rows of a dosing table as records. Nothing that cannot be read counts as "no dose".

A dose needs an amount (or is a steady-state infusion without an end), and a row that is no dose has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from calor.core.errors import InputError, Problem, UnsupportedError
from calor.core.tables import MOST_PROBLEMS, Table, is_missing
from calor.engine.dosing.columns import Columns, Meaning
from calor.engine.dosing.records import MODELLED_DURATION, MODELLED_RATE, Event, Record, Steady

DOSING_WORDS = ("AMT", "RATE", "DUR", "TINF", "ADDL", "TOTAL", "UNTIL", "SS")
"""What a row that is no dose gives as zero, as missing, or not at all."""

EVENT_NAMES = {
    Event.OBSERVATION: "an observation",
    Event.OTHER: "neither",
    Event.RESET: "a reset",
    Event.REPLACE: "a compartment set to AMT",
    Event.MULTIPLY: "a compartment multiplied by AMT",
}

REPLACE_OF_MRGSOLVE = 8
"""The EVID by which mrgsolve says what rxode2 says by 5."""

PHANTOM = 7
"""rxode2's EVID of a dose that is known to the model's formulas and does not arrive."""

SAME_DURATION = 1e-6
"""RATE and a duration in one row agree to this, relative to the duration."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table, read by the meaning of its columns."""

    table: Table
    meaning: Meaning
    columns: Columns
    _known: dict[str, list[float | None]] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict)

    def record(self, row: int) -> Record:
        """Return the record of a row; raises InputError for what is wrong in it."""
        event = self._event(row)
        patient = self._text("ID", row)
        if is_missing(patient):
            raise self._wrong(row, "ID", "a name or a number")
        time = self._cell("TIME", row)
        if time is None:
            raise self._wrong(row, "TIME", "a number")
        line, file = self.table.lines[row], self.table.file
        covariates = tuple(self._numbers(name)[row] for name in self.columns.covariates.values())
        if event in (Event.REPLACE, Event.MULTIPLY):
            return self._change(row, event, patient, time, covariates)
        if event not in (Event.DOSE, Event.RESET_AND_DOSE):
            self._refuse_dosing(row, event, DOSING_WORDS)
            return Record(
                patient=patient, time=time, event=event, line=line, file=file, covariates=covariates
            )
        state = self._compartment(row)
        steady = self._whole("SS", row)
        if steady not in (0, 1, 2):
            raise self._wrong(row, "SS", "0, 1 or 2")
        amount = self._amount(row)
        rate, duration = self._infusion(row, state, amount)
        return Record(
            patient=patient,
            time=time,
            event=event,
            amount=amount,
            state=state,
            rate=rate,
            interval=self._number("II", row),
            additional=self._additional(row, time),
            steady=Steady(steady),
            lag=self._of_state("lag", row, state, 0.0),
            bioavailability=self._of_state("bioavailability", row, state, 1.0),
            modelled_rate=self._of_state("rate", row, state, 0.0) if rate == MODELLED_RATE else 0.0,
            modelled_duration=duration,
            line=line,
            file=file,
            covariates=covariates,
        )

    def _event(self, row: int) -> Event:
        """Return what a row is; without EVID a row with an amount or a rate is a dose, as in NONMEM."""
        if "EVID" not in self.meaning.column:
            if "AMT" not in self.meaning.column:
                raise self._no_amounts("whether a row is a dose")
            dosed = self._number("AMT", row) != 0 or self._number("RATE", row) != 0
            return Event.DOSE if dosed else Event.OBSERVATION
        number = self._whole("EVID", row)
        if number == PHANTOM:
            raise UnsupportedError.of(
                f"{self.meaning.column['EVID']} is {PHANTOM} (a dose that does not arrive)",
                file=self.table.file, line=self.table.lines[row],
                hint="write the transit compartments into the model, and a dose into the first of them",
            )  # fmt: skip
        if number == REPLACE_OF_MRGSOLVE:
            return Event.REPLACE
        if number not in tuple(Event):
            raise self._wrong(row, "EVID", "0 to 6, or 8")
        return Event(number)

    def _change(
        self, row: int, event: Event, patient: str, time: float, covariates: tuple[float | None, ...]
    ) -> Record:
        """Return the record of a row that changes what is in a compartment; it is no dose."""
        self._refuse_dosing(row, event, [word for word in DOSING_WORDS if word != "AMT"])
        amount = self._cell("AMT", row)
        if amount is None and "AMT" not in self.meaning.column:
            raise self._no_amounts("what a compartment is changed to")
        if amount is None:
            raise self._wrong(row, "AMT", f"a number where EVID is {self._text('EVID', row)}")
        state = self._compartment(row)
        if state in self.columns.lag or state in self.columns.bioavailability:
            raise UnsupportedError.of(
                f"EVID is {self._text('EVID', row)} into {state}, which has a lag or a bioavailability",
                file=self.table.file, line=self.table.lines[row],
                hint="declare neither for this state, and write them into the TIME and AMT of its rows",
            )  # fmt: skip
        return Record(
            patient=patient,
            time=time,
            event=event,
            amount=amount,
            state=state,
            line=self.table.lines[row],
            file=self.table.file,
            covariates=covariates,
        )

    def _refuse_dosing(self, row: int, event: Event, words: Sequence[str]) -> None:
        """Raise InputError where a row that is no dose gives one."""
        for word in words:
            if self._number(word, row):
                name = self.meaning.column[word]
                given = f"{name} is {self._text(word, row)}"
                if "EVID" in self.meaning.column:
                    evid = self._text("EVID", row) or "empty"
                    what = f"{given} where EVID is {evid} ({EVENT_NAMES[event]})"
                    hint = "EVID is 1 where a dose is given (4: after a reset)"
                else:
                    what, hint = f"{given} in a row without an amount", "a dose needs an amount in AMT"
                allowed = "0, or . for none, in a row that is no dose"
                raise InputError([self.table.problem(row, name, what=what, allowed=allowed, hint=hint)])
        self._refuse_switching(row)

    def _refuse_switching(self, row: int) -> None:
        """Raise UnsupportedError for a negative CMT, by which NONMEM switches a compartment off."""
        text = self._text("CMT", row) if "CMT" in self.meaning.column else ""
        if self.table.number(text) < 0:
            raise UnsupportedError.of(
                f"{self.meaning.column['CMT']} is {text} (switching a compartment off)",
                file=self.table.file, line=self.table.lines[row],
                hint="leave the row out, or let an event of the model empty the compartment at that time",
            )  # fmt: skip

    def _amount(self, row: int) -> float:
        """Return the amount of a dose; it may be missing from a steady-state infusion without an end."""
        amount = self._cell("AMT", row)
        endless = self._number("RATE", row) != 0 and self._number("SS", row) != 0
        if amount == 0 and self._number("RATE", row) > 0 and not endless:
            raise self._wrong(
                row, "AMT", "an amount above 0 in a row with a RATE, or SS for one without an end"
            )
        if amount is not None or endless:
            return amount or 0.0
        if "AMT" not in self.meaning.column:
            raise self._no_amounts("how much a dose is")
        raise self._wrong(row, "AMT", "a number of 0 or more in a row with a dose")

    def _no_amounts(self, what: str) -> InputError:
        return InputError.of(
            f"has no column AMT (or DOSE), so nothing says {what}",
            file=self.table.file, line=self.table.header_line, allowed=", ".join(self.table.columns),
            hint="add AMT; a table of observations alone needs a column EVID of 0",
        )  # fmt: skip

    def _infusion(self, row: int, state: str, amount: float) -> tuple[float, float]:
        """Return RATE and the modelled duration of a dose, from RATE, DUR or TINF.

        DUR keeps the duration whatever share arrives; TINF gives the rate of the whole amount.
        """
        rate = self._number("RATE", row)
        lasting = {word: self._number(word, row) for word in ("DUR", "TINF") if self._number(word, row)}
        for word, duration in lasting.items():
            if duration < 0:
                raise self._wrong(row, word, "a number above 0, or . for a dose at once")
            if rate > 0 and abs(amount / rate - duration) > SAME_DURATION * duration:
                raise self._wrong(
                    row, word, f"{amount / rate:g}, which is AMT / RATE, or one of the two columns"
                )
        if len(lasting) == 2:
            raise self._wrong(row, "TINF", "either DUR or TINF in a row")
        if rate == MODELLED_DURATION and state in self.columns.duration:
            return rate, self._of_state("duration", row, state, 0.0)
        if rate == MODELLED_DURATION and "DUR" not in lasting:
            raise self._not_said(row, "duration", state)
        if rate == MODELLED_RATE and state not in self.columns.rate:
            raise self._not_said(row, "rate", state)
        if rate > 0 or rate == MODELLED_RATE or not lasting:
            return rate, 0.0
        if "DUR" in lasting:
            return MODELLED_DURATION, lasting["DUR"]
        return amount / lasting["TINF"], 0.0

    def _not_said(self, row: int, what: str, state: str) -> InputError:
        hint = f"--{what} {state}=COLUMN names the column that holds it"
        name = f"RATE is {self._text('RATE', row)}, and nothing says the modelled {what} of {state}"
        return InputError([self.table.problem(row, self.meaning.column["RATE"], what=name, hint=hint)])

    def _additional(self, row: int, time: float) -> int:
        """Return ADDL, from ADDL itself, TOTAL (doses in all) or UNTIL (doses before that time)."""
        given = [word for word in ("ADDL", "TOTAL", "UNTIL") if self._number(word, row)]
        if len(given) > 1:
            raise self._wrong(row, given[1], f"either {' or '.join(given)} in a row")
        if given == ["TOTAL"]:
            if self._whole("TOTAL", row) < 1:
                raise self._wrong(row, "TOTAL", "a whole number of 1 or more")
            return self._whole("TOTAL", row) - 1
        if given == ["UNTIL"]:
            interval, until = self._number("II", row), self._number("UNTIL", row)
            if interval <= 0 or until <= time:
                raise self._wrong(row, "UNTIL", "a time after TIME, with II above 0")
            return math.ceil((until - time) / interval * (1 - 1e-12)) - 1
        return self._whole("ADDL", row)

    def _compartment(self, row: int) -> str:
        """Return the state that CMT names, by number or in words."""
        names = ", ".join(f"{i} ({name})" for i, name in enumerate(self.columns.compartments, start=1))
        text = self._text("CMT", row) if "CMT" in self.meaning.column else ""
        if text in self.columns.states:
            return self.columns.states[text]
        self._refuse_switching(row)
        number = 1
        if text and not is_missing(text):
            value = self.table.number(text)
            if math.isnan(value) or value != int(value):
                allowed = names or ", ".join(list(self.columns.states)[:20])
                raise self._wrong(row, "CMT", allowed)
            number = int(value) or 1
        if not self.columns.compartments:
            raise InputError.of(
                "it is not said what CMT names", key="--compartments",
                hint="for example --compartments depot,central",
            )  # fmt: skip
        if number > len(self.columns.compartments):
            raise self._wrong(row, "CMT", names)
        return self.columns.compartments[number - 1]

    def _of_state(self, what: str, row: int, state: str, default: float) -> float:
        """Return what a column that an option declares for a state says; it must say something."""
        column = getattr(self.columns, what).get(state)
        if column is None:
            return default
        value = self._numbers(column)[row]
        if value is None:
            what = f"{column} is missing in a row with a dose into {state}"
            raise InputError([self.table.problem(row, column, what=what, allowed="a number")])
        return value

    def _numbers(self, name: str) -> list[float | None]:
        """Return a column's numbers, None where a cell is missing; raise InputError for what is none."""
        if name not in self._known:
            texts = self.table.texts(name)
            values = [None if is_missing(text) else self.table.number(text) for text in texts]
            wrong = [row for row, value in enumerate(values) if value is not None and math.isnan(value)]
            if wrong:
                raise InputError([self._no_number(row, name) for row in wrong[:MOST_PROBLEMS]])
            self._known[name] = values
        return self._known[name]

    def _no_number(self, row: int, name: str) -> Problem:
        text = self.table.texts(name)[row]
        clock = ":" in text or text.count("-") == 2 or text.count("/") == 2
        hint = "clock times and dates are not read: write the time since the first record" if clock else None
        what, allowed = f"{name} is {text}", "a number, or . for none"
        return self.table.problem(row, name, what=what, allowed=allowed, hint=hint)

    def _cell(self, word: str, row: int) -> float | None:
        name = self.meaning.column.get(word)
        return None if name is None else self._numbers(name)[row]

    def _number(self, word: str, row: int) -> float:
        return self._cell(word, row) or 0.0

    def _whole(self, word: str, row: int) -> int:
        value = self._number(word, row)
        if value != int(value):
            raise self._wrong(row, word, "a whole number")
        return int(value)

    def _text(self, word: str, row: int) -> str:
        if word not in self._texts:
            self._texts[word] = self.table.texts(self.meaning.column[word])
        return self._texts[word][row]

    def _wrong(self, row: int, word: str, allowed: str) -> InputError:
        name, text = self.meaning.column[word], self._text(word, row)
        what = f"{name} is {'missing' if text in {'', '.'} else text}"
        return InputError([self.table.problem(row, name, what=what, allowed=allowed)])
