"""A text that a command makes: to stdout, into a file, or in a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from calor.cli.console import error_console, print_json
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_text


def give_text(text: str, out: Path | None, about: Mapping[str, Any], as_json: bool) -> None:
    """Write a text to a file or to stdout, or print a JSON document of it.

    Arguments: the text; the file; what the document says of it besides its hash; and whether one is asked
    for. The document holds the text itself where no file does. Raises InputError where the file cannot be
    written.
    """
    if out is not None:
        write_text(out, text)
    if as_json:
        kept = {"file": str(out) if out else None, "text": None if out else text}
        print_json({**about, "sha256": sha256_of_text(text), **kept})
    elif out is None:
        click.echo(text, nl=False)
    else:
        error_console().print(f"written: {out}", soft_wrap=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file and the folders above it. Raises InputError where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=path, key="--out") from None
