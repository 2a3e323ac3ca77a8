"""A folder that an interrupted fit may go on in is written by one process at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.store.folder_lock import locked_folder

HOLDING = """
import sys, time
from pathlib import Path
from calor.store.folder_lock import locked_folder
with locked_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_another_process_waits_until_the_first_has_ended_however_it_ends(
    tmp_path: Path, end: signal.Signals
) -> None:
    folder = tmp_path / "new" / "fit"
    command = [sys.executable, "-c", HOLDING, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(InputError, match="another process is at work in this folder") as caught,
            locked_folder(folder),
        ):
            pass
        assert str(folder) in str(caught.value)
        assert "--out" in str(caught.value)
        holder.send_signal(end)
    with locked_folder(folder):
        pass
    with locked_folder(folder):  # and again, when it was left in good order
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, words in (
        (tmp_path / "file", "is not a folder"),
        (tmp_path / "file" / "fit", "Not a directory"),
    ):
        with pytest.raises(InputError, match=words), locked_folder(folder):
            pass
