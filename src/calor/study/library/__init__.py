"""The studies that ship with calor, one file each; the file's name is the id.

`trials/` holds what is designed as a trial and can be run by id, `cohorts/` what only the fit knows.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from calor.core.provenance import sha256_of_text

if TYPE_CHECKING:
    from calor.study.study import Study

FOLDER = Path(str(files("calor.study.library")))


def trial_ids() -> tuple[str, ...]:
    """Return the ids of the studies that can be run as trials, in alphabetical order."""
    return _ids("trials")


def study_ids() -> tuple[str, ...]:
    """Return the ids of all studies that ship, in alphabetical order."""
    return tuple(sorted((*trial_ids(), *_ids("cohorts"))))


@cache
def study(identifier: str) -> Study:
    """Return a study that ships. Raises KeyError for an id that is not one of them."""
    # Whoever asks for ids alone does not wait two seconds for drugs, regimens and the evidence.
    from calor.study.reading import read_study

    if identifier not in study_ids():
        raise KeyError(identifier)
    return read_study(path_of(identifier))


def path_of(identifier: str) -> Path:
    """Return the file of a study that ships."""
    folder = "trials" if identifier in trial_ids() else "cohorts"
    return FOLDER / folder / f"{identifier}.yaml"


def blocks_of(text: str) -> list[str]:
    """Return the top-level keys of a study's text, each with what belongs to it."""
    return re.split(r"^(?=[a-z_]+:)", text, flags=re.MULTILINE)


def trial_sha256(identifier: str) -> str:
    """Return the hash of a study's file as far as the trial goes: without what a fit takes from it."""
    blocks = blocks_of(path_of(identifier).read_text(encoding="utf-8"))
    kept = "".join(block for block in blocks if not block.startswith("fitted:"))
    return sha256_of_text(kept.rstrip() + "\n")


def _ids(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (FOLDER / folder).glob("*.yaml")))
