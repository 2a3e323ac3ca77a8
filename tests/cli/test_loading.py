"""What a plain answer loads: none of the libraries that take long, and nothing before signals are heard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = ("scipy", "matplotlib", "pandas", "llvmlite", "libsbml", "antimony", "pyarrow", "sklearn", "xarray")

SCIENCE = ("numpy", "pydantic", "yaml")
"""What help does not need: it says what can be asked, and checks nothing."""

ANSWER = (
    "import sys\n"
    "from calor.cli.main import exit_code_of\n"
    "code = exit_code_of(sys.argv[1:])\n"
    "found = {name.partition('.')[0] for name in sys.modules}\n"
    f"print(code, *sorted(found & set({SLOW + SCIENCE})), file=sys.stderr)\n"
)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["nosuch"], 2),
        (["trial", "nosuch"], 2),
        (["trial", "nosuch.yaml"], 2),
        (["trial", "goebel-2017-lips", "--nosuch"], 2),
        (["trial", "goebel-2017-lips", "--worlds", "nan"], 2),
        (["compare", "nosuch", "nosuch"], 2),
        (["trials"], 0),
        (["meta", "nosuch"], 2),
        (["pk", "nosuch", "once"], 2),
        (["drug", "nosuch"], 2),
        (["evidence", "nosuch"], 2),
        (["claims", "S99"], 2),
        (["calibrate", "--help"], 0),
        (["calibrate", "--report", "--quick"], 2),
        (["model", "parameter", "nosuch"], 2),
        (["design", "power", "--help"], 0),
        (["new", "protocol", "--like", "nosuch"], 2),
        (["check", "drug", "nosuch.yaml"], 2),
        (["next", "--help"], 0),
        (["next", "--list"], 0),
        (["next", "nosuch"], 2),
        (["new", "question", "--like", "nosuch"], 2),
    ],
)
def test_a_plain_answer_loads_no_slow_library(tmp_path: Path, arguments: list[str], code: int) -> None:
    found = subprocess.run(
        [sys.executable, "-c", ANSWER, *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    answered, *loaded = found.stderr.splitlines()[-1].split()
    assert answered == str(code), found.stderr
    assert not set(loaded) & set(SLOW), found.stderr


@pytest.mark.parametrize(
    "command", ["trial", "compare", "trials", "patient", "pk", "drug", "new", "check", "meta"]
)
def test_help_loads_nothing_that_simulates_or_checks(tmp_path: Path, command: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", ANSWER, command, "--help"], cwd=tmp_path, capture_output=True, text=True
    )
    assert found.stderr.splitlines()[-1] == "0", found.stderr


def test_signals_are_heard_before_anything_slow_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys, calor.cli.main; print(*({'click', 'rich', 'numpy', 'pydantic'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("\n", "")
