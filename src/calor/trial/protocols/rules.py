"""The rules of a protocol: its own, its design's, its analysis's, and those of both together.

Whoever reads a protocol asks for all that is broken; whoever simulates one refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from calor.core.documents import dotted_key
from calor.core.errors import Place, Problem, ReportedError
from calor.study import Misfit, Protocol
from calor.study.analysis import Assumption, Wins
from calor.study.misfit import refuse
from calor.study.treatments import treatments_of
from calor.trial.analysis.method import METHOD, Effect, Method, Reads
from calor.trial.analysis.methods import methods
from calor.trial.protocols.doses import misfits_of_doses
from calor.trial.protocols.history import misfits_of_history
from calor.trial.protocols.looks import misfits_of_looks


def misfits(trial: Protocol) -> Iterator[Misfit]:
    """Yield every rule that a protocol breaks."""
    yield from trial.misfits()
    yield from misfits_of_looks(trial)
    yield from misfits_of_doses(trial)
    yield from misfits_of_history(trial)
    yield from _misfits_of_last_doses(trial)
    method = methods().get(trial.analysis.method)
    if method is None:
        yield Misfit(f"is {trial.analysis.method!r}", METHOD, allowed=", ".join(sorted(methods())))
        return
    fitting = ", ".join(sorted(name for name, each in methods().items() if not any(each.misfits(trial))))
    for broken in method.misfits(trial):
        yield replace(broken, allowed=fitting or None) if broken.key == METHOD else broken
    yield from _misfits_of_means(trial, method)
    yield from _misfits_of_missing(trial, method)
    yield from _misfits_of_margin(trial, method)
    if method.reads is not Reads.PAIRS and trial.analysis.wins != Wins():
        pairs = _names(each for each in methods().values() if each.reads is Reads.PAIRS)
        named = " or ".join(map(repr, pairs))
        yield Misfit(f"wins are for analysis method {named}", ("analysis", "wins"))


def refuse_misfits(trial: Protocol) -> None:
    """Raise InputError with every rule that a protocol breaks, wherever it came from.

    Raises UnsupportedError where all are of what calor does not simulate.
    """
    refuse(
        misfits(trial),
        lambda each: Problem(each.what, Place(key=dotted_key(each.key)), each.allowed, each.hint),
    )


def _misfits_of_means(trial: Protocol, method: Method) -> Iterator[Misfit]:
    """Yield where a design that changes by the means of the arms meets another analysis."""
    if trial.design.of_means and not method.of_means:
        fitting = " or ".join(_names(each for each in methods().values() if each.of_means))
        what = f"a {trial.design.type} design is analysed by {fitting}, not {method.name!r}"
        yield Misfit(what, METHOD, unsupported=True)


def _misfits_of_missing(trial: Protocol, method: Method) -> Iterator[Misfit]:
    """Yield what is in the way of an imputation: it needs visits, parallel arms, the baseline."""
    analysis = trial.analysis
    imputing = _names(each for each in methods().values() if each.imputes)
    tipping = _names(each for each in methods().values() if each.tips)
    asked = {
        "missing": (analysis.missing is not Assumption.MISSING_AT_RANDOM, imputing),
        "delta": (analysis.delta != 0, imputing),
        "tipping_point": (analysis.tipping_point is not None, tipping),
    }
    for key, (given, fitting) in asked.items():
        if not given:
            continue
        words = f"missing: {analysis.missing}" if key == "missing" else key
        lacking = method.name not in fitting or len(trial.visits) < 2
        if lacking or trial.design.adaptive:
            which = " or ".join(fitting)
            what = f"{words} needs {which}, two visits or more, parallel arms"
            yield Misfit(what, ("analysis", key), unsupported=not lacking)
        if trial.endpoint.scale == "change":
            yield Misfit(f"{words} models the baseline: leave out scale: change", ("endpoint", "scale"))
    if analysis.tipping_point is not None and analysis.prior is not None:
        yield Misfit("a tipping point is of a p value: leave out the prior", ("analysis", "prior"))


def _misfits_of_last_doses(trial: Protocol) -> Iterator[Misfit]:
    """Yield the regimens that run on into the next period of a patient, who has another arm there."""
    length = trial.design.days_from_period_to_period
    if not length:
        return
    for place, arm in enumerate(trial.arms):
        try:
            last = max((time for each in treatments_of(arm) for time in each.dose_days), default=0.0)
        except ReportedError:
            continue  # what is wrong with the drug or the regimen is said where it stands
        if last >= length:
            what = f"the last dose of {arm.name} is due on day {last + 1:g}, when the next period has begun"
            yield Misfit(what, ("arms", place))


def _misfits_of_margin(trial: Protocol, method: Method) -> Iterator[Misfit]:
    """Yield what is in the way of a test against a margin: it is of one difference of means, made once."""
    if trial.analysis.margin is None:
        return
    key = ("analysis", "margin")
    if method.effect is not Effect.DIFFERENCE or method.responders:
        what = f"a margin is for a difference of means, not for method {method.name!r}"
        yield Misfit(what, key, unsupported=True)
    if not trial.design.against_margin:
        what = f"a {trial.design.type} design is not tested against a margin"
        yield Misfit(what, key, allowed="parallel, crossover and n-of-1 designs", unsupported=True)
    if len(trial.arms) != 2:
        yield Misfit(f"a margin is for two arms, not {len(trial.arms)}", key, unsupported=True)
    if trial.analysis.tipping_point is not None:
        what = "a tipping point is of a test against no effect: leave out the margin"
        yield Misfit(what, key, unsupported=True)


def _names(found: Iterable[Method]) -> list[str]:
    return sorted(each.name for each in found)
