"""The shipped YAML files as plain data, parsed once and kept, because parsing is nearly all of the work.

What is kept is the parsed data only, under a hash of the files and of the parser, in the user's cache
folder; it is checked against the schema each time it is used. Where nothing can be kept, the files are
parsed again. A kept document has no line numbers: whoever finds it wrong reads the file itself again.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from calor.core import documents
from calor.core.cache import cache_folder
from calor.core.documents import Document, read_document


def documents_of(folder: Path) -> tuple[Document, ...]:
    """Return every YAML file of a shipped folder as plain data, in the order of the names."""
    paths = sorted(folder.glob("*.yaml"))
    kept = cache_folder() / f"{folder.name}-{_hash(paths)}.json"
    data = _load(kept)
    if data is None or set(data) != {path.name for path in paths}:
        parsed = tuple(read_document(path) for path in paths)
        _keep(kept, folder.name, {path.name: one.data for path, one in zip(paths, parsed, strict=True)})
        return parsed
    return tuple(Document(str(path), data[path.name], {(): 1}) for path in paths)


def _hash(paths: list[Path]) -> str:
    digest = hashlib.sha256(Path(documents.__file__).read_bytes())
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _load(kept: Path) -> dict[str, Any] | None:
    """Return what was kept, or None when there is nothing or it cannot be read."""
    try:
        data = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _keep(kept: Path, name: str, data: dict[str, Any]) -> None:
    """Keep parsed data and drop what was kept of older files; a full or read-only disk is no error."""
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}.part")
        draft.write_text(json.dumps(data), encoding="utf-8")
        draft.replace(kept)
        for older in kept.parent.glob(f"{name}-*.json"):
            if older != kept:
                older.unlink(missing_ok=True)
