"""The files of a census, and tasks on them in processes of their own, with a folder for what calor keeps."""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from census_simulators import Answer


def models_of(folder: Path, only: Sequence[str]) -> list[Path]:
    """Return the models of a folder, or those of some names, small files first."""
    files = [file for file in folder.glob("*.xml") if not only or file.stem in only]
    return sorted(files, key=lambda file: (file.stat().st_size, file.name))


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Keep what calor compiles in a folder for a while, and then where it was kept before."""
    before = os.environ.get("CALOR_CACHE")
    os.environ["CALOR_CACHE"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("CALOR_CACHE")
        if before is not None:
            os.environ["CALOR_CACHE"] = before


def in_child(task: Callable[[Path], Answer], file: Path, limit: float) -> Answer:
    """Return what a task says of a file, from a process with so many seconds of processor time."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(task, file, theirs, limit))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        process.join()
        took = process.exitcode == -signal.SIGXCPU
        return Answer.without(f"took longer than {limit:g} s" if took else "the process died", limit)
    finally:
        process.kill()
        process.join()


def _send(task: Callable[[Path], Answer], file: Path, connection: Connection, limit: float) -> None:
    os.environ["CALOR_CACHE"] = str(Path(os.environ["CALOR_CACHE"], file.stem))
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 5))
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    connection.send(task(file))
