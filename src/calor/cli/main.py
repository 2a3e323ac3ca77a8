"""The `calor` command: its subcommands by name, and one place where errors become exit codes.

A subcommand's module is imported only when it is used, so that `calor --help` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

import calor
from calor.cli.console import error_console
from calor.core.errors import CalorError, ReportedError

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module under calor.cli that holds a click `command`, one line of help)
    "trial": ("trial", "Predict a trial: a protocol file, or a published one by id."),
    "trials": ("trials", "List the published trials that can be run."),
    "design": ("design", "Boundaries, sample size and power in closed form."),
    "meta": ("meta", "meta-analysis of any table of effects"),
}


class LazyGroup(click.Group):
    """A command group that imports a subcommand's module on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, or None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = importlib.import_module(f"calor.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        if COMMANDS:
            with formatter.section("Commands"):
                formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
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
