"""The folder of runs as visitors see it: a run is known by the name of its folder, and by nothing else.

Whatever stands there counts, also what the command line began; a name is only ever looked up among those that
are there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calor.app.failures import AbsentError
from calor.app.runs.telling import told_by_name, without_folder
from calor.store.requests import REQUEST
from calor.store.saved_runs import Listed, listed_run, shown_run
from calor.store.states import MANIFEST, State
from calor.store.whole_files import read_json

SHOWN = 100
"""Runs that a list shows, those at work first, then the newest."""

ENDINGS = frozenset({".json", ".csv", ".parquet", ".png", ".svg", ".yaml"})
"""Kinds of files that a run has."""

AT_WORK = (State.RUNNING, State.QUEUED)


@dataclass(frozen=True)
class Runs:
    """The runs of a folder. Arguments: the folder."""

    folder: Path

    def names(self) -> list[str]:
        """Return the name of every run, the newest first."""
        try:
            with os.scandir(self.folder) as entries:
                found = [(entry.stat().st_mtime, entry.name) for entry in entries if _is_run(entry)]
        except FileNotFoundError:
            return []
        return [name for _, name in sorted(found, reverse=True)]

    def place(self, name: str) -> Path:
        """Return the folder of a run. Raises AbsentError where no run has the name."""
        if name not in self.names():
            raise AbsentError.of(f"there is no run {name!r}", hint="/runs lists them")
        return self.folder / name

    def run(self, name: str) -> Listed:
        """Return a run. Raises AbsentError where no run has the name, InputError where it is damaged."""
        with told_by_name(self.folder):
            return listed_run(self.place(name))

    def newest(self) -> list[Listed]:
        """Return the runs to be listed: those at work, then the newest. A damaged one says so."""
        found = [shown_run(self.folder / name) for name in self.names()]
        found.sort(key=lambda run: AT_WORK.index(run.status.state) if run.status.state in AT_WORK else 2)
        return found[:SHOWN]

    def waiting(self) -> list[Listed]:
        """Return the runs that wait, the longest waiting first."""
        found = (shown_run(self.folder / name) for name in self.names())
        queued = [run for run in found if run.status.state is State.QUEUED]
        return sorted(queued, key=lambda run: (run.status.updated or "", run.folder.name))

    def file(self, name: str, file: str) -> Path:
        """Return a file of a run. Raises AbsentError for any name but those of `files`."""
        folder = self.place(name)
        if file not in files_of(folder):
            raise AbsentError.of(f"the run has no file {file!r}", allowed=", ".join(files_of(folder)))
        return folder / file


def files_of(folder: Path) -> list[str]:
    """Return the names of the files of a run that may be taken: what it was asked, and its result."""
    manifest = read_json(folder / MANIFEST) or {}
    hashes = manifest.get("files_sha256")
    listed = [*hashes, MANIFEST] if isinstance(hashes, dict) else []
    sent = sorted(path.name for path in folder.glob("protocol*.yaml"))
    return [name for name in dict.fromkeys((*sent, REQUEST, *listed)) if _is_file(folder, name)]


def run_document(run: Listed, runs: Path) -> dict[str, Any]:
    """Return a run as JSON-like data: nothing of where it lies on this machine."""
    found = {**run.to_document(), "run": run.folder.name}
    del found["process"], found["host"]
    if found["message"]:
        found["message"] = without_folder(found["message"], runs)
    arguments = run.request.arguments if run.request else ()
    return {**found, "command": ["calor", *arguments] if arguments else None, "files": files_of(run.folder)}


def _is_run(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or not entry.is_dir(follow_symlinks=False):
        return False
    return any(os.path.isfile(os.path.join(entry.path, name)) for name in (REQUEST, MANIFEST))


def _is_file(folder: Path, name: str) -> bool:
    path = folder / name
    plain = Path(name).name == name and not name.startswith(".") and path.suffix in ENDINGS
    return plain and path.is_file() and not path.is_symlink()
