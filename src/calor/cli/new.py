"""`calor new`: files to start from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from calor.core.errors import InputError
from calor.trial.protocol import Protocol
from calor.trial.template import protocol_text


@click.group("new", epilog="Example: calor new protocol --like goebel-2017-lips --out my-trial.yaml")
def command() -> None:
    """Write a file to start from."""


@command.command("protocol", epilog="Example: calor new protocol --like goebel-2017-lips --out my-trial.yaml")
@click.option("--like", "identifier", default=None, help="Start from a published trial (see calor trials).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="File to write.")
@click.option("--schema", is_flag=True, help="Write the JSON Schema of protocols, for editors, instead.")
def protocol(identifier: str | None, out: Path | None, schema: bool) -> None:
    """Write a commented protocol that runs as it is.

    Without --out it goes to stdout. In an editor that knows YAML schemas, the schema completes and checks
    keys while you type.
    """
    if schema and identifier is not None:
        raise InputError.of("--schema and --like exclude each other", key="--schema")
    text = json.dumps(Protocol.model_json_schema(), indent=2) + "\n" if schema else protocol_text(identifier)
    if out is None:
        sys.stdout.write(text)
        return
    if out.exists():
        raise InputError.of("already exists", file=out, hint="name another file with --out")
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=out) from None
