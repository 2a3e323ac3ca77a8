"""Where a trial's result comes from: seed, versions, hashes and files, and the occasion of the run."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from calor.core.versions import versions
from calor.study import Protocol
from calor.study.treatments import drug_files_of, sha256_of_study
from calor.trial.bank.basis import Basis
from calor.trial.bank.settings import RunSettings


def origin_of(
    protocol: Protocol, basis: Basis, model_sha256: str, settings: RunSettings, replicates: int
) -> dict[str, Any]:
    """Return what a result was made of."""
    return {
        "seed": settings.seed,
        "model_sha256": model_sha256,
        "posterior": basis.origin(),
        "calor_version": versions()["calor"],
        "versions": versions(),
        "replicates": replicates,
        "worlds": settings.worlds,
        "protocol_sha256": sha256_of_study(protocol),
        "drug_files": [{"path": path, "sha256": sha256} for path, sha256 in drug_files_of(protocol).items()],
        "references": [protocol.record] if protocol.record else [],
        "workers": settings.workers,
    }


def occasion_of(began: datetime, clock: float, folder: Path | None = None) -> dict[str, Any]:
    """Return when a run began, how long it took since the monotonic time `clock`, and its folder, if any."""
    return {
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - clock, 2),
        "run_folder": None if folder is None else str(folder),
    }
