"""`calor trial`: predict a trial, published or of the user's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calor.cli.console import console, error_console, print_json
from calor.cli.number_types import Number
from calor.cli.options import needs
from calor.cli.trial_options import Asked, simulation_options
from calor.trial.bank.run_bounds import POWER

if TYPE_CHECKING:
    from calor.cli.running import Made, Work
    from calor.core.progress import Progress
    from calor.study import Protocol
    from calor.trial.bank.scenario import Scenario
    from calor.trial.bank.settings import RunSettings


@click.command(
    epilog="Examples: calor trial goebel-2017-lips · calor trial my-trial.yaml --seed 7 --json · "
    "calor trial my-trial.yaml --find n --power 0.8 --assume-effect -1",
)
@click.argument("protocol", metavar="PROTOCOL")
@simulation_options
@click.option("--find", type=click.Choice(["n"]), default=None, help="Search the size that reaches --power.")
@click.option("--power", type=Number(*POWER), default=0.8, show_default=True, help="Power to reach.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder of the run.  [default: runs/ID-TIME]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@needs("--power", "--find")
def command(
    protocol: str,
    asked: Asked,
    find: str | None,
    power: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Predict the trial PROTOCOL: a protocol file (.yaml), or the id of a published one (see calor trials).

    Prints the arms, the contrast with two intervals (of the effect: what is uncertain; of a trial's result:
    with sampling), the rival explanations, what the design does over many trials, and the published result
    where there is one. Writes a run folder with a manifest, the results as Parquet and a figure (PNG, SVG,
    data). Power is quoted from a posterior or given an assumed effect, never from priors set by hand.
    """
    # What simulates takes long to load, and help is answered without it.
    from calor.cli.running import requested, run_in
    from calor.report.search_table import print_search
    from calor.report.trial_table import print_trial
    from calor.store.run_folder import free_folder
    from calor.store.saved_runs import RUNS
    from calor.trial.protocols.idle_rules import idle_rules
    from calor.trial.protocols.plan import plan_of
    from calor.trial.runs.named import find_protocol
    from calor.trial.runs.provenance import protocol_asked

    chosen = find_protocol(protocol)
    for warning in idle_rules(plan_of(chosen)):
        error_console().print(f"Warning: {warning}.", markup=False, soft_wrap=True)
    scenario, settings = asked.scenario({chosen.role}), asked.settings()
    searching = "-find-n" if find else ""
    folder = out or free_folder(RUNS / f"{chosen.id}{searching}-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    words = f"trial --find {find}" if find else "trial"
    documents = {"protocol": protocol_asked(chosen), "posterior": scenario.origin()}

    def make(work: Work) -> Made:
        with asked.who.threads() as executor:
            made = replace(settings, pieces=work.pieces, executor=executor)
            if find:
                return _searched(chosen, scenario, made, power, work.progress)
            return _simulated(chosen, scenario, made, work.progress)

    words = f"trial --find {find}" if find else "trial"
    document = run_in(folder, requested(words, chosen.id, documents, asked.who.here), make)
    if as_json:
        print_json(document)
        return
    (print_search if find else print_trial)(document, console())
    error_console().print(f"run folder: {folder}", soft_wrap=True)


def _simulated(protocol: Protocol, scenario: Scenario, settings: RunSettings, progress: Progress) -> Made:
    """Simulate a trial; return its document and what writes its files."""
    from calor.cli.running import Made
    from calor.report.trial_run import save_run
    from calor.trial.runs.document import result_document
    from calor.trial.runs.pipeline import run_trial
    from calor.trial.runs.provenance import origin_of

    run = run_trial(protocol, settings, progress, scenario)
    document = result_document(run, origin_of(run.ready, len(run.prediction.replicates)))
    return Made(document, lambda target: save_run(run, document, target))


def _searched(
    protocol: Protocol, scenario: Scenario, settings: RunSettings, power: float, progress: Progress
) -> Made:
    """Search the size of a trial; return its document and what writes its files."""
    from calor.cli.running import Made
    from calor.report.trial_run import save_search
    from calor.trial.runs.document import search_document
    from calor.trial.runs.provenance import origin_of
    from calor.trial.runs.sizing import search_size

    ready, search = search_size(protocol, scenario, settings, power, progress)
    document = search_document(ready, search, origin_of(ready, settings.replicates))
    return Made(document, lambda target: save_search(protocol, document, target))
