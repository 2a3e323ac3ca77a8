"""Options that would do nothing are refused by name, by one rule for every command.

An option counts as given when the person wrote it, whatever its value; a default never does.
"""

from __future__ import annotations

import click
from click.core import ParameterSource

from calor.core.errors import InputError


def given(*options: str) -> tuple[str, ...]:
    """Return which of some options (`--end`) of the running command the person wrote, in this order."""
    context = click.get_current_context()
    names = {flag: parameter.name for parameter in context.command.params for flag in parameter.opts}
    missing = [option for option in options if option not in names]
    if missing:
        raise ValueError(f"{context.command_path} has no option {', '.join(missing)}")
    return tuple(
        option
        for option in options
        if context.get_parameter_source(names[option] or "")
        not in {ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None}
    )


def refuse_options(options: tuple[str, ...], why: str, *, hint: str | None = None) -> None:
    """Raise InputError naming those of some options that were given though they have no effect.

    Arguments: the options as people write them (`--end`); why they have none, after which reads the message
    (`without --events`); and what to do instead.
    """
    found = given(*options)
    if found:
        does = "does" if len(found) == 1 else "do"
        raise InputError.of(
            f"{', '.join(found)} {does} nothing {why}",
            hint=hint or f"leave {'it' if len(found) == 1 else 'them'} out",
        )


def refuse_two_outputs(csv_path: str | None, as_json: bool) -> None:
    """Raise InputError where CSV and JSON would both go to stdout; CSV in a file beside JSON is fine."""
    if csv_path == "-" and as_json:
        raise InputError.of(
            "--csv - and --json both write to stdout",
            allowed="one of them, or --csv FILE with --json",
        )
