"""Arrays on disk, kept as soon as they are made: an interrupted calibration goes on where it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


class Checkpoints:
    """The finished pieces of one calibration in a folder.

    Arguments: the folder (made if needed) and the fingerprint of everything a piece depends on; a piece with
    another fingerprint is made again.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        folder.mkdir(parents=True, exist_ok=True)

    def under(self, name: str) -> Checkpoints:
        """Return the pieces in a folder of that name."""
        return Checkpoints(self.folder / name, self.fingerprint)

    def kept(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """Return a piece, from disk or made and kept; its file appears whole or not at all."""
        path = self.folder / f"{name}.npz"
        if path.exists():
            with np.load(path, allow_pickle=False) as found:
                if str(found["fingerprint"]) == self.fingerprint:
                    return {key: found[key] for key in found.files if key != "fingerprint"}
        made = make()
        unfinished = self.folder / f".{name}.npz"
        np.savez_compressed(unfinished, allow_pickle=False, fingerprint=np.array(self.fingerprint), **made)
        os.replace(unfinished, path)
        return made
