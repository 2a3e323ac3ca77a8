"""What the page of a run shows of its result: the answer in words, then the command line's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.text import Text

from calor.report.answer import answer_of
from calor.report.comparison import comparison_table, comparison_warnings
from calor.report.next_table import capital, next_parts
from calor.report.search_table import search_parts
from calor.report.tables import Table
from calor.report.trial_remarks import DISCLAIMER
from calor.report.trial_table import trial_parts
from calor.store.saved_run import Kind, SavedRun
from calor.store.saved_runs import Listed
from calor.store.states import State


@dataclass(frozen=True)
class Shown:
    """A result for its page.

    Arguments: the answer, one or several sentences; tables; lines of text; and whether there are reports of
    it for other readers.
    """

    answer: tuple[str, ...]
    tables: tuple[Table, ...]
    lines: tuple[str, ...]
    has_other_readers: bool


def shown_result(run: SavedRun) -> Shown:
    """Return what the page of a finished run shows."""
    parts = _parts(run)
    lines = (str(part) for part in parts if not isinstance(part, Table))
    return Shown(
        answer=_answer(run),
        tables=tuple(part for part in parts if isinstance(part, Table)),
        lines=tuple(line for line in lines if line and line != DISCLAIMER),
        has_other_readers=run.kind is Kind.TRIAL,
    )


def share_done(run: Listed) -> int | None:
    """Return how many of 100 parts of its stage a run at work has done, None where that is not known."""
    if run.status.state is not State.RUNNING or not run.status.total:
        return None
    return min(100, 100 * run.status.done // run.status.total)


def _parts(run: SavedRun) -> list[Any]:
    match run.kind:
        case Kind.TRIAL:
            return list(trial_parts(run.result))
        case Kind.SEARCH:
            return list(search_parts(run.result))
        case Kind.COMPARISON:
            return [comparison_table(run.result), *map(Text, comparison_warnings(run.result["designs"]))]
        case Kind.NEXT:
            return list(next_parts(run.result))
        case Kind.CALIBRATION:
            return []


def _answer(run: SavedRun) -> tuple[str, ...]:
    match run.kind:
        case Kind.TRIAL if run.context:
            return answer_of(run.result, run.context).sentences
        case Kind.SEARCH:
            found = run.result
            return (f"{found['patients']} patients reach a power of {found['target_power']:g}.",)
        case Kind.NEXT:
            return (f"{capital(run.result['answer'])}.",)
        case _:
            return ()
