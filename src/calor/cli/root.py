"""The `calor` command: its subcommands by name.

A subcommand's module is imported only when it is used, so that `calor --help` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import click

from calor.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module under calor.cli that holds a click `command`, one line of help)
    "trial": ("trial", "Predict a trial: a protocol file, or a published one by id."),
    "trials": ("trials", "List the published trials that can be run."),
    "compare": ("compare", "Several designs side by side, with common random numbers."),
    "runs": ("runs", "The runs on disk: list, show, stop, remove."),
    "resume": ("resume", "Go on with a run that was stopped."),
    "report": ("report", "The report of a run: one HTML page, or PDF."),
    "figure": ("figure", "One figure of a run with its data: SVG, PNG or PDF, and CSV."),
    "new": ("new", "Write a commented protocol or question to start from."),
    "evidence": ("evidence", "What was tried, in whom, with what result, and how well it is known."),
    "claims": ("claims", "The ten claims about immunomodulation: the evidence, and the model's answers."),
    "next": ("next", "Which study would teach most, what it costs, and whether it would settle anything."),
    "drug": ("drug", "The drug library: one drug's numbers, safety and published facts."),
    "pk": ("pk", "A drug's concentration, and what it moves, under a regimen."),
    "patient": ("patient", "A virtual patient or a cohort with chosen traits, treated and untreated."),
    "model": ("model", "The disease model: states, numbers, rivals, diagram, export."),
    "serve": ("serve", "The same in a browser, on this machine, and a REST API."),
    "check": ("check", "Check the evidence, or a file of your own."),
    "calibrate": ("calibrate", "Fit the model to the evidence, rival by rival."),
    "simulate": ("simulate", "Simulate any SBML or Antimony model over time."),
    "petab": ("petab", "Simulate a PEtab problem and weigh its measurements: log-likelihood, chi squared."),
    "design": ("design", "Boundaries, sample size and power in closed form."),
    "meta": ("meta", "Meta-analysis of any table of effects."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: calor trial goebel-2017-lips. Exit codes: 0 done, 1 a fault of calor's own, "
    "2 wrong input, 3 not supported, 130 stopped. For research and education, not for treating a person.",
)
@click.option(
    "--target",
    metavar="avx512|avx2|neon|baseline|cuda",
    default=None,
    help="Vector unit that the engine's code is made for, or a graphics processor (cuda).  "
    "[default: the widest that this processor has]",
)
@click.version_option(version("calor"), prog_name="calor", message="%(prog)s %(version)s")
def calor_command(target: str | None) -> None:
    """Run in-silico clinical trials of immunomodulation in complex regional pain syndrome (CRPS)."""
    if target is not None:
        from calor.core.targets import pin

        pin(target)


def name_of_command(arguments: Sequence[str]) -> str:
    """Return the name of the command in a command line, after `calor`'s own options; empty for none."""
    context = click.Context(calor_command, info_name="calor")
    _, words, _ = calor_command.make_parser(context).parse_args(list(arguments))
    return words[0] if words else ""
