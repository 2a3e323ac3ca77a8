"""Where a trial's result comes from: seed, versions, hashes and files."""

from __future__ import annotations

from typing import Any

from calor.core.versions import versions
from calor.study import Protocol
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
    }


def protocol_asked(protocol: Protocol) -> dict[str, Any]:
    """Return a protocol as a run's request keeps it: as it was read, with the hashes of its drugs' files."""
    return {
        "definition": protocol.model_dump(mode="json"),
        "sha256": sha256_of_study(protocol),
        "drug_files": drug_files_of(protocol),
    }
