"""How much a table may ask for, said before any of it is simulated."""

from __future__ import annotations

from collections.abc import Sequence

from calor.core.errors import InputError
from calor.engine.dosing.records import Event, Record, additional_before

MOST_DOSES = 2_000_000
"""Doses of all patients together; each is kept as one or two entries of a calendar (about 0.5 kB)."""

MOST_VALUES = 100_000_000
"""Numbers kept for all patients together: 0.8 GB."""


MOST_RECORDS = 5_000_000
"""Records of all patients together, those for added observations and every value of a scan counted."""


def refuse_too_many_values(simulations: int, times: int, outputs: int) -> None:
    """Raise InputError where the outputs of simulations at some times would not fit into memory."""
    values = simulations * times * outputs
    if values > MOST_VALUES:
        raise InputError.of(
            f"{simulations:,} simulations of {times:,} times and {outputs} outputs are {values:,} numbers",
            allowed=f"at most {MOST_VALUES:,}", hint="ask for fewer times, outputs or simulations",
        )  # fmt: skip


def refuse_too_many_records(count: int, file: str | None) -> None:
    """Raise InputError where records would not fit into memory."""
    if count > MOST_RECORDS:
        raise InputError.of(
            f"{count:,} records, those for added observations and every value of a scan counted",
            file=file, allowed=f"at most {MOST_RECORDS:,}",
            hint="ask for fewer --steps or values, or split the table",
        )  # fmt: skip


def refuse_too_much(records: Sequence[Record], patients: Sequence[Sequence[int]], n_outputs: int) -> None:
    """Raise InputError where doses or outputs would not fit into memory.

    Arguments: the records; the positions of each patient's; the number of outputs.
    """
    doses = 0
    longest = 0
    for positions in patients:
        last = max(records[position].time for position in positions)
        own = [records[position] for position in positions if records[position].is_dose]
        doses += sum(1 + additional_before(record, last) for record in own)
        if doses > MOST_DOSES:
            worst = max(own, key=lambda record: additional_before(record, last))
            raise InputError.of(
                f"the doses up to the last record of every ID are more than {MOST_DOSES:,}",
                file=worst.file, line=worst.line, allowed=f"at most {MOST_DOSES:,}",
                hint=f"here ADDL {worst.additional:,} every {worst.interval:g}; "
                "look at II and ADDL, or split the table",
            )  # fmt: skip
        longest = max(longest, sum(records[position].event == Event.OBSERVATION for position in positions))
    refuse_too_many_values(len(patients), longest, n_outputs)
