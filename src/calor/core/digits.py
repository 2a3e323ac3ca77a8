"""What decides the last digits of a number: code, libraries and vector units.

Four numbers summed in one register and two in another are rounded in another order; so are the sums of
linear algebra, which chooses its code by the processor. Machines that are alike in all of this compute the
same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from calor.core.versions import code_sha256, versions

VECTOR_UNIT = "vector unit"
"""The name of the one difference that is told by what each side has and the other lacks."""


@lru_cache(maxsize=1)
def deciders_of_digits() -> Mapping[str, str]:
    """Return what decides the last digits of what this process computes, by name."""
    import numpy as np
    import scipy.linalg  # noqa: F401  its linear algebra is told only once it is loaded
    from llvmlite import binding
    from threadpoolctl import threadpool_info

    from calor.core.targets import target

    features = binding.get_host_cpu_features()
    algebra = {
        f"{each['internal_api']} {each['version']} for {each.get('architecture', 'any processor')}"
        for each in threadpool_info()
        if each["user_api"] == "blas"
    }
    return {
        **versions(),
        "calor's code": code_sha256()[:16],
        "processor": binding.get_host_cpu_name(),
        "target": target().name,
        VECTOR_UNIT: " ".join(sorted(name for name, is_there in features.items() if is_there)),
        "numpy's vector code": " ".join(np.show_config(mode="dicts")["SIMD Extensions"]["found"]),
        "linear algebra": ", ".join(sorted(algebra)),
    }


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[str, ...]:
    """Return in words where two machines differ in what decides digits; none where they compute the same."""
    return tuple(
        _difference(name, here.get(name, ""), there.get(name, ""))
        for name in dict.fromkeys((*here, *there))
        if here.get(name) != there.get(name)
    )


def _difference(name: str, here: str, there: str) -> str:
    if name != VECTOR_UNIT:
        return f"{name}: {here or 'none'} here, {there or 'none'} there"
    only_here, only_there = set(here.split()) - set(there.split()), set(there.split()) - set(here.split())
    parts = ((only_here, "only here"), (only_there, "only there"))
    return f"{name}: " + ", ".join(f"{' '.join(sorted(found))} {where}" for found, where in parts if found)
