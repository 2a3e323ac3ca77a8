"""Tasks of a SED-ML document: a model under a simulation, and tasks repeated over ranges."""

from __future__ import annotations

import numpy as np

from calor.core.errors import UnsupportedError
from calor.engine.archives.elements import Node
from calor.engine.archives.experiment import FunctionalRange, RepeatedTask, SetValue, Task, ValueRange
from calor.engine.archives.mathematics import calculation_of

MOST_REPEATS = 100_000


def task_of(node: Node) -> Task | RepeatedTask:
    """Return a task. Raises UnsupportedError for kinds that calor does not run."""
    match node.tag:
        case "task":
            return Task(
                node.text("id"), node.text("modelReference"), node.text("simulationReference"), node.place
            )
        case "repeatedTask":
            return _repeated(node)
    raise node.unsupported(f"the task <{node.tag}> is not supported")


def _repeated(node: Node) -> RepeatedTask:
    node.refuse_children("listOfRanges", "listOfChanges", "listOfSubTasks")
    listed = node.listed("listOfRanges")
    names = frozenset(each.text("id") for each in listed)
    ranges = {each.text("id"): _range(each, names) for each in listed}
    over = node.optional("range") or next(iter(ranges), None)
    if over is None or over not in ranges:
        raise node.wrong(f"goes over the range {over}", allowed=", ".join(ranges) or "one of its own ranges")
    parts = node.listed("listOfSubTasks")
    if not parts:
        raise node.wrong("has no subtasks", allowed="one or more")
    for part in parts:
        part.refuse_children()
    ordered = sorted(parts, key=lambda part: part.whole("order") if part.optional("order") else 0)
    return RepeatedTask(
        name=node.text("id"),
        over=over,
        reset=node.truth("resetModel", False),
        concatenate=node.truth("concatenate", False),
        ranges=ranges,
        settings=tuple(_set_value(each, frozenset(ranges)) for each in node.listed("listOfChanges")),
        parts=tuple(part.text("task") for part in ordered),
        place=node.place,
    )


def _range(node: Node, names: frozenset[str]) -> ValueRange | FunctionalRange:
    name = node.text("id")
    match node.tag:
        case "uniformRange":
            return ValueRange(name, _uniform(node))
        case "vectorRange":
            values = [
                node.as_number((each.element.text or "").strip(), "the value")
                for each in node.children()
                if each.tag == "value"
            ]
            if not 1 <= len(values) <= MOST_REPEATS:
                raise node.wrong(f"has {len(values)} values", allowed=f"1 to {MOST_REPEATS:,}")
            return ValueRange(name, tuple(values))
        case "functionalRange":
            return _functional(node, names)
    raise node.unsupported(f"the range <{node.tag}> is not supported")


def _functional(node: Node, names: frozenset[str]) -> FunctionalRange:
    _one_of(node, names)
    return FunctionalRange(node.text("id"), calculation_of(node, known=names - {node.text("id")}))


def _uniform(node: Node) -> tuple[float, ...]:
    steps, kind = node.whole("numberOfSteps", "numberOfPoints"), node.optional("type") or "linear"
    start, end = node.number("start"), node.number("end")
    if steps >= MOST_REPEATS:
        raise node.wrong(f"has {steps:,} steps", allowed=f"below {MOST_REPEATS:,}")
    if kind == "linear":
        return tuple(np.linspace(start, end, steps + 1).tolist())
    if kind != "log":
        raise node.wrong(f"is of the type {kind!r}", allowed="linear or log")
    if start * end <= 0:
        raise node.wrong(
            f"goes by equal ratios from {start:g} to {end:g}", allowed="two numbers of one sign, not 0"
        )
    return tuple(np.geomspace(start, end, steps + 1).tolist())


def _set_value(node: Node, ranges: frozenset[str]) -> SetValue:
    if node.tag != "setValue":
        raise UnsupportedError.of(
            f"<{node.tag}> in a repeated task is not supported", file=node.file, line=node.element.line
        )
    node.refuse_attributes("symbol")
    _one_of(node, ranges)
    return SetValue(node.text("modelReference"), node.target(), calculation_of(node, known=ranges))


def _one_of(node: Node, ranges: frozenset[str]) -> str | None:
    """Return the range that an element names. Raises InputError for one that there is not."""
    over = node.optional("range")
    if over is not None and over not in ranges:
        raise node.wrong(f"takes the range {over}", allowed=", ".join(sorted(ranges)) or "no range")
    return over
