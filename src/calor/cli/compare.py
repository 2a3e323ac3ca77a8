"""`calor compare`: several designs side by side, with common random numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calor.cli.console import console, error_console, print_json
from calor.cli.trial_options import Asked, simulation_options
from calor.core.errors import InputError

if TYPE_CHECKING:
    from calor.cli.running import Work


@click.command(epilog="Example: calor compare goebel-2017-lips my-trial.yaml --assume-effect -1")
@click.argument("protocols", metavar="PROTOCOL...", nargs=-1, required=True)
@simulation_options
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder for the picture and its data."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(
    protocols: tuple[str, ...],
    asked: Asked,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run several protocols on the same worlds and random numbers, and set them side by side.

    Shows effect, a trial's result, type I error, power where it may be quoted, patients, days and cost. What
    differs between designs is then the design, not the luck of the draw.
    """
    if len(protocols) < 2:
        raise InputError.of(f"{len(protocols)} protocol given", key="PROTOCOL...", allowed="two or more")
    # What simulates and draws takes long to load, and help is answered without it.
    from calor.cli.running import Made, requested, run_if_named
    from calor.trial.runs.comparison import comparison_document
    from calor.trial.runs.named import find_protocol
    from calor.trial.runs.pipeline import run_trial
    from calor.trial.runs.provenance import protocol_asked

    chosen = [find_protocol(name) for name in protocols]

    from calor.report.comparison import print_comparison, save_comparison  # what draws takes longest

    scenario, settings = asked.scenario({protocol.role for protocol in chosen}), asked.settings()
    documents = {"protocols": [protocol_asked(each) for each in chosen], "posterior": scenario.origin()}
    question = " · ".join(protocol.id for protocol in chosen)

    def make(work: Work) -> Made:
        with asked.who.threads() as executor:
            made = replace(settings, pieces=work.pieces, executor=executor)
            runs = [run_trial(protocol, made, work.progress, scenario) for protocol in chosen]
        document = comparison_document(runs)
        return Made(document, lambda target: save_comparison(document, target))

    document = run_if_named(out, requested("compare", question, documents, asked.who.here), make)
    if out is not None:
        error_console().print(f"picture and data: {out}", soft_wrap=True)
    if as_json:
        print_json(document)
        return
    print_comparison(document, console())
