"""`calor report`: the report of a run, from its folder."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import error_console, print_indented, print_json
from calor.cli.options import excludes
from calor.store.saved_run import SavedRun, read_run


@click.command(
    epilog="Examples: calor report runs/goebel-2017-lips-20261128T095530 · "
    "calor report RUN --html report.html --pdf report.pdf --credibility use.yaml · calor report RUN --plain"
)
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="File of the report as one HTML page.  [default, without --pdf: beside the run]",
)
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="File of the report as tagged PDF (needs the pdf extra).",
)
@click.option(
    "--credibility",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="What a person says of its use (calor new credibility); blank otherwise.",
)
@click.option("--plain", is_flag=True, help="The page for people with CRPS instead, in plain words.")
@click.option("--sap", is_flag=True, help="The statistical section of the protocol instead.")
@click.option(
    "--adam",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder of the simulated data instead: XPT, Define-XML, Dataset-JSON (needs the xpt extra).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that names the files.")
@excludes("--credibility", "--plain", "--sap")
@excludes("--adam", "--html", "--pdf", "--credibility", "--plain", "--sap")
@excludes("--plain", "--sap")
def command(
    run: Path,
    html: Path | None,
    pdf: Path | None,
    credibility: Path | None,
    plain: bool,
    sap: bool,
    adam: Path | None,
    as_json: bool,
) -> None:
    """Write the report of RUN, the folder of a run, as a page that a browser shows and prints.

    It says what comes out in three sentences, what rests on data and what on assumption, the protocol with
    its estimand, who was simulated, results, rivals, evidence, harms and limits; Appendix A is the
    credibility of the model by the assessment table of ICH M15, Appendix B its provenance. Nothing is
    computed anew: the same run gives the same report.

    --plain writes a page for people with CRPS, --sap the statistical section of the trial's protocol:
    estimand, sample size, analysis, operating characteristics, and the simulation report that ICH E20 asks
    for.

    --adam writes the data of the run's first simulated trial as other tools read them.
    """
    saved = read_run(run)
    if adam is not None:
        _write_data(saved, adam, as_json)
        return
    from calor.report.credibility_file import Credibility, read_credibility
    from calor.report.writing import Reader, page_of, write_html, write_pdf  # what draws takes long to load

    reader = Reader.PATIENTS if plain else Reader.STATISTICIANS if sap else Reader.BOARD
    said = read_credibility(credibility) if credibility else Credibility()
    if html is None and pdf is None:
        ending = "-plain" if plain else "-sap" if sap else ""
        beside = run.resolve().parent if run.name in {"", ".."} else run.parent
        html = beside / f"{run.resolve().name}{ending}.html"
    page = page_of(saved, said, reader)
    if html is not None:
        write_html(page, html)
    if pdf is not None:
        write_pdf(page, pdf)
    files = {kind: str(path) for kind, path in (("html", html), ("pdf", pdf)) if path is not None}
    if as_json:
        print_json({"run": str(run), "kind": str(saved.kind), "files": files})
        return
    for path in files.values():
        error_console().print(f"report: {path}", soft_wrap=True)


def _write_data(saved: SavedRun, folder: Path, as_json: bool) -> None:
    """Write the simulated data of a run, and say which files and what they lack."""
    from calor.report.adam.variables import left_out
    from calor.report.adam.writing import write_adam  # tables take long to load

    files = write_adam(saved, folder)
    if as_json:
        lacks = [{"what": row.what, "because": row.because} for row in left_out()]
        print_json({"run": str(saved.folder), "files": [str(path) for path in files], "left_out": lacks})
        return
    error_console().print(f"data: {folder} ({', '.join(path.name for path in files)})", soft_wrap=True)
    for row in left_out():
        print_indented(f"left out: {row.what}: {row.because}", 0)
