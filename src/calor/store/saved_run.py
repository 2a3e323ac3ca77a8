"""A run folder read back: its documents as they were written, and only if they still are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from calor.core.errors import InputError, UnsupportedError


class Kind(StrEnum):
    """What a run folder holds, by the command that wrote it."""

    TRIAL = "trial"
    SEARCH = "size search"
    COMPARISON = "comparison"
    CALIBRATION = "calibration"
    NEXT = "comparison of studies"


MANIFEST = "manifest.json"


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
    manifest = _optional(folder, "manifest")
    _check_unchanged(folder, manifest.get("files_sha256", {}))
    if (folder / "comparison.json").is_file():
        return SavedRun(folder, Kind.COMPARISON, _document(folder, "comparison"), {}, {}, manifest)
    if (folder / "report.json").is_file():
        return SavedRun(folder, Kind.CALIBRATION, _document(folder, "report"), {}, {}, manifest)
    if not (folder / "result.json").is_file():
        raise InputError.of(
            "holds no run: there is no result.json, comparison.json or report.json in it",
            file=folder,
            allowed="a run folder of calor trial, compare, next or calibrate",
        )
    result = _document(folder, "result")
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
