"""The command line as a process: signals, full disks, closed pipes, odd locales, accounts without a home."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUN = [sys.executable, "-c", "from calor.cli.main import run; run()"]


def environment(**changes: str | None) -> dict[str, str]:
    changed = {**os.environ, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def outcome(
    *arguments: str, folder: Path, into: str | None = None, **changes: str | None
) -> subprocess.CompletedProcess[bytes]:
    with open(into or os.devnull, "wb") as sink:
        return subprocess.run(
            [*RUN, *arguments],
            cwd=folder,
            env=environment(**changes),
            stdout=sink if into else subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
        )


def test_a_full_disk_behind_stdout_is_one_line(tmp_path: Path) -> None:
    found = outcome("trials", folder=tmp_path, into="/dev/full")
    assert found.returncode == 2
    assert found.stderr.decode().splitlines()[0] == "error: No space left on device"
    assert b"Traceback" not in found.stderr
    assert b"Exception ignored" not in found.stderr


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*RUN, "evidence"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), said) == (0, b"")


@pytest.mark.parametrize("command", [("trials",), ("drug", "ivig"), ("trials", "--json")])
def test_a_terminal_that_knows_ascii_alone_is_served(tmp_path: Path, command: tuple[str, ...]) -> None:
    found = outcome(
        *command, folder=tmp_path, LANG="C", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout.decode("ascii").strip()


def test_a_name_that_is_no_utf8_is_answered(tmp_path: Path) -> None:
    found = subprocess.run(
        [*RUN, "trial", b"\xff.yaml"], cwd=tmp_path, env=environment(), capture_output=True, timeout=60
    )
    assert found.returncode == 2
    assert b"no such file" in found.stderr


def test_closed_streams_are_no_fault(tmp_path: Path) -> None:
    line = " ".join(f"'{word}'" for word in [*RUN, "trials"])
    found = subprocess.run(["sh", "-c", f"{line} >&- 2>&-"], cwd=tmp_path, env=environment(), timeout=60)
    assert found.returncode == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"HOME": None, "XDG_CACHE_HOME": None},
        {"HOME": "/dev/null/home", "XDG_CACHE_HOME": None},
        {"HOME": "", "XDG_CACHE_HOME": "relative"},
        {"CALOR_CACHE": "/dev/null/nowhere"},
    ],
)
def test_an_account_without_a_home_is_served(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = outcome("evidence", "kingery-1997", folder=tmp_path, **changes)
    assert b"Traceback" not in found.stderr
    assert found.returncode in {0, 2}
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_our_own_is_one_line_and_keeps_its_details(tmp_path: Path) -> None:
    program = (
        "import sys, calor.cli.root as root\n"
        "def fail(*a, **k): raise ZeroDivisionError('made [up]')\n"
        "root.calor_command.main = fail\n"
        "from calor.cli.main import run; run()"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        capture_output=True,
    )
    assert found.returncode == 1
    first, hint = found.stderr.decode().splitlines()
    assert first == "error: a fault of calor's own, please report it: ZeroDivisionError: made [up]"
    kept = Path(hint.split()[-1])
    assert kept.parent == tmp_path
    assert "Traceback" in kept.read_text()


@pytest.mark.parametrize("wait", [0.1, 0.25, 0.6])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_libraries_load_ends_at_once(
    tmp_path: Path, wait: float, number: signal.Signals, code: int
) -> None:
    program = "import os; os.write(1, b'.'); from calor.cli.main import run; run()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "trial", "goebel-2017-lips"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.read(1)
    time.sleep(wait)
    process.send_signal(number)
    said = process.communicate(timeout=30)[1].decode()
    assert process.returncode == code, said
    assert "Traceback" not in said
    assert "stop" in said
    assert not list(tmp_path.rglob("result.json"))


WRITING = """
import sys
from pathlib import Path
from calor.cli import signals
from calor.core.text_files import new_text_file
from calor.store.run_folder import new_run_folder
signals.listen()
sys.path.insert(0, ".")
with new_run_folder(Path("run")) as inside, new_text_file(Path("rows.csv")) as file:
    (inside / "part.json").touch()
    import loading
"""


def test_what_was_begun_is_removed_where_a_signal_ends_the_process_at_once(tmp_path: Path) -> None:
    (tmp_path / "loading.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    (tmp_path / "writing.py").write_text(WRITING)
    found = subprocess.run(
        [sys.executable, "-B", "writing.py"], cwd=tmp_path, capture_output=True, timeout=60
    )
    assert (found.returncode, found.stderr) == (130, b"stopped\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loading.py", "writing.py"]
