"""`calor figure`: one figure of a run, with its data."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import error_console, print_json
from calor.core.errors import InputError
from calor.store.saved_run import read_run

KINDS = (
    "basis", "within-person", "outcomes", "contrast", "courses", "benefit", "harm", "exposure", "forest",
    "forecasts", "numbers", "power", "designs", "targets", "studies",
)  # fmt: skip
"""The figures by name; `report/pictures.py` draws them."""

ENDINGS = (".svg", ".png", ".pdf")


@click.command(
    epilog="Example: calor figure within-person runs/goebel-2017-lips-20261128T095530 --out effect.svg"
)
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="File of the figure: .svg, .png or .pdf; its data goes beside it.  [default: KIND.svg]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that names the files.")
def command(kind: str, run: Path, out: Path | None, as_json: bool) -> None:
    """Draw the figure KIND of RUN, the folder of a run, at its size on an A4 page, with its data as CSV.

    Of a trial: basis, within-person (the effect over time in the same person), outcomes (the same of six
    outcomes, small), contrast (by rival), courses, benefit and harm (of 100 people), exposure, forest,
    forecasts (predicted against published), numbers (prior against posterior). Of --find n: power. Of calor
    compare: designs. Of calor calibrate: targets, numbers.
    Where there are several (one an arm, a drug), each but the first has its number in the name.
    """
    target = out or Path(f"{kind}.svg")
    if target.suffix.lower() not in ENDINGS:
        raise InputError.of(
            f"ends with {target.suffix or 'nothing'}", key="--out", allowed=", ".join(ENDINGS)
        )
    saved = read_run(run)
    from calor.report.pictures import pictures  # what draws takes long to load
    from calor.report.writing import write_figure

    files = []
    for place, picture in enumerate(pictures(kind, saved), start=1):
        path = target if place == 1 else target.with_name(f"{target.stem}-{place}{target.suffix}")
        files += [str(written) for written in write_figure(picture, path)]
    if as_json:
        print_json({"run": str(run), "figure": kind, "files": files})
        return
    for name in files:
        error_console().print(f"written: {name}", soft_wrap=True)
