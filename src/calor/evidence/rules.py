"""What must hold between the parts of a record, beyond the form of each part.

A broken rule makes the record invalid. What is merely doubtful (a count above its total, an interval that
does not fit its standard error) is no rule but a finding of `consistency`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calor.core.documents import Key, dotted_key
from calor.core.provenance import Grade
from calor.evidence.numbers import figures_in
from calor.evidence.record import Record
from calor.evidence.vocabulary import Direction, Role, StudyKind


@dataclass(frozen=True)
class Broken:
    """A rule that a record breaks: at which key, what is wrong, and what to do about it."""

    key: Key
    what: str
    hint: str | None = None


def broken_rules(record: Record) -> Iterator[Broken]:
    """Yield every rule that the record (with grades filled in) breaks."""
    yield from _grades(record)
    yield from _arms(record)
    yield from _sources(record)
    yield from _headline(record)
    yield from _scales(record)
    yield from _bias(record)
    yield from _model_use(record)
    yield from _recalled(record)


def _grades(record: Record) -> Iterator[Broken]:
    for key, figure in figures_in(record):
        if key[0] == "recalled":
            continue
        if figure.grade is None:
            yield Broken(key, "has no grade", "give the number or the block it stands in a `grade`")
        elif figure.grade is Grade.RECALLED:
            yield Broken(key, "is graded recalled here", "move what is only remembered under `recalled`")


def _arms(record: Record) -> Iterator[Broken]:
    names = [arm.name for arm in record.arms]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Broken(("arms", index, "name"), f"repeats the arm {name!r}", "give each arm its own name")
    known = ", ".join([*names, "all"])
    for index, outcome in enumerate(record.outcomes):
        for name in outcome.arms:
            if name not in {*names, "all"}:
                yield Broken(
                    ("outcomes", index, "arms", name), f"names an arm that is not there; arms: {known}"
                )
    for index, event in enumerate(record.safety.events if record.safety else ()):
        if event.arm not in {None, "all", *names}:
            yield Broken(("safety", "events", index, "arm"), f"names an arm that is not there; arms: {known}")
    if record.design.randomised and len(names) == 1:
        yield Broken(("arms",), "holds one arm of a randomised study", "name at least two, or none")


def _sources(record: Record) -> Iterator[Broken]:
    urls = [source.url for source in record.sources]
    for index, url in enumerate(urls):
        if url in urls[:index]:
            yield Broken(("sources", index, "url"), "repeats an earlier source")
    has_numbers = any(key[0] != "recalled" for key, _ in figures_in(record))
    if has_numbers and not urls:
        yield Broken(
            ("sources",), "is empty though the record holds graded numbers", "say where each was read"
        )
    for part in ("outcomes", "rows"):
        for index, entry in enumerate(getattr(record, part)):
            if entry.source is not None and entry.source not in urls:
                yield Broken((part, index, "source"), "is not among the record's `sources`")


def _headline(record: Record) -> Iterator[Broken]:
    headline = record.headline
    if headline.direction is Direction.NOT_READ:
        if headline.grade is not None:
            yield Broken(("headline", "grade"), "grades a direction that was not read", "leave the grade out")
    elif headline.grade is None:
        yield Broken(("headline",), "has no grade", "say how the direction was checked")
    elif headline.grade is Grade.RECALLED:
        yield Broken(("headline", "grade"), "is recalled", "a direction that was not read is `not-read`")


def _scales(record: Record) -> Iterator[Broken]:
    for index, outcome in enumerate(record.outcomes):
        if outcome.scale is None:
            continue
        low, high = outcome.scale
        if low >= high:
            yield Broken(("outcomes", index, "scale"), f"runs from {low:g} to {high:g}", "write [low, high]")
            continue
        for name, arm in outcome.arms.items():
            for moment in ("baseline", "end"):
                level = getattr(arm, moment)
                if level is not None and level.value is not None and not low <= level.value <= high:
                    yield Broken(
                        ("outcomes", index, "arms", name, moment),
                        f"is {level.value:g}, outside the scale {low:g} to {high:g}",
                    )


def _bias(record: Record) -> Iterator[Broken]:
    tool = record.risk_of_bias.tool
    studied = record.kind in (StudyKind.TRIAL, StudyKind.CASE_SERIES)
    if studied and record.design.randomised and tool != "RoB 2":
        yield Broken(("risk_of_bias", "tool"), f"is {tool} for a randomised study", "use RoB 2")
    if studied and not record.design.randomised and tool == "RoB 2":
        yield Broken(("risk_of_bias", "tool"), "is RoB 2 for a study without randomisation", "use ROBINS-I")


def _model_use(record: Record) -> Iterator[Broken]:
    use = record.model_use
    if use.blind and use.role is not Role.HELD_BACK:
        yield Broken(
            ("model_use", "blind"), f"is true for the role {use.role}", "only what is held back is blind"
        )
    paths = {dotted_key(key) for key, _ in figures_in(record)}
    for index, part in enumerate(use.parts):
        if not any(
            path == part.path or path.startswith((f"{part.path}.", f"{part.path}[")) for path in paths
        ):
            yield Broken(("model_use", "parts", index, "path"), f"is {part.path!r}, where no number stands")
    fitted = [key for key, _ in figures_in(record) if key[0] not in ("recalled", "citation")]
    if use.role is Role.CALIBRATION and not fitted:
        yield Broken(("model_use", "role"), "is calibration though the record holds no usable number")


def _recalled(record: Record) -> Iterator[Broken]:
    for index, item in enumerate(record.recalled):
        if item.value is None and item.statement is None:
            yield Broken(("recalled", index), "says nothing", "give a `value` or a `statement`")
