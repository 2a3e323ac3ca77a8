"""`calor check evidence`: what is unverified, inconsistent or missing, and what to fetch first."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import click

from calor.cli.console import print_indented, print_json
from calor.cli.options import excludes
from calor.core.provenance import Grade
from calor.evidence.consistency import doubts_about
from calor.evidence.economics import load_economics
from calor.evidence.findings import load_findings
from calor.evidence.gaps import what_to_fetch
from calor.evidence.library import load_records, numbers_of, read_folder, recalled_numbers_of
from calor.evidence.record import Record

FIRST = 10
"""How many studies to fetch are shown unless all are asked for."""


@click.command("evidence", epilog="Example: calor check evidence --add my-records --all")
@click.option(
    "--add", type=click.Path(path_type=Path), help="Your own records to check as well: a file or a folder."
)
@click.option("--all", "show_all", is_flag=True, help="Show everything that is missing.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@excludes("--all", "--json")
def command(add: Path | None, show_all: bool, as_json: bool) -> None:
    """Say what is unverified, inconsistent or missing in the evidence, and what to fetch first.

    Findings are a report and end with code 0; a record that is not valid ends with code 2.
    """
    added = read_folder(add) if add is not None else ()
    replaced = {record.id for record in added}
    records = (*(record for record in load_records() if record.id not in replaced), *added)
    report = evidence_report(records)
    if as_json:
        print_json({**report, "added": sorted(replaced)})
    else:
        _show(report, sorted(replaced), show_all)


def evidence_report(records: tuple[Record, ...]) -> dict[str, Any]:
    """Return the report on records as plain data."""
    grades = dict.fromkeys(Grade, 0)
    for record in records:
        for located in (*numbers_of(record), *recalled_numbers_of(record)):
            if located.grade is not None:
                grades[located.grade] += 1
    findings = Counter(finding.grade.value for finding in load_findings())
    return {
        "records": len(records),
        "economic_facts": {group.group: len(group.facts) for group in load_economics()},
        "findings_by_grade": {grade.value: findings[grade.value] for grade in Grade},
        "numbers_by_grade": {grade.value: count for grade, count in grades.items()},
        "unverified": [_unverified(record) for record in records if _is_unverified(record)],
        "inconsistent": [dataclasses.asdict(doubt) for record in records for doubt in doubts_about(record)],
        "fetch_first": [dataclasses.asdict(fetch) for fetch in what_to_fetch(records)],
    }


def _is_unverified(record: Record) -> bool:
    return bool(recalled_numbers_of(record)) or any(
        located.grade is Grade.SECONDARY for located in numbers_of(record)
    )


def _unverified(record: Record) -> dict[str, Any]:
    return {
        "record": record.id,
        "secondary": [one.path for one in numbers_of(record) if one.grade is Grade.SECONDARY],
        "recalled": [one.path for one in recalled_numbers_of(record)],
    }


def _show(report: dict[str, Any], added: list[str], show_all: bool) -> None:
    counts = ", ".join(f"{count} {grade}" for grade, count in report["numbers_by_grade"].items())
    yours = f", yours among them: {', '.join(added)}" if added else ""
    print_indented(f"{report['records']} valid records{yours}; numbers: {counts}", 0)
    findings = ", ".join(f"{count} {grade}" for grade, count in report["findings_by_grade"].items())
    print_indented(f"{sum(report['findings_by_grade'].values())} findings: {findings}", 0)
    facts = ", ".join(f"{count} of {group}" for group, count in report["economic_facts"].items())
    print_indented(f"{sum(report['economic_facts'].values())} economic facts: {facts}", 0)
    print_indented("Unverified (numbers read in a secondary page, or only recalled)", 0, heading=True)
    for entry in report["unverified"]:
        counts = f"{len(entry['secondary'])} secondary, {len(entry['recalled'])} recalled"
        print_indented(f"{entry['record']}: {counts}", 1)
    print_indented("Inconsistent", 0, heading=True)
    uncited = [entry["record"] for entry in report["inconsistent"] if entry["check"] == "citation"]
    for entry in report["inconsistent"]:
        if entry["check"] != "citation":
            print_indented(f"{entry['record']}, {entry['path']} ({entry['check']}): {entry['what']}", 1)
    if uncited:
        print_indented(f"neither DOI nor PMID: {', '.join(uncited)}", 1)
    _show_fetches(report["fetch_first"], show_all)


def _show_fetches(fetches: list[dict[str, Any]], show_all: bool) -> None:
    shown = fetches if show_all else fetches[:FIRST]
    title = f"Fetch first ({len(shown)} of {len(fetches)} studies with something missing)"
    print_indented(title, 0, heading=True)
    for place, fetch in enumerate(shown, start=1):
        print_indented(f"{place}. {fetch['record']}", 1)
        for gap in fetch["gaps"]:
            where = f" ({gap['where']})" if gap["where"] else ""
            print_indented(f"{gap['what']}{where}", 3)
    if len(shown) < len(fetches):
        print_indented("--all shows the rest", 1)
