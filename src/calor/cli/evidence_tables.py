"""The tables of `calor evidence` for other tools: risk of bias for robvis, the flow of PRISMA 2020."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from calor.cli.console import error_console, print_indented, print_json
from calor.core.errors import InputError
from calor.evidence.bias import Tool
from calor.evidence.flow import flow_of
from calor.evidence.record import Record
from calor.evidence.table import Filter, table_rows
from calor.report.bias import bias_rows, save_bias_table
from calor.report.prisma import save_prisma, shown

TOOLS: dict[str, Tool] = {"rob2": "RoB 2", "robins-i": "ROBINS-I"}


def write_tables(
    records: Sequence[Record],
    wanted: Filter,
    robvis: Path | None,
    tool: str,
    prisma: Path | None,
    as_json: bool,
) -> None:
    """Write the tables that are asked for of the records that a filter lets through, and say what they hold.

    Raises InputError where no record is judged by the tool, or a file cannot be written.
    """
    names = {row.id for row in table_rows(records, wanted)}
    kept = [record for record in records if record.id in names]
    document: dict[str, Any] = {"records": len(kept)}
    if robvis is not None:
        document["robvis"] = _write_bias(kept, TOOLS[tool], robvis)
    if prisma is not None:
        document["prisma"] = _write_flow(kept, prisma)
    if as_json:
        print_json(document)
        return
    for table in ("robvis", "prisma"):
        if table in document:
            error_console().print(f"{table}: {document[table]['file']}", soft_wrap=True)
    _print_flow(document.get("prisma", {}).get("boxes", []))


def _print_flow(boxes: Sequence[Mapping[str, Any]]) -> None:
    """Print the boxes that are known, and those that are not by the reason."""
    unknown: dict[str, list[str]] = {}
    for box in boxes:
        if box["number"] is None:
            unknown.setdefault(box["says"], []).append(box["counts"])
        else:
            print_indented(f"{box['counts']}: {box['shown']} ({box['says']})", 0)
    for reason, counts in unknown.items():
        print_indented(f"unknown, as {reason}: {', '.join(counts)}", 0)


def _write_bias(records: Sequence[Record], tool: Tool, path: Path) -> dict[str, Any]:
    rows = bias_rows(records, tool)
    if not rows:
        raise InputError.of(
            f"none of {len(records)} records is judged by {tool}", key="--robvis",
            hint="--tool chooses the other one; filters such as --class choose other records",
        )  # fmt: skip
    save_bias_table(records, path, tool)
    return {"file": str(path), "tool": tool, "studies": [row[0] for row in rows]}


def _write_flow(records: Sequence[Record], path: Path) -> dict[str, Any]:
    boxes = flow_of(records)
    save_prisma(boxes, path)
    return {
        "file": str(path),
        "unknown": [box.name for box in boxes if box.number is None],
        "boxes": [
            {
                "name": box.name,
                "counts": box.counts,
                "number": box.number,
                "shown": shown(box),
                "says": box.says,
            }
            for box in boxes
        ],
    }
