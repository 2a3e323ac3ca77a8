"""What `calor evidence WORDS` shows: the studies that the words are about, benefits and harms together."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from calor.cli.console import console, print_json
from calor.cli.evidence import show_table
from calor.evidence.asking import records_about
from calor.evidence.record import Record
from calor.evidence.table import Filter, table_rows
from calor.report.evidence_document import row_as_json
from calor.report.harms import harms_as_json, print_harms
from calor.therapy.library import load_drug


def show_answer(records: Sequence[Record], words: Sequence[str], filters: Filter, as_json: bool) -> None:
    """Print the studies that words are about, then their harms and those of the drugs in the words.

    Raises InputError, with the nearest ids and words, where nothing is about them.
    """
    answer = records_about(records, words)
    rows = table_rows(answer.records, filters)
    kept = {row.id for row in rows}
    shown = [record for record in answer.records if record.id in kept]
    drugs = [load_drug(name) for name in answer.drugs]
    if as_json:
        print_json(
            {
                "understood_as": answer.understood,
                "records": [row_as_json(row) for row in rows],
                "count": len(rows),
                "open_phase": list(answer.open_phase),
                "drugs": list(answer.drugs),
                "harms": harms_as_json(shown, drugs),
            }
        )
        return
    console().print(answer.understood, style="bold")
    if rows:
        show_table(rows)
    else:
        console().print("no study of it in CRPS is on record")
    if answer.open_phase:
        console().print(Text(f"Not shown, of mixed or unclear phase: {', '.join(answer.open_phase)}"))
    print_harms(console(), shown, drugs)
