"""`calor calibrate`: fit the model to the evidence, rival by rival."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, get_args

import click

from calor.calibration.studies import NO_STUDIES, FittedStudies, Purpose, load_held_out, load_studies
from calor.cli.calibrate_report import show_calibration
from calor.cli.console import error_console, print_json
from calor.cli.number_types import SEED, WORKERS, Whole
from calor.cli.options import excludes
from calor.cli.trial_options import cluster_option
from calor.core.bounds import YEAR
from calor.core.errors import UnsupportedError
from calor.population.posteriors import Shipped, shipped_report


@click.command(
    epilog="Examples: calor calibrate --targets · calor calibrate --quick --out fit · "
    "calor calibrate --for product --data my-study.yaml"
)
@click.option(
    "--for",
    "purpose",
    type=click.Choice(get_args(Purpose)),
    default="validation",
    show_default=True,
    help="validation: without the held-out trials; product: with them.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A study of your own to fit beside calor's, as in examples/studies/own-study.yaml.",
)
@click.option(
    "--known-before",
    metavar="YEAR",
    type=Whole(*YEAR),
    help="Fit to what was published before a year alone: what one could have known then.",
)
@click.option("--targets", "only_targets", is_flag=True, help="List what the model is fitted to, and stop.")
@click.option("--report", "shipped_only", is_flag=True, help="Show the fit behind the shipped posterior.")
@click.option("--quick", is_flag=True, help="A small fit that shows everything works and concludes nothing.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of every number.")
@click.option("--workers", type=WORKERS, help="Processes; changes no number.  [default: all cores]")
@cluster_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("calibration"),
    show_default=True,
    help="Folder of the fit; an interrupted fit in it goes on.",
)
@click.option(
    "--earlier",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of an earlier fit: what it has finished of the same work is not done again.",
)
@click.option("--netcdf", is_flag=True, help="Write ArviZ InferenceData too (needs the arviz extra).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@excludes("--report", "--targets")
@excludes("--data", "--report")
@excludes("--known-before", "--for", "--report")
@excludes("--quick", "--targets", "--report")
@excludes("--seed", "--targets", "--report")
@excludes("--workers", "--targets", "--report")
@excludes("--cluster", "--targets", "--report")
@excludes("--out", "--targets", "--report")
@excludes("--earlier", "--targets", "--report")
@excludes("--netcdf", "--targets", "--report")
def command(
    purpose: Purpose,
    data: Path | None,
    known_before: int | None,
    only_targets: bool,
    shipped_only: bool,
    quick: bool,
    seed: int,
    workers: int | None,
    cluster: str | None,
    out: Path,
    earlier: Path | None,
    netcdf: bool,
    as_json: bool,
) -> None:
    """Fit the model to the evidence: a posterior under each rival explanation.

    Each target simulates its own cohort. The held-out trials are not among the targets of a validation
    fit; calor trials compares them with what it predicts. Finished pieces are kept in the folder, so a fit
    that was stopped goes on when the command is given again. A full fit takes about ten minutes on
    two cores; held-out trials and a study of your own then weigh its draws: minutes with --earlier.
    """
    if shipped_only:
        _show_shipped(purpose, as_json)
        return
    evidence = _evidence(purpose, known_before, data)
    if only_targets:
        from calor.calibration.deviations import deviations_of
        from calor.calibration.targets import targets_of
        from calor.calibration.unmoved import unmoved_by
        from calor.cli.calibrate_targets import show_targets
        from calor.model.disease import load_disease

        everything = evidence.fitted.joined(evidence.further)
        unmoved = unmoved_by(everything, load_disease())
        show_targets(targets_of(everything), deviations_of(everything), unmoved, as_json)
        return
    from calor.cli.calibrate_fit import fit_into  # what fits and draws takes long to load
    from calor.core.executors.opening import Workers

    asked = Workers(workers, cluster)
    document = fit_into(
        out, evidence.fitted, evidence.further, evidence.name, seed, asked, quick, netcdf, earlier
    )
    if as_json:
        print_json(document)
        return
    show_calibration(document, quick)
    error_console().print(f"posterior, report and pictures: {out}", soft_wrap=True)


class _Evidence(NamedTuple):
    """What is fitted, what then weighs the draws, and the name of the posterior that comes of it."""

    fitted: FittedStudies
    further: FittedStudies
    name: str


def _evidence(purpose: Purpose, known_before: int | None, data: Path | None) -> _Evidence:
    fitted, further, name = load_studies("validation"), NO_STUDIES, str(purpose)
    if known_before is not None:
        fitted, further = (each.known_before(known_before) for each in (fitted, load_held_out()))
        name = f"known-before-{known_before}"
        if not fitted.facts and not fitted.studies:
            raise UnsupportedError.of(
                f"nothing that calor is fitted to was published before {known_before}", key="--known-before"
            )
    elif purpose == "product":
        further = load_held_out()
    if data is not None:
        from calor.calibration.own_study import load_own_study

        further, name = further.joined(load_own_study(data)), f"{name} with {data.name}"
    return _Evidence(fitted, further, name)


def _show_shipped(purpose: Purpose, as_json: bool) -> None:
    document = shipped_report(Shipped(purpose))
    if document is None:
        raise UnsupportedError.of(
            f"this copy of calor ships no {purpose} posterior",
            hint=f"make one: calor calibrate --for {purpose}",
        )
    if as_json:
        print_json(document)
    else:
        show_calibration(document, quick=False)
