"""calor: in-silico clinical trials of immunomodulation in complex regional pain syndrome (CRPS).

The names below are the public ones; each does what the command of the same name does. A name is loaded when
it is first asked for, so that importing calor takes no time.

For research and education, not for treating a person.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # typing takes longer to load than all that this module does
if TYPE_CHECKING:
    from typing import Any

    from calor.api.disease import Model, load_model
    from calor.api.drugs import Drug, drug
    from calor.api.evidence import EvidenceEntry, EvidenceTable, evidence
    from calor.api.exposure import Exposure, pk
    from calor.api.patients import Patients, patients
    from calor.api.pooled import MetaAnalysis, meta
    from calor.api.posteriors import Posterior
    from calor.api.runs import Run, runs
    from calor.api.studies import Study, study
    from calor.api.systems import Simulation, System, load_antimony, load_sbml
    from calor.api.trial_results import TrialResult, TrialSize
    from calor.api.trials import Trial
    from calor.core.errors import CalorError, InputError, UnsupportedError

    __version__: str

__all__ = [
    "CalorError",
    "Drug",
    "EvidenceEntry",
    "EvidenceTable",
    "Exposure",
    "InputError",
    "MetaAnalysis",
    "Model",
    "Patients",
    "Posterior",
    "Run",
    "Simulation",
    "Study",
    "System",
    "Trial",
    "TrialResult",
    "TrialSize",
    "UnsupportedError",
    "__version__",
    "drug",
    "evidence",
    "load_antimony",
    "load_model",
    "load_sbml",
    "meta",
    "patients",
    "pk",
    "runs",
    "study",
]

_MODULES = {
    "calor.api.disease": ("Model", "load_model"),
    "calor.api.drugs": ("Drug", "drug"),
    "calor.api.evidence": ("EvidenceEntry", "EvidenceTable", "evidence"),
    "calor.api.exposure": ("Exposure", "pk"),
    "calor.api.patients": ("Patients", "patients"),
    "calor.api.pooled": ("MetaAnalysis", "meta"),
    "calor.api.posteriors": ("Posterior",),
    "calor.api.runs": ("Run", "runs"),
    "calor.api.studies": ("Study", "study"),
    "calor.api.systems": ("Simulation", "System", "load_antimony", "load_sbml"),
    "calor.api.trial_results": ("TrialResult", "TrialSize"),
    "calor.api.trials": ("Trial",),
    "calor.core.errors": ("CalorError", "InputError", "UnsupportedError"),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

_PACKAGES = ("evidence", "study")
"""Functions that share their name with a package of calor: the package is called."""


def __getattr__(name: str) -> Any:
    """Return a public name, from where it is kept, when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("calor")
    if name in _PACKAGES:
        return _imported(f"calor.{name}")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_imported(_PLACES[name]), name)
    globals()[name] = value
    return value


def _imported(module: str) -> ModuleType:
    from importlib import import_module

    return import_module(module)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)


class _CalledPackage(ModuleType):
    """A package that is called as the function of its name: `calor.evidence("ivig")`."""

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """Call the function; `help(calor.api.evidence.evidence)` describes that of `calor.evidence`."""
        name = self.__name__.removeprefix("calor.")
        return getattr(_imported(_PLACES[name]), name)(*arguments, **settings)


class _Root(ModuleType):
    """The package calor, which learns of its packages as they are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _PACKAGES and isinstance(value, ModuleType):
            value.__class__ = _CalledPackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Root
