"""Fits on disk, each rival's as soon as it is done: an interrupted calibration goes on where it was."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from calor.calibration.fit import RivalFit
from calor.calibration.gaussian import Gaussian
from calor.calibration.importance import WeightedDraws


class Checkpoints:
    """The finished fits of one calibration in a folder.

    Arguments: the folder (made if needed) and the fingerprint of everything a fit depends on; a fit with
    another fingerprint is not read.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, rival: str) -> RivalFit | None:
        """Return a finished fit, or None where there is none with this fingerprint."""
        path = self._path(rival)
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["fingerprint"]) != self.fingerprint:
                return None
            numbers = kept["numbers"]
            return RivalFit(
                rival=rival,
                names=tuple(kept["names"].tolist()),
                approximation=Gaussian(kept["mean"], kept["covariance"]),
                draws=WeightedDraws(
                    kept["points"], kept["weights"], kept["log_likelihood"], *(float(n) for n in numbers[:4])
                ),
                summaries=kept["summaries"],
                variances=kept["variances"],
                log_likelihood_fitted=float(numbers[4]),
                log_likelihood_fresh=float(numbers[5]),
            )

    def save(self, fit: RivalFit) -> None:
        """Keep a finished fit; the file appears whole or not at all."""
        draws = fit.draws
        numbers = np.array(
            [
                draws.log_evidence,
                draws.log_evidence_error,
                draws.effective_size,
                draws.tail_shape,
                fit.log_likelihood_fitted,
                fit.log_likelihood_fresh,
            ]
        )
        unfinished = self.folder / f".{fit.rival}.npz"
        np.savez_compressed(
            unfinished,
            fingerprint=np.array(self.fingerprint),
            names=np.array(fit.names),
            mean=fit.approximation.mean,
            covariance=fit.approximation.covariance,
            points=draws.points,
            weights=draws.weights,
            log_likelihood=draws.log_likelihood,
            summaries=fit.summaries,
            variances=fit.variances,
            numbers=numbers,
        )
        os.replace(unfinished, self._path(fit.rival))

    def _path(self, rival: str) -> Path:
        return self.folder / f"{rival}.npz"
