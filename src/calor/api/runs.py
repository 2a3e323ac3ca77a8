"""Runs on disk: where each stands, its result, and how it is stopped, gone on with and removed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.words import workers_of
from calor.core.errors import CalorError

if TYPE_CHECKING:
    from calor.store.saved_runs import Listed


class Run:
    """A run in a folder, whoever began it. Raises InputError where there is none in it."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._listed()

    @property
    def state(self) -> str:
        """Where the run stands now: queued, running, stopped, done or failed."""
        return str(self._listed().status.state)

    @property
    def request(self) -> dict[str, Any]:
        """What was asked: command, arguments, documents with hashes, versions, processor; empty: not kept."""
        from dataclasses import asdict

        request = self._listed().request
        return {} if request is None else asdict(request)

    @property
    def result(self) -> dict[str, Any]:
        """The document of the result, as the command's `--json` prints it.

        Raises InputError where the run is not done or a file of it has changed since.
        """
        from calor.store.saved_run import read_run

        return read_run(self.folder).result

    def stop(self) -> None:
        """Ask the run to stop at its next safe point; one that has stopped already stays so.

        Raises InputError where it is done, has failed or waits in a queue.
        """
        from calor.store.saved_runs import stop_run

        stop_run(self.folder)

    def resume(self, workers: int | None = None) -> dict[str, Any]:
        """Go on with the run in a process of its own, wait for it, and return its result.

        Arguments: the number of threads (it changes no number). Raises CalorError with what the process said
        where it came to no result.
        """
        command = [sys.executable, "-m", "calor", "resume", str(self.folder), "--json"]
        if workers is not None:
            command += ["--workers", str(workers_of(workers))]
        finished = subprocess.run(command, capture_output=True, text=True)
        if finished.returncode:
            raise CalorError(finished.stderr.strip())
        return self.result

    def remove(self) -> None:
        """Remove the run with everything in its folder. Raises InputError where it is at work."""
        from calor.store.saved_runs import remove_run

        remove_run(self.folder)

    def to_document(self) -> dict[str, Any]:
        """Return the run as `calor runs --json` lists it."""
        return self._listed().to_document()

    def __repr__(self) -> str:
        """Return the folder and where the run stands."""
        return f"<Run: {self.folder}: {self.state}>"

    def _listed(self) -> Listed:
        from calor.store.saved_runs import listed_run

        return listed_run(self.folder)


def runs(folder: str | Path = "runs") -> list[Run]:
    """Return the runs that stand in a folder, in the order in which they were begun.

    Raises InputError where there is no such folder; `runs` alone may be missing, before the first run.
    """
    from calor.store.saved_runs import runs_in

    return [Run(listed.folder) for listed in runs_in(Path(folder))]
