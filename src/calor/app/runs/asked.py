"""What visitors may ask of a run: checked as the command line checks it, within the limits of the server.

A run is a command line of calor and the protocols that it names, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calor.app.lookups import question_named
from calor.app.protocols import FILE, sent_protocol
from calor.app.settings import Limits
from calor.core.bounds import SEED, Bounds
from calor.core.errors import InputError, UnsupportedError
from calor.decision import run_bounds as studies
from calor.store.requests import Request
from calor.study import Protocol
from calor.study.library import trial_ids
from calor.trial.bank.run_bounds import ASSUMED_EFFECT, POWER, REPLICATES, WORLDS
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.published import published_protocol

MOST_DESIGNS = 6
"""Designs that are compared at most."""

LETTERS = 200_000
"""Letters that a protocol has at most."""

LIKE_AN_ID = re.compile(r"[A-Za-z0-9-]+")
"""A single word: no YAML that holds a protocol, but what somebody takes for the id of a trial."""

ON_THE_COMMAND_LINE = "the command line has no such limit"

Text = Annotated[str, Field(max_length=LETTERS)]
PosteriorName = Literal["product", "validation", "prior"]


def _within(bounds: Bounds) -> Any:
    return Field(ge=bounds.low, le=bounds.high)


Seed = Annotated[int, _within(SEED)]


@dataclass(frozen=True)
class Order:
    """A run as the queue takes it: the request, and the files that its command line names."""

    request: Request
    files: Mapping[str, bytes]


class _Simulated(BaseModel):
    """What every simulation of trials may be told."""

    model_config = ConfigDict(extra="forbid", strict=True)
    seed: Seed = 1
    worlds: Annotated[int, _within(WORLDS)] = 40
    replicates: Annotated[int, _within(REPLICATES)] = 2000
    posterior: PosteriorName | None = None
    assume_effect: Annotated[float, _within(ASSUMED_EFFECT)] | None = None

    def _options(self) -> list[str]:
        return _given(self, ("worlds", "replicates", "seed", "posterior", "assume_effect"))


class TrialAsked(_Simulated):
    """A trial, or with `find` the search of its size. A protocol is YAML, or the id of a published trial."""

    command: Literal["trial"]
    protocol: Text
    find: Literal["n"] | None = None
    power: Annotated[float, _within(POWER)] = 0.8

    def order(self, limits: Limits) -> Order:
        """Return the run. Raises InputError and UnsupportedError as `calor trial` does, or beyond a limit."""
        if self.find is None and "power" in self.model_fields_set:
            raise InputError.of("has no effect without find", key="power")
        [(protocol, name)], files = _read([self.protocol])
        _check_size([protocol], self, limits)
        searching = ["--find", "n", *_given(self, ("power",))] if self.find else []
        arguments = ("trial", name, *self._options(), *searching)
        return Order(_request("trial --find n" if self.find else "trial", protocol.id, arguments), files)


class ComparisonAsked(_Simulated):
    """Designs side by side. Each protocol is YAML, or the id of a published trial."""

    command: Literal["compare"]
    protocols: Annotated[list[Text], Field(min_length=2, max_length=MOST_DESIGNS)]

    def order(self, limits: Limits) -> Order:
        """Return the run. Raises InputError and UnsupportedError as `calor compare`, or beyond a limit."""
        found, files = _read(self.protocols)
        _check_size([protocol for protocol, _ in found], self, limits)
        arguments = ("compare", *(name for _, name in found), *self._options())
        return Order(_request("compare", " · ".join(protocol.id for protocol, _ in found), arguments), files)


class NextAsked(BaseModel):
    """A question that ships, answered in full."""

    model_config = ConfigDict(extra="forbid", strict=True)
    command: Literal["next"]
    question: Annotated[str, Field(max_length=80)]
    seed: Seed = 1
    worlds: Annotated[int, _within(studies.WORLDS)] | None = None
    people: Annotated[int, _within(studies.PEOPLE)] | None = None
    posterior: PosteriorName | None = None

    def order(self, limits: Limits) -> Order:
        """Return the run. Raises AbsentError for a question that does not ship, or as beyond a limit."""
        question_named(self.question)
        _check_worlds(self.worlds or 0, limits)
        options = _given(self, ("worlds", "people", "seed", "posterior"))
        return Order(_request("next", self.question, ("next", self.question, *options)), {})


Asked = Annotated[TrialAsked | ComparisonAsked | NextAsked, Field(discriminator="command")]


def asked_in_form(kind: Callable[..., Any], fields: Mapping[str, Any]) -> Any:
    """Return what a form asks for; a field that is left empty is not given.

    Raises RequestValidationError where a field is wrong.
    """
    given = {name: value for name, value in fields.items() if value not in ("", None)}
    try:
        return kind.model_validate(given, strict=False)  # type: ignore[attr-defined]
    except ValidationError as error:
        entries = [{**entry, "loc": ("form", *entry["loc"])} for entry in error.errors()]
        raise RequestValidationError(entries) from None


def _read(texts: Sequence[str]) -> tuple[list[tuple[Protocol, str]], dict[str, bytes]]:
    """Return each protocol with the name that a command line takes, and the files of those that are sent."""
    found: list[tuple[Protocol, str]] = []
    files: dict[str, bytes] = {}
    for place, text in enumerate(texts, start=1):
        identifier = text.strip()
        if identifier in trial_ids():
            found.append((published_protocol(identifier), identifier))
            continue
        if LIKE_AN_ID.fullmatch(identifier):
            raise _no_published_trial(identifier)
        name = FILE if len(texts) == 1 else f"protocol-{place}.yaml"
        written = text.replace("\r\n", "\n")
        found.append((sent_protocol(written, name), name))
        files[name] = written.encode()
    return found, files


def _no_published_trial(identifier: str) -> InputError:
    near = get_close_matches(identifier, trial_ids())
    return InputError.of(
        f"{identifier!r} is no published trial",
        key="protocol",
        allowed=f"a protocol as YAML text, or one of {', '.join(trial_ids())}",
        hint=f"did you mean {', '.join(near)}?" if near else None,
    )


def _check_size(protocols: Sequence[Protocol], asked: _Simulated, limits: Limits) -> None:
    """Raise UnsupportedError where a run is larger than the server takes."""
    _check_worlds(asked.worlds, limits)
    days = sum(plan_of(each).enrolment.places * each.endpoint.to_day for each in protocols)
    if days * asked.replicates > limits.person_days:
        most = int(limits.person_days / days)
        raise UnsupportedError.of(
            f"{asked.replicates:,} trials of {days:,} person-days are more than this server takes on",
            key="replicates",
            allowed=f"at most {most:,}" if most >= REPLICATES.low else "a trial of fewer people or days",
            hint=ON_THE_COMMAND_LINE,
        )


def _check_worlds(worlds: int, limits: Limits) -> None:
    if worlds > limits.worlds:
        raise UnsupportedError.of(
            f"{worlds:,} worlds are more than this server takes on",
            key="worlds",
            allowed=f"at most {limits.worlds:,}",
            hint=ON_THE_COMMAND_LINE,
        )


def _given(asked: BaseModel, names: Sequence[str]) -> list[str]:
    """Return the options of a command line for what differs from what it takes without them."""
    words: list[str] = []
    for name in names:
        value = getattr(asked, name)
        if value != type(asked).model_fields[name].default:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words


def _request(command: str, question: str, arguments: tuple[str, ...]) -> Request:
    return Request(command=command, question=question, arguments=arguments, working_folder=".")
