"""calor: in-silico clinical trials of immunomodulation in complex regional pain syndrome.

What `__all__` names is the public Python API; each name is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calor.api.disease import load_model
    from calor.api.exposures import pk
    from calor.api.people import patients
    from calor.api.pooling import meta
    from calor.api.posteriors import Posterior
    from calor.api.records import evidence
    from calor.api.systems import load_antimony, load_sbml
    from calor.api.trials import Study, Trial

    __version__: str

__all__ = [
    "Posterior",
    "Study",
    "Trial",
    "__version__",
    "evidence",
    "load_antimony",
    "load_model",
    "load_sbml",
    "meta",
    "patients",
    "pk",
]

_HOMES = {
    "Posterior": "calor.api.posteriors",
    "Study": "calor.api.trials",
    "Trial": "calor.api.trials",
    "load_antimony": "calor.api.systems",
    "load_model": "calor.api.disease",
    "load_sbml": "calor.api.systems",
    "meta": "calor.api.pooling",
    "patients": "calor.api.people",
    "pk": "calor.api.exposures",
}


def __getattr__(name: str) -> Any:
    """Return the version or a public name when it is asked for: nothing is loaded before."""
    if name == "__version__":
        from importlib.metadata import version

        return version("calor")
    if name == "evidence":
        return import_module("calor.evidence")  # the package, which can be called
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)
