"""The `calor` command: its subcommands by name, and one place where errors become exit codes.

A subcommand's module is imported only when it is used, so that `calor --help` answers at once.
"""

from __future__ import annotations

import os
import sys

import click

import calor
from calor.cli.console import error_console
from calor.cli.lazy import LazyGroup
from calor.core.errors import CalorError, ReportedError

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module under calor.cli that holds a click `command`, one line of help)
    "trial": ("trial", "Predict a trial: a protocol file, or a published one by id."),
    "trials": ("trials", "List the published trials that can be run."),
    "compare": ("compare", "Several designs side by side, with common random numbers."),
    "new": ("new", "Write a commented protocol to start from."),
    "evidence": ("evidence", "What was tried, in whom, with what result, and how well it is known."),
    "claims": ("claims", "The ten claims about immunomodulation: the evidence, and the model's answers."),
    "drug": ("drug", "The drug library: one drug's numbers, safety and published facts."),
    "pk": ("pk", "A drug's concentration, and what it moves, under a regimen."),
    "patient": ("patient", "A virtual patient or a cohort with chosen traits, treated and untreated."),
    "model": ("model", "The disease model: states, numbers, rivals, diagram, export."),
    "check": ("check", "Check the evidence, or a file of your own."),
    "calibrate": ("calibrate", "Fit the model to the evidence, rival by rival."),
    "simulate": ("simulate", "Simulate any SBML or Antimony model over time."),
    "design": ("design", "Boundaries, sample size and power in closed form."),
    "meta": ("meta", "Meta-analysis of any table of effects."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: calor trial goebel-2017-lips. For research and education, not for treating a person.",
)
@click.version_option(calor.__version__, prog_name="calor", message="%(prog)s %(version)s")
def calor_command() -> None:
    """Run in-silico clinical trials of immunomodulation in complex regional pain syndrome (CRPS)."""


def run() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(exit_code_of(sys.argv[1:]))


def exit_code_of(arguments: list[str]) -> int:
    """Run the command line on arguments; return 0, or the exit code that the error tree names."""
    try:
        outcome = calor_command.main(args=arguments, prog_name="calor", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.UsageError as error:
        hint = f"\n  hint: see {error.ctx.command_path} --help" if error.ctx else ""
        return _report(f"{error.format_message()}{hint}", 2)
    except click.ClickException as error:
        return _report(error.format_message(), 2)
    except (click.Abort, KeyboardInterrupt):
        error_console().print("stopped", style="yellow")
        return 130
    except ReportedError as error:
        return _report("\nerror: ".join(str(problem) for problem in error.problems), error.exit_code)
    except CalorError as error:
        return _report(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _report(message: str, exit_code: int) -> int:
    error_console().print(f"error: {message}", markup=False, style="red", soft_wrap=True)
    return exit_code
