"""A run at work: a folder from the start, pieces as they are finished, the result whole.

request.json comes first, then finished pieces under checkpoints/, then the result: its files are made under
.results/, brought to the disk, moved into the folder, and believed once manifest.json, the last, is there.
What was only needed on the way is removed then.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shlex
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calor.core.errors import InputError, ReportedError
from calor.core.progress import Progress, Stopped
from calor.store.folder_lock import LOCK, locked_folder
from calor.store.pieces import Pieces, Shelf
from calor.store.requests import REQUEST, Request, read_request, write_request
from calor.store.states import MANIFEST, STATE, State, Status, last_written, write_status
from calor.store.watching import STOP, Watching
from calor.store.whole_files import hidden_name, on_disk, write_whole_json

CHECKPOINTS, RESULTS = "checkpoints", ".results"


class ActiveRun:
    """A run in its folder, held by this process.

    Arguments: the folder; what was asked; where the run stood before; and another run whose finished pieces
    serve this one where they are the same.
    """

    def __init__(self, folder: Path, request: Request, before: Status, earlier: Path | None = None) -> None:
        self._others = None if earlier is None else earlier / CHECKPOINTS
        self.folder = folder
        self.request = request
        self.is_done = (folder / MANIFEST).is_file()
        self.started = before.started or datetime.now(UTC).isoformat(timespec="seconds")
        self._worked_before = before.seconds
        self._clock = time.monotonic()
        self._status = Status(
            state=State.RUNNING, started=self.started, process=os.getpid(), host=platform.node()
        )
        self._shelf: Shelf | None = None
        self._writing = threading.Lock()

    @property
    def pieces(self) -> Pieces:
        """The finished pieces of the run."""
        if self._shelf is None:
            self._shelf = Shelf(self.folder / CHECKPOINTS, others=self._others)
        return Pieces(self._shelf, self.request.fingerprint)

    @property
    def results(self) -> Path:
        """The folder in which the files of the result are made."""
        return self.folder / RESULTS

    @property
    def seconds(self) -> float:
        """The seconds that were worked on the run, before it was stopped too."""
        return round(self._worked_before + time.monotonic() - self._clock, 2)

    def watching(self, shown: Progress) -> Watching:
        """Return progress that is shown by another, written into the folder, and asked to stop from it."""
        return Watching(shown, self.folder, self.report)

    def report(self, state: State, message: str | None = None, **stage: Any) -> None:
        """Write where the run stands. Raises OSError where the disk refuses it."""
        with self._writing:
            self._status = replace(
                self._status,
                state=state,
                message=message,
                updated=datetime.now(UTC).isoformat(timespec="seconds"),
                seconds=self.seconds,
                pieces=0 if self._shelf is None else len(self._shelf),
                **stage,
            )
            write_status(self.folder, self._status)

    def finish(
        self,
        origin: Mapping[str, Any],
        *,
        keep_pieces: bool = False,
        occasion: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the result whole: its files appear, then the manifest; what was needed on the way goes.

        Arguments: where the result comes from, for the manifest; whether the finished pieces stay, for other
        runs; and, of a result that was made before it was kept, when it was begun and how long it took.
        Raises OSError where the disk refuses it.
        """
        hashes = {REQUEST: _sha256(self.folder / REQUEST)}
        for file in sorted(self.results.iterdir()):
            on_disk(file)
            hashes[file.name] = _sha256(file)
        for name in hashes.keys() - {REQUEST}:
            (self.results / name).replace(self.folder / name)
        on_disk(self.folder)
        occasion = {**self._occasion(), **(occasion or {})}
        hashes = dict(sorted(hashes.items()))
        write_whole_json(self.folder / MANIFEST, {**origin, **occasion, "files_sha256": hashes})
        on_disk(self.folder)
        self.is_done = True
        self.tidy(keep_pieces=keep_pieces)

    def tidy(self, *, keep_pieces: bool = False) -> None:
        """Remove what a finished run does not need; what cannot be removed stays."""
        if keep_pieces and self._shelf is not None:
            self._shelf.write()
        if not keep_pieces:
            shutil.rmtree(self.folder / CHECKPOINTS, ignore_errors=True)
        _remove_leftovers(self.folder)

    def discard(self) -> None:
        """Remove the folder: what came of the run stands elsewhere."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep_what_is_finished(self, state: State, message: str | None = None) -> bool:
        """Write the pieces that wait and where the run stands; return whether any piece is kept."""
        with contextlib.suppress(OSError):
            if self._shelf is not None:
                self._shelf.write()
        with contextlib.suppress(OSError):
            self.report(state, message)
        return bool(self._shelf)

    def _occasion(self) -> dict[str, Any]:
        """Return what differs between two runs of the same request."""
        return {
            "started": self.started,
            "seconds": self.seconds,
            "run_folder": str(self.folder),
            "workers": self.request.workers,
            "command": ["calor", *self.request.arguments],
            "machine": dict(self.request.made_with.get("machine", {})),
        }


@contextmanager
def active_run(folder: Path, request: Request, earlier: Path | None = None) -> Iterator[ActiveRun]:
    """Begin a run in a folder, or go on with the same one; leave the context with the run finished.

    Arguments: the folder; what is asked; and another run whose finished pieces serve where they are the same.

    A run that is finished already is yielded as it is (`is_done`). Where the context is left otherwise, the
    finished pieces are kept; only what is refused before anything is finished leaves nothing behind.

    Raises InputError where the folder holds something else or a run of another request, where another process
    is at work in it, or where the disk refuses what is written; Stopped, which says what was kept, where the
    work was stopped.
    """
    check_free(folder)
    is_new = not (folder / REQUEST).exists()
    with as_input_errors(folder), locked_folder(folder):
        run = ActiveRun(folder, request, last_written(folder), earlier)
        if run.is_done:
            run.tidy(keep_pieces=True)
        known = read_request(folder)
        if known is not None and known.asked:
            _check_same(folder, known, request)
        if run.is_done:
            _check_current(folder, known, request)
            yield run
            return
        try:
            _prepare(run)
            yield run
        except (Stopped, KeyboardInterrupt):
            kept = run.keep_what_is_finished(State.STOPPED)
            raise Stopped(_after_stop(folder, kept)) from None
        except (ReportedError, OSError) as error:
            if run.keep_what_is_finished(State.FAILED, _why(folder, error)) or not is_new:
                raise
            shutil.rmtree(folder, ignore_errors=True)
            raise
        except BaseException as error:
            run.keep_what_is_finished(State.FAILED, f"{type(error).__name__}: {error}")
            raise


def tidy_finished(folder: Path) -> None:
    """Remove what a run that was killed right after its end left beside its result; its pieces stay."""
    if (folder / MANIFEST).is_file():
        with contextlib.suppress(ReportedError), locked_folder(folder):
            _remove_leftovers(folder)


def _remove_leftovers(folder: Path) -> None:
    """Remove what a finished run does not need; what cannot be removed stays."""
    shutil.rmtree(folder / RESULTS, ignore_errors=True)
    for name in (STOP, STATE, LOCK):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _prepare(run: ActiveRun) -> None:
    """Write what the run is, before anything else, and make an empty place for its result."""
    (run.folder / STOP).unlink(missing_ok=True)
    write_request(run.folder, run.request)
    run.report(State.RUNNING)
    shutil.rmtree(run.results, ignore_errors=True)
    run.results.mkdir()


def check_free(folder: Path) -> None:
    """Raise InputError when a run cannot be in this folder because something else is there."""
    try:
        taken = folder.is_file() or (folder.is_dir() and _holds_something_else(folder))
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=folder) from None
    if taken:
        raise InputError.of("already exists", file=folder, hint="name another folder with --out")


def _holds_something_else(folder: Path) -> bool:
    """Return whether a folder holds more than a run, or one that was killed before its request was there."""
    names = {path.name for path in folder.iterdir()}
    return REQUEST not in names and bool(names - {LOCK, hidden_name(REQUEST)})


def _check_same(folder: Path, known: Request, request: Request) -> None:
    differences = known.differences(request)
    if differences:
        raise InputError.of(
            f"holds another run: {'; '.join(differences)}",
            file=folder,
            hint=f"name another folder with --out, or see it: calor runs show {shlex.quote(str(folder))}",
        )


def _check_current(folder: Path, known: Request | None, request: Request) -> None:
    """Raise InputError where a finished run might come out otherwise today."""
    if known is None or known.fingerprint != request.fingerprint:
        raise InputError.of(
            "holds this run already, made by another copy of calor or on another kind of processor",
            file=folder,
            hint=f"name another folder with --out, or first: calor runs remove {shlex.quote(str(folder))}",
        )


def _why(folder: Path, error: ReportedError | OSError) -> str:
    """Return in words why a run failed."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    inside = error.filename is None or Path(str(error.filename)).is_relative_to(folder)
    return f"cannot be written: {error.strerror}" if inside else f"{error.filename}: {error.strerror}"


def _after_stop(folder: Path, kept: bool) -> str:
    command = f"calor resume {shlex.quote(str(folder))}"
    if not kept:
        return f"stopped before anything was finished; to begin again: {command}"
    return f"stopped; what was finished is kept in {folder}\n  to go on: {command}"


@contextmanager
def as_input_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses in a folder into one clear error; an error about another file stays one."""
    try:
        yield
    except OSError as error:
        inside = error.filename is None or Path(str(error.filename)).is_relative_to(folder)
        if error.errno is None or not inside:
            raise
        hint = f"what was finished is kept; make room, then: calor resume {shlex.quote(str(folder))}"
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder, hint=hint) from None


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
