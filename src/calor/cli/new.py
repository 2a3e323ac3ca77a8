"""`calor new`: files to start from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from calor.cli.console import print_json
from calor.cli.options import excludes
from calor.core.errors import InputError

DESIGN = "parallel"
"""The design of the protocol that is written where none is asked for."""


@click.group("new", epilog="Example: calor new protocol --like goebel-2017-lips --out my-trial.yaml")
def command() -> None:
    """Write a file to start from."""


@command.command("protocol", epilog="Example: calor new protocol --like goebel-2017-lips --out my-trial.yaml")
@click.option("--like", "identifier", default=None, help="Start from a published trial (see calor trials).")
@click.option(
    "--design",
    default=None,
    metavar="NAME",
    help="Start from a design, as crossover; NAME as in design.type.",
)
@click.option("--ask", is_flag=True, help="Ask for the main points instead of filling in an example.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="File to write.")
@click.option("--schema", is_flag=True, help="Write the JSON Schema of protocols, for editors, instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that holds the text.")
@excludes("--ask", "--like", "--schema", "--design")
@excludes("--like", "--schema", "--design")
@excludes("--design", "--schema")
def protocol(
    identifier: str | None, design: str | None, ask: bool, out: Path | None, schema: bool, as_json: bool
) -> None:
    """Write a commented protocol that runs as it is: a design's, a published trial's, or by asking.

    Without --out it goes to stdout. In an editor that knows YAML schemas, the schema completes and checks
    keys while you type.
    """
    # What checks a protocol takes long to load, and help is answered without it.
    from calor.trial.protocols.asking import protocol_by_asking
    from calor.trial.protocols.schema import protocol_schema
    from calor.trial.protocols.template import protocol_text

    if schema:
        text = json.dumps(protocol_schema(), indent=2) + "\n"
    else:
        text = protocol_by_asking(_ask, _confirm) if ask else protocol_text(identifier, design or DESIGN)
    document = {"schema" if schema else "protocol": json.loads(text) if schema else text}
    _write(text, out, document if as_json else None)


@command.command(
    "question", epilog="Example: calor new question --like which-antibody --out my-question.yaml"
)
@click.option("--like", "identifier", default=None, help="Start from one that ships (see calor next --list).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="File to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that holds the text.")
def question(identifier: str | None, out: Path | None, as_json: bool) -> None:
    """Write a commented question for calor next that runs as it is: an example, or one that ships.

    Without --out it goes to stdout.
    """
    from calor.decision.questions.shipped import question_text  # as above

    text = question_text(identifier)
    _write(text, out, {"question": text} if as_json else None)


@command.command("credibility", epilog="Example: calor new credibility --out use.yaml")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="File to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that holds the text.")
def credibility(out: Path | None, as_json: bool) -> None:
    """Write a commented file of what only people can say about the use of a prediction.

    It has the items of the assessment table of ICH M15: context of use, model influence, consequence of wrong
    decision, model risk, model impact, technical criteria, appropriateness and outcome. `calor report
    --credibility` reads it, and prints as blank what is left out.
    """
    from calor.report.credibility_file import TEMPLATE

    _write(TEMPLATE, out, {"credibility": TEMPLATE} if as_json else None)


def _write(text: str, out: Path | None, document: dict[str, Any] | None) -> None:
    """Write a text to a file that is not there yet, or else to stdout, and print a document where asked."""
    if document is not None:
        print_json(document)
    elif out is None:
        sys.stdout.write(text)
    if out is None:
        return
    if out.exists():
        raise InputError.of("already exists", file=out, hint="name another file with --out")
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=out) from None


def _ask(question: str, default: str) -> str:
    """Ask on stderr, so that stdout holds the protocol alone."""
    return str(click.prompt(question, default=default, err=True))


def _confirm(hazard: str) -> bool:
    return click.confirm(f"Does the trial provide for {hazard}", default=False, err=True)
