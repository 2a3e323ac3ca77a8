"""`calor pk`: a drug's concentration, or what it moves, under a regimen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from calor.cli.console import console, error_console, print_json, show_parts, watched
from calor.cli.number_types import SEED, Number, Whole
from calor.cli.options import excludes, needs
from calor.cli.trial_options import posterior_option
from calor.report.exposure_bounds import PEOPLE, WEIGHT


@click.command(
    epilog='Examples: calor pk infliximab "5 mg/kg iv over 2 h at week 0, 2, 6" --at "week 14" · '
    'calor pk ivig "0.4 g/kg iv daily for 5 days" --quantity autoantibody'
)
@click.argument("drug", metavar="ID")
@click.argument("regimen")
@click.option("--weight", type=Number(*WEIGHT), default=None, help="Body weight in kg.  [default: 70]")
@click.option("--at", "moments", multiple=True, help='A time to report, such as "week 14"; may be repeated.')
@click.option(
    "--quantity",
    default="concentration",
    show_default=True,
    help="concentration, igg, autoantibody, cortisol, an engagement of the drug, or a slot.",
)
@click.option("--population", type=Whole(*PEOPLE), default=None, help="Also simulate N people.")
@click.option(
    "--parameters", "alternative", default=None, help="Another published set of the drug's numbers."
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of the people.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for figure and data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@posterior_option
@needs("--seed", "--population")
@excludes("--parameters", "--posterior")
def command(
    drug: str,
    regimen: str,
    weight: float | None,
    moments: tuple[str, ...],
    quantity: str,
    population: int | None,
    alternative: str | None,
    posterior: str | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what REGIMEN of the drug ID does in a typical person at rest: no injury, no pain.

    The drug's numbers are those of its file, at their mean under the posterior of calor trial as far as the
    drug took part in the fit; those of the person are typical. Times count from study day 1, so week 14 is
    day 98; a value at the time of a dose is that just after it. Drugs are in mg/L, IgG in g/L. A dose above
    the labelled maximum is a warning. With --population, people differ as the drug's numbers say (and in
    weight, unless --weight is given). Without --json a figure (PNG, SVG) and its data are written to a
    folder.
    """
    # What simulates takes long to load, and help is answered without it.
    from calor.report.exposure_document import ExposureRequest, drug_of, exposure_document, numbers_of
    from calor.report.exposure_text import exposure_parts
    from calor.store.run_folder import run_folder_if_named, write_json
    from calor.trial.runs.named import posterior_of

    chosen = drug_of(drug, alternative)
    numbers = numbers_of(chosen, alternative, None if alternative else posterior_of(posterior))
    asked = ExposureRequest(regimen, weight, moments, quantity, population, seed)
    folder = out if out or as_json else Path("runs") / f"pk-{chosen.id}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    with run_folder_if_named(folder) as inside:
        with watched() as progress:
            document = exposure_document(chosen, numbers, asked, progress)
        if inside is not None:
            # What draws takes a second to load.
            from calor.report.exposure_figure import save_exposure_figure

            write_json(inside / "result.json", document)
            save_exposure_figure(document, inside / "figure")
    for warning in document["warnings"]:
        error_console().print(f"warning: {warning}", style="yellow")
    if as_json:
        print_json(document)
    else:
        show_parts(exposure_parts(document))
        if folder is not None:
            console().print(f"figure and data: {folder}")
