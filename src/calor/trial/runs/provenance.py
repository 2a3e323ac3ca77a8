"""Where a trial's result comes from: seed, versions, hashes and files, and the occasion of the run."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from calor.core.versions import versions
from calor.study.treatments import drug_files_of, sha256_of_study
from calor.trial.bank.preparation import Prepared


def origin_of(ready: Prepared, replicates: int) -> dict[str, Any]:
    """Return what a result was made of: the trial as it was prepared, and how often it was simulated."""
    protocol, settings = ready.protocol, ready.settings
    return {
        "seed": settings.seed,
        "model_sha256": ready.model_sha256,
        "posterior": ready.basis.origin(),
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
