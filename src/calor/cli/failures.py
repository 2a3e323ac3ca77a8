"""What becomes of an error that ends a command: one clear message on stderr, and an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

import click
from rich.errors import ConsoleError

from calor.cli import signals
from calor.cli.console import error_console
from calor.cli.streams import silence
from calor.core.errors import CalorError, ReportedError
from calor.core.progress import Stopped

FAULT, WRONG_INPUT = 1, 2

DEBUG = "CALOR_DEBUG"
"""The environment variable that shows tracebacks on stderr."""


def exit_code_after(error: BaseException) -> int:
    """Report an error and return the exit code of the process."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    if _is_broken_pipe(error):
        return 0
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return 0
    if isinstance(error, click.ClickException):
        return _report(_in_words(error), WRONG_INPUT)
    if isinstance(error, click.Abort | KeyboardInterrupt | Stopped):
        error_console().print(str(error) or "stopped", style="yellow")
        return signals.exit_code()
    if isinstance(error, ReportedError):
        return _report("\nerror: ".join(str(problem) for problem in error.problems), error.exit_code)
    if isinstance(error, CalorError):
        return _report(str(error), error.exit_code)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAULT
    return _after_surprise(error)


def _after_surprise(error: BaseException) -> int:
    """Report what no part of calor raises on purpose: a refusal of the machine, or a fault."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return _report(f"{place}{error.strerror}\n  hint: check the disk and the permissions", WRONG_INPUT)
    if isinstance(error, MemoryError):
        return _report("not enough memory\n  hint: ask for fewer worlds, people or days", WRONG_INPUT)
    kept = _kept_traceback(error)
    where = f"the details are in {kept}" if kept else f"{DEBUG}=1 shows the details"
    what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    return _report(f"a fault of calor's own, please report it: {what}\n  hint: {where}", FAULT)


def _in_words(error: click.ClickException) -> str:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"\n  hint: see {error.ctx.command_path} --help"
    return f"{error.format_message()}{hint}"


def _is_broken_pipe(error: BaseException) -> bool:
    """Return whether nobody reads the output any more, as after `| head`; click leaves by SystemExit then."""
    broken = error.__context__ if isinstance(error, SystemExit) else error
    if isinstance(broken, BrokenPipeError):
        silence(sys.stdout)
        return True
    return False


def _kept_traceback(error: BaseException) -> str | None:
    """Write the traceback into a file of its own and return its path, or None where that cannot be."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="calor-fault-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            traceback.print_exception(error, file=file)
            return file.name
    except OSError:
        return None


def _report(message: str, exit_code: int) -> int:
    try:
        error_console().print(f"error: {message}", style="red", soft_wrap=True)
    except (OSError, ConsoleError):
        silence(sys.stderr)
    return exit_code
