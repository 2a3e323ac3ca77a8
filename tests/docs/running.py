"""How the documentation's commands are tried: read by click, and run at a size that takes seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import click

from calor.cli.root import calor_command
from calor.trial.protocols.template import protocol_text
from tests.docs.pages import ROOT, Command, files_of

FILE = re.compile(r"[\w./-]+\.(yaml|csv|ant|xml|omex|parquet)|examples/[\w./-]+")
SMALL = {
    "trial": {"--worlds": "2", "--replicates": "100"},
    "compare": {"--worlds": "2", "--replicates": "100"},
    "next": {"--worlds": "10", "--people": "8"},
    "patient": {"--days": "14"},
    "model facts": {"--worlds": "5"},
}
"""What is added to a command that would run at full size, or put for what it says."""

NOT_SMALL = {"next": ("--list", "--money")}
"""Options beside which a command runs nothing, so that its size would be refused."""

ONLY_READ = (
    ("serve",),  # does not end
    ("resume",),  # nothing was stopped
    ("runs", "stop"),
    ("calibrate", "--out"),  # an hour
    ("calibrate", "--known-before"),
    ("calibrate", "--workers"),
    ("--cluster",),  # processes, or machines that there are not
    ("claims", "--run"),
)
"""Words that a command holds which is read and not run."""

QUICK = (
    ("--version",),
    ("calibrate", "--report"),
    ("calibrate", "--targets"),
    ("check",),
    ("claims",),
    ("design",),
    ("drug",),
    ("evidence",),
    ("meta",),
    ("model",),
    ("new",),
    ("next", "--list"),
    ("next", "--money"),
    ("pk",),
    ("simulate",),
    ("trials",),
)
"""Words of the commands that take less than seconds."""

FORM = re.compile(r"(MODEL|ARCHIVE|RUN|FILE|FOLDER)(\.\w+)?")
"""A word that stands for one of the reader's: its command is read and not run."""

SLOW = (("model", "facts"), ("model", "sensitivity"), ("trials", "--freeze"))


def read(command: Command) -> None:
    """Let click read a command, without running it. Raises click.ClickException where it cannot."""
    found: click.Command = calor_command
    words = list(command.arguments)
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        below = found.get_command(click.Context(found), name)
        if below is None:
            raise click.UsageError(f"{found.name} has no command {name}")
        found = below
    try:
        found.make_context(command.program, words)
    except click.exceptions.Exit as ended:  # --help and --version
        if ended.exit_code != 0:
            raise click.UsageError(f"{command} ends with {ended.exit_code}") from ended


def holds(command: Command, rules: tuple[tuple[str, ...], ...]) -> bool:
    """Return whether a command holds all words of one of some rules."""
    return any(set(rule) <= set(command.arguments) for rule in rules)


def is_run(command: Command) -> bool:
    return not holds(command, ONLY_READ) and not any(FORM.fullmatch(word) for word in command.arguments)


def is_quick(command: Command) -> bool:
    return is_run(command) and holds(command, QUICK) and not holds(command, SLOW)


def reduced(arguments: tuple[str, ...]) -> list[str]:
    """Return a command's arguments at a size that takes seconds."""
    words = list(arguments)
    for name, sizes in SMALL.items():
        if tuple(name.split()) != arguments[: len(name.split())]:
            continue
        if any(option in arguments for option in NOT_SMALL.get(name, ())):
            continue
        for option, value in sizes.items():
            if option in words:
                words[words.index(option) + 1] = value
            else:
                words += [option, value]
    return words


def files_named(command: Command) -> list[str]:
    """Return the words of a command that look like files."""
    return [word for word in command.arguments if FILE.fullmatch(word)]


def prepare(page: str, folder: Path) -> None:
    """Put into a folder the examples, the files that a page shows, and those that its reader would have."""
    (folder / "examples").symlink_to(ROOT / "examples")
    for name, text in (_readers_files() | files_of(page)).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())


def _readers_files() -> Mapping[str, str | bytes]:
    """Return the files that pages take a reader to have, by path."""
    example, package = protocol_text(None), files("calor")
    record = (package / "evidence/records/goebel-2010.yaml").read_text(encoding="utf-8")
    posterior = (package / "population/posteriors/product.parquet").read_bytes()
    return {
        "calibration/posterior.parquet": posterior,
        "effects.csv": "study,yi,vi\nAdams 2001,-0.5,0.04\nBrown 2004,0.1,0.09\nClark 2010,-0.2,0.01\n",
        "larger.yaml": _with(example, "patients: .*", "patients: 160"),
        "my-records/my-record.yaml": _with(record, "id: .*", "id: my-record"),
        "my-study.yaml": _with(record, "id: .*", "id: my-study"),
        "own-study.yaml": (ROOT / "examples/studies/own-study.yaml").read_text(encoding="utf-8"),
        "seen.yaml": (ROOT / "examples/questions/seen.yaml").read_text(encoding="utf-8"),
        "smaller.yaml": _with(example, "patients: .*", "patients: 40"),
        "with-ours/posterior.parquet": posterior,
    }


def _with(text: str, line: str, new: str) -> str:
    """Return a YAML text with another line for the first of a kind that begins it."""
    changed, count = re.subn(f"^{line}", new, text, count=1, flags=re.MULTILINE)
    assert count == 1, line
    return changed
