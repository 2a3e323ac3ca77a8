"""Titles, names and paths of people stand in the output as they were written, and act on nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from calor.cli.console import PlainConsole
from tests.cli.conftest import Calor

PROTOCOL = """\
id: odd
title: "[/x] early $x^$ :smile: \\x1b[31mred"
population:
  duration_months: {at_least: 12, at_most: 60}
  pain_nrs: {at_least: 4}
design: {type: parallel}
arms:
  - name: "steroid [high]"
    treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1, 22"}]
  - name: "steroid [low] $_^"
patients: 20
endpoint: {variable: pain-diary, from_day: 6, to_day: 42}
analysis: {method: ancova}
acknowledge: [thrombosis]
"""

ODD = "[/x] [bold]b[/bold] :smile: \x1b]0;t"
SHOWN = "[/x] [bold]b[/bold] :smile: \ufffd]0;t"


def test_a_protocol_of_odd_text_runs_to_its_end(calor: Calor) -> None:
    Path("odd.yaml").write_text(PROTOCOL)
    sizes = ["--worlds", "2", "--replicates", "100", "--posterior", "prior"]
    outcome = calor("trial", "odd.yaml", *sizes, "--out", "run [x]")
    assert outcome.code == 0
    for text in ("[/x] early $x^$ :smile: \ufffd[31mred", "steroid [high]", "steroid [low]"):
        assert text in outcome.out
    assert "\x1b" not in outcome.out
    assert "run [x]" in outcome.err
    assert Path("run [x]", "figure.svg").exists()


@pytest.mark.parametrize("wrapped", [str, Text])
def test_the_console_shows_text_as_it_is(wrapped: type[str] | type[Text]) -> None:
    file = io.StringIO()
    console = PlainConsole(file)
    table = Table(title=wrapped(ODD))
    table.add_column(wrapped(ODD))
    table.add_row(wrapped(ODD))
    console.print(table)
    console.print(wrapped(ODD))
    assert [" ".join(file.getvalue().split()).count(part) for part in SHOWN.split()] == [4, 4, 4, 4]
    assert "\x1b" not in file.getvalue()


def test_an_error_shows_the_users_text(calor: Calor) -> None:
    outcome = calor("trial", "no [/x] \x1b[2J.yaml")
    assert outcome.code == 2
    assert "no [/x] \ufffd[2J.yaml" in outcome.err
