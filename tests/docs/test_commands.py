"""Every command in the documentation is read by click, and run, page by page and in order, at a small size.

What takes long is run by the slow tests only; `ONLY_READ` in `running.py` lists what is never run.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from calor.cli.main import exit_code_of
from scripts.documentation.help_pages import commands
from tests.docs.help_examples import help_examples
from tests.docs.pages import ROOT, Command, blocks_of, commands_of, pages
from tests.docs.running import files_named, is_quick, is_run, prepare, read, reduced

LANGUAGES = {"console", "python", "sh", "text", "yaml", "{eval-rst}", "{toctree}"}
NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
OTHER_PROGRAMS = {"curl", "dask", "petablint"}
PAGES = [page for page in pages() if commands_of(page)]


@pytest.mark.parametrize("page", pages())
def test_every_block_says_what_it_is(page: str) -> None:
    """A command in a block of no language, or shown as text, would be tried by nothing."""
    for block in blocks_of(page):
        assert block.language.split(" ")[0] in LANGUAGES, f"{page}, line {block.line}: {block.language!r}"
        if block.language == "text":
            assert not re.search(r"^(\$ )?(calor|make|pip) ", block.text, re.MULTILINE), block


@pytest.mark.parametrize("page", PAGES)
def test_every_command_can_be_read(page: str) -> None:
    for command in commands_of(page):
        if command.program == "calor":
            read(command)
        elif command.program == "make":
            assert command.arguments[0] in _targets(), str(command)
        elif command.program == "pip":
            asked = re.fullmatch(r"calor\[(\w+)\]|\.", command.arguments[-1])
            assert asked is not None, str(command)
            assert asked[1] is None or asked[1] in _extras(), str(command)
        else:
            assert command.program in OTHER_PROGRAMS, str(command)


def test_what_click_cannot_read_is_noticed() -> None:
    for words in (
        "calor trial x --wolrds 3",
        "calor design power --n few",
        "calor modle",
        "calor pk infliximab",
    ):
        with pytest.raises(click.ClickException):
            read(Command("a page", 1, tuple(words.split())))


@pytest.mark.parametrize("page", PAGES)
def test_the_quick_commands_of_a_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What waits for the files of a slow command is left to the slow test."""
    monkeypatch.chdir(tmp_path)
    prepare(page, tmp_path)
    earlier: list[str] = []
    for command in _calor_commands(page):
        missing = [name for name in files_named(command) if not Path(name).exists()]
        made = {
            name for name in missing if any(name == word for word in command.arguments) and name in earlier
        }
        if is_quick(command) and not made:
            _run(command, capsys)
        earlier += command.arguments


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(page, tmp_path)
    for command in filter(is_run, _calor_commands(page)):
        _run(command, capsys)


def test_every_example_in_the_help_can_be_read() -> None:
    for example in help_examples():
        assert example.program == "calor", str(example)
        read(example)


def test_every_command_has_an_example() -> None:
    shown = {example.page for example in help_examples()}
    assert [words for words, _ in commands() if f"{words} --help" not in shown] == []


def _run(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    code = exit_code_of(reduced(command.arguments))
    out, err = capsys.readouterr()
    assert code == 0, f"{command}: exit {code}\n{err}"
    if command.printed:
        assert _rounded(out) == _rounded(command.printed), str(command)


def _rounded(text: str) -> list[list[str]]:
    """Return the cells of a table, numbers to the five digits that pages show."""
    return [
        [f"{float(cell):.5g}" if NUMBER.fullmatch(cell) else cell for cell in line.split(",")]
        for line in text.splitlines()
    ]


def _calor_commands(page: str) -> list[Command]:
    return [command for command in commands_of(page) if command.program == "calor"]


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def _extras() -> set[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return set(tomllib.load(file)["project"]["optional-dependencies"])
