"""Runs as the command line begins them: the request from the command's own options, the wish to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from calor.cli.console import error_console, watched
from calor.core.host import made_with
from calor.core.progress import Progress
from calor.store.active_run import active_run
from calor.store.common_store import CommonStore, common_store
from calor.store.pieces import Pieces
from calor.store.requests import Request
from calor.store.saved_run import FOUND_AGAIN, read_run

NOT_REPEATED = {"out", "as_json", "workers", "cluster"}
NOT_ASKED = {*NOT_REPEATED, "earlier", "folder"}
"""Options that change no number: where the result goes, how it is shown, who works on it, and from what; the
first are for whoever gives the command again."""

DAY = len("2026-11-28")


def requested(command: str, question: str, documents: Mapping[str, Any], workers: int) -> Request:
    """Return the request of the running command.

    Arguments: the command in words; what is asked about, for people; what its options name, by option
    (documents, with the hashes of files); and how many workers there are.
    """
    context = click.get_current_context()
    options = {name: value for name, value in context.params.items() if name not in NOT_ASKED}
    return Request(
        command=command,
        question=question,
        arguments=repeatable_arguments(context.find_object(tuple) or (), context.command),
        working_folder=str(Path.cwd()),
        asked={name: _plain(value) for name, value in options.items()} | dict(documents),
        made_with=made_with(),
        workers=workers,
    )


def repeatable_arguments(arguments: tuple[str, ...], command: click.Command) -> tuple[str, ...]:
    """Return a command line without the options that change no number."""
    left, found = list(arguments), []
    takes = {flag: option for option in command.params if option.name in NOT_REPEATED for flag in option.opts}
    while left:
        word = left.pop(0)
        option = takes.get(word.partition("=")[0])
        if option is None:
            found.append(word)
        elif "=" not in word and left and not getattr(option, "is_flag", False):
            left.pop(0)
    return tuple(found)


@dataclass(frozen=True)
class Work:
    """What work takes of its run: where its pieces are kept, who watches, the day on which it was begun."""

    pieces: Pieces
    progress: Progress
    day: str


@dataclass(frozen=True)
class Made:
    """What was made: the document of the result, what writes its files, and whether its pieces stay."""

    document: dict[str, Any]
    save: Callable[[Path], None]
    keep_pieces: bool = False


def run_if_named(out: Path | None, request: Request, make: Callable[[Work], Made]) -> dict[str, Any]:
    """Return the document of a result: of the run in a folder, or made and not kept where none is named.

    Raises as `active_run` and `make` do.
    """
    if out is not None:
        return run_in(out, request, make)
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    store = common_store()
    with watched() as progress:
        document = make(Work(Pieces(store=store), progress, started[:DAY])).document
    occasion = {"started": started, "seconds": round(time.monotonic() - clock, 2), "run_folder": None}
    occasion |= _found_again(store)
    origin = {**document["provenance"], **occasion, "workers": request.workers}
    return {**document, "provenance": origin}


def run_in(
    folder: Path, request: Request, make: Callable[[Work], Made], earlier: Path | None = None
) -> dict[str, Any]:
    """Return the document of the run in a folder, which is begun, gone on with, or finished already.

    Arguments: the folder; what is asked; what makes the result; and another run whose finished pieces serve.
    Raises as `active_run` and `make` do.
    """
    with active_run(folder, request, earlier) as run:
        if not run.is_done:
            store = common_store()
            with watched() as shown:
                pieces = replace(run.pieces, store=store)
                made = make(Work(pieces, run.watching(shown), run.started[:DAY]))
            made.save(run.results)
            origin = made.document.get("provenance", {})
            run.finish(origin, keep_pieces=made.keep_pieces, occasion=_found_again(store))
    return read_run(folder).result


def _found_again(store: CommonStore | None) -> dict[str, Any]:
    """Return what a run took from earlier ones, for its manifest, and say it to the user."""
    if store is None or not store.found:
        return {}
    asked = store.found + store.missing
    error_console().print(
        f"{store.found} of {asked} parts of the virtual patients were simulated before and found in "
        f"{store.folder}",
        soft_wrap=True,
    )
    return {FOUND_AGAIN: {"parts": store.found, "of": asked}}


def _plain(value: Any) -> Any:
    """Return an option's value as JSON-like data."""
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | None) else str(value)
