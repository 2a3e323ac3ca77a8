"""SciPy's functions that many modules need, loaded when one is first called.

SciPy takes a third of a second to load, and most answers of the command line need none of it: help, lists,
a wrong name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy.linalg import solve_triangular
    from scipy.optimize import brentq
    from scipy.special import (
        betainc,
        betaincinv,
        betaln,
        chdtrc,
        chdtri,
        expit,
        fdtr,
        fdtrc,
        gammaincinv,
        gammaln,
        log_ndtr,
        logit,
        logsumexp,
        nctdtr,
        ndtr,
        ndtri,
        stdtr,
        stdtrit,
    )  # fmt: skip
else:

    class _OnFirstCall:
        """A function of a module that is imported when the function is called."""

        def __init__(self, module: str, name: str) -> None:
            self._module, self._name = module, name
            self._function: Any = None

        def __call__(self, *arguments: Any, **settings: Any) -> Any:
            if self._function is None:
                self._function = getattr(import_module(self._module), self._name)
            return self._function(*arguments, **settings)

    brentq = _OnFirstCall("scipy.optimize", "brentq")
    solve_triangular = _OnFirstCall("scipy.linalg", "solve_triangular")
    betainc = _OnFirstCall("scipy.special", "betainc")
    betaincinv = _OnFirstCall("scipy.special", "betaincinv")
    betaln = _OnFirstCall("scipy.special", "betaln")
    chdtrc = _OnFirstCall("scipy.special", "chdtrc")
    fdtr = _OnFirstCall("scipy.special", "fdtr")
    chdtri = _OnFirstCall("scipy.special", "chdtri")
    expit = _OnFirstCall("scipy.special", "expit")
    fdtrc = _OnFirstCall("scipy.special", "fdtrc")
    gammaincinv = _OnFirstCall("scipy.special", "gammaincinv")
    gammaln = _OnFirstCall("scipy.special", "gammaln")
    log_ndtr = _OnFirstCall("scipy.special", "log_ndtr")
    logit = _OnFirstCall("scipy.special", "logit")
    logsumexp = _OnFirstCall("scipy.special", "logsumexp")
    nctdtr = _OnFirstCall("scipy.special", "nctdtr")
    ndtr = _OnFirstCall("scipy.special", "ndtr")
    ndtri = _OnFirstCall("scipy.special", "ndtri")
    stdtr = _OnFirstCall("scipy.special", "stdtr")
    stdtrit = _OnFirstCall("scipy.special", "stdtrit")

__all__ = [
    "betainc", "betaincinv", "betaln", "brentq", "chdtrc", "chdtri", "expit", "fdtr", "fdtrc",
    "gammaincinv", "gammaln", "log_ndtr", "logit", "logsumexp", "nctdtr", "ndtr", "ndtri",
    "solve_triangular", "stdtr", "stdtrit",
]  # fmt: skip
