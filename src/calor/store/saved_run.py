"""A run folder read back: its documents as they were written, and only if they still are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from calor.core.errors import InputError, UnsupportedError
from calor.store.requests import REQUEST
from calor.store.states import MANIFEST, read_status

FOUND_AGAIN = "found_again"
"""In a manifest: how many parts an earlier run had simulated, and of how many."""

OCCASION = ("started", "seconds", "run_folder", "workers", FOUND_AGAIN)
"""What the manifest knows of a run that its result does not: the result is the same for every run of it."""

CONTEXT_VERSION = 2
"""Of what a trial keeps beside its result for a report; a report reads no other."""


class Kind(StrEnum):
    """What a run folder holds, by the command that wrote it."""

    TRIAL = "trial"
    SEARCH = "size search"
    COMPARISON = "comparison"
    CALIBRATION = "calibration"
    NEXT = "comparison of studies"


@dataclass(frozen=True)
class SavedRun:
    """A run on disk.

    Arguments: its folder; what it holds; its main document; and the documents beside it that are there
    (`protocol`, `context`, `manifest`), empty where a run of this kind writes none.
    """

    folder: Path
    kind: Kind
    result: dict[str, Any]
    protocol: dict[str, Any]
    context: dict[str, Any]
    manifest: dict[str, Any]


def read_run(folder: Path) -> SavedRun:
    """Return the run of a folder.

    Raises InputError where there is no run in it, a document is missing or is not JSON, or a file is no
    longer the one that the run wrote.
    """
    if not folder.is_dir():
        raise InputError.of("no such folder", file=folder, hint="calor trial PROTOCOL writes one under runs/")
    _check_finished(folder)
    manifest = _optional(folder, "manifest")
    _check_unchanged(folder, manifest.get("files_sha256", {}))
    if (folder / "comparison.json").is_file():
        return SavedRun(folder, Kind.COMPARISON, _result(folder, "comparison", manifest), {}, {}, manifest)
    if (folder / "report.json").is_file():
        return SavedRun(folder, Kind.CALIBRATION, _document(folder, "report"), {}, {}, manifest)
    if not (folder / "result.json").is_file():
        raise InputError.of(
            "holds no run: there is no result.json, comparison.json or report.json in it",
            file=folder,
            allowed="a run folder of calor trial, compare, next or calibrate",
        )
    result = _result(folder, "result", manifest)
    if "ranking" in result and "question" in result:
        return SavedRun(folder, Kind.NEXT, result, {}, {}, manifest)
    if "contrast" in result and "operating_characteristics" in result:
        kind = Kind.TRIAL
    elif "tried" in result:
        kind = Kind.SEARCH
    else:
        raise UnsupportedError.of(
            "is a run of which calor writes no report",
            file=folder,
            allowed="a run of calor trial, compare, next or calibrate",
        )
    return SavedRun(
        folder, kind, result, _document(folder, "protocol"), _optional(folder, "context"), manifest
    )


def _check_finished(folder: Path) -> None:
    """Raise InputError where a run has not come to its end."""
    if (folder / REQUEST).is_file() and not (folder / MANIFEST).is_file():
        raise InputError.of(
            f"holds a run that is not finished: it is {read_status(folder).state}",
            file=folder,
            hint=f"calor resume {folder}",
        )


def _result(folder: Path, name: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a result with the occasion of its run."""
    found = _document(folder, name)
    occasion = {key: manifest[key] for key in OCCASION if key in manifest}
    return {**found, "provenance": {**found.get("provenance", {}), **occasion}}


def _optional(folder: Path, name: str) -> dict[str, Any]:
    return _document(folder, name) if (folder / f"{name}.json").is_file() else {}


def _document(folder: Path, name: str) -> dict[str, Any]:
    path = folder / f"{name}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=path) from None
    except (ValueError, RecursionError):
        raise InputError.of("is not JSON", file=path, hint="run the trial again") from None
    if not isinstance(found, dict):
        raise InputError.of("is not a document of a run", file=path, hint="run the trial again")
    return found


def _check_unchanged(folder: Path, hashes: Any) -> None:
    """Raise InputError where a file of the manifest is missing or has other bytes."""
    if not isinstance(hashes, dict):
        raise InputError.of("lists no hashes", file=folder / MANIFEST, key="files_sha256")
    for name, expected in hashes.items():
        path = folder / Path(str(name)).name
        if not path.is_file():
            raise InputError.of("is missing from the run", file=path, hint="run the trial again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise InputError.of(
                "has changed since the run wrote it",
                file=path,
                hint="run the trial again: a report is of what was run",
            )
