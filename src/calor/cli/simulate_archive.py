"""`calor simulate ARCHIVE.omex`: the simulation experiments of a COMBINE archive."""

from __future__ import annotations

import csv
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.options import refuse_options, refuse_two_outputs
from calor.core.errors import InputError
from calor.core.text_files import new_text_file
from calor.engine.archives.results import ArchiveResult, ReportData, run_archive
from calor.report.numbers import general_text
from calor.report.tables import Table, number

ROWS_SHOWN = 10
_NOT_FOR_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def simulate_archive(
    path: Path, others: tuple[str, ...], csv_path: str | None, as_json: bool, out: Path | None
) -> None:
    """Run an archive and write its reports as was asked.

    Arguments: the archive; the options of the command that an archive says itself; where CSV goes; whether
    JSON goes to stdout; the folder for reports and plots. Raises InputError, UnsupportedError.
    """
    from calor.store.run_folder import run_folder_if_named  # what it needs takes long to load

    refuse_options(others, "with an archive", hint="the archive says it; change the experiment in it")
    refuse_two_outputs(csv_path, as_json)
    with run_folder_if_named(out) as folder:
        with watched() as progress:
            result = run_archive(path, progress)
        report = _only_report(result, path) if csv_path is not None else None
        if folder is not None:
            _write(result, folder)
    for note in result.notes:
        error_console().print(f"note: {note}", soft_wrap=True)
    if report is not None and csv_path is not None:
        _write_csv(report, csv_path)
    if as_json:
        print_json(_document(result))
    elif csv_path is None:
        _show(result, out)


def _only_report(result: ArchiveResult, path: Path) -> ReportData:
    if len(result.reports) != 1:
        raise InputError.of(
            f"has {len(result.reports)} reports", file=path, key="--csv",
            allowed="an archive with one report",
            hint="--out FOLDER writes all of them, and the plots",
        )  # fmt: skip
    return result.reports[0]


def _lines(report: ReportData) -> Iterator[tuple[str, ...]]:
    yield report.header
    for row in report.rows():
        yield tuple("" if math.isnan(cell) else repr(cell).removesuffix(".0") for cell in row)


def _write_csv(report: ReportData, path: str) -> None:
    if path == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows(_lines(report))
        return
    with new_text_file(Path(path)) as file:
        csv.writer(file, lineterminator="\n").writerows(_lines(report))


def _write(result: ArchiveResult, folder: Path) -> None:
    """Write every report as CSV and every plot as PNG and SVG with its data."""
    names: set[str] = set()
    for report in result.reports:
        _write_csv(report, str(folder / f"{_file_name(report.experiment, report.name, names)}.csv"))
    if result.plots:
        from calor.report.archive_figure import save_plot  # what draws takes long to load

        for plot in result.plots:
            save_plot(plot, folder, _file_name(plot.experiment, plot.plot.name, names))


def _file_name(experiment: str, name: str, taken: set[str]) -> str:
    """Return a name for files: that of the output, which is a stranger's, in plain letters, and a new one."""
    plain = _NOT_FOR_NAMES.sub("_", name).strip(".") or "output"
    candidates = [plain, f"{_NOT_FOR_NAMES.sub('_', Path(experiment).stem)}-{plain}"]
    candidates += [f"{candidates[1]}-{count}" for count in range(2, len(taken) + 3)]
    found = next(each for each in candidates if each.lower() not in taken)
    taken.add(found.lower())
    return found


def _document(result: ArchiveResult) -> dict[str, Any]:
    """Return the reports for JSON; what a shorter course does not reach is null."""
    return {
        "reports": [
            {
                "experiment": report.experiment,
                "report": report.name,
                "title": report.title,
                "data_sets": list(report.data_sets),
                "columns": list(report.header),
                "rows": [[None if math.isnan(cell) else cell for cell in row] for row in report.rows()],
            }
            for report in result.reports
        ],
        "notes": list(result.notes),
    }


def _show(result: ArchiveResult, out: Path | None) -> None:
    screen = console()
    for report in result.reports:
        rows = list(report.rows())
        screen.print(f"{report.title} ({report.experiment}, {len(rows):,} rows)")
        shown = rows[:ROWS_SHOWN]
        scales = [
            max((abs(cell) for cell in column if cell == cell), default=0.0)
            for column in zip(*rows, strict=True)
        ]
        screen.print(
            Table(
                [number(name) for name in report.header],
                [
                    tuple(
                        "" if math.isnan(cell) else general_text(cell, scale)
                        for cell, scale in zip(row, scales, strict=True)
                    )
                    for row in shown
                ],
            )
        )
    if out is not None:
        error_console().print(f"reports and plots: {out}", soft_wrap=True)
    else:
        screen.print("--out FOLDER writes the reports whole, and the plots")
