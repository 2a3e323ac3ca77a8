"""A process of its own that works on a run: the command line, as anybody would start it."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

MOST_SAID = 4000
"""Letters that are kept of what a process said last."""


class Worker:
    """A process that works on the run of a folder.

    Begun as the command line's own `resume`, with its arguments as a list and in a session of its own, so
    that neither a Ctrl-C for the server nor its end reaches it. Raises OSError where it cannot be begun.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder = folder
        self.asked_to_stop = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it is there as long as the process
        # -P: nothing that lies in the folder of runs is ever loaded as a module.
        command = [sys.executable, "-P", "-m", "calor", "resume", str(folder), "--workers", str(threads)]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,
            )
        except OSError:
            self._said.close()
            raise

    @property
    def process(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def ask_to_stop(self) -> None:
        """Ask the process to stop at its next safe point, once: a third time would end it where it stands."""
        if not self.asked_to_stop and not self.has_ended:
            self.asked_to_stop = True
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Return whether the process ends within some seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Listen no more to what the process says; it goes on where it has not ended."""
        self._said.close()

    def last_words(self) -> str:
        """Return why the process that has ended did so: its error, or its exit code."""
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip()[-MOST_SAID:]
        return said.removeprefix("error: ") or f"its process ended with {self._process.returncode}"
