"""Outputs of a SED-ML document: reports and plots; what calor does not draw is said."""

from __future__ import annotations

from collections.abc import Sequence

from calor.engine.archives.elements import Node
from calor.engine.archives.experiment import Curve, DataSet, Plot, Report


def reports_of(outputs: Sequence[Node]) -> tuple[Report, ...]:
    """Return the reports among the outputs. Raises InputError for labels that stand twice in one."""
    return tuple(_report(node) for node in outputs if node.tag == "report")


def plots_of(outputs: Sequence[Node]) -> tuple[tuple[Plot, ...], tuple[str, ...]]:
    """Return the plots of curves, and what is to be said about the outputs that calor does not make."""
    plots, notes = [], []
    for node in outputs:
        if node.tag == "plot2D":
            plot, left_out = _plot(node)
            plots.append(plot)
            notes += left_out
        elif node.tag != "report":
            notes.append(
                f"{node.text('id')}: <{node.tag}> is not drawn; a report has its data if it names them"
            )
    return tuple(plots), tuple(notes)


def _report(node: Node) -> Report:
    node.refuse_children("listOfDataSets")
    data_sets = tuple(
        DataSet(
            each.text("id"), each.optional("label") or each.text("id"), each.text("dataReference"), each.place
        )
        for each in node.listed("listOfDataSets")
    )
    if not data_sets:
        raise node.wrong("has no data sets", allowed="one or more")
    names = [item.name for item in data_sets]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise node.wrong(f"has two data sets {twice}", allowed="each id once")
    return Report(node.text("id"), node.optional("name") or node.text("id"), data_sets)


def _plot(node: Node) -> tuple[Plot, list[str]]:
    curves, notes = [], []
    logarithmic = {"x": _is_logarithmic(node, "xAxis"), "y": _is_logarithmic(node, "yAxis")}
    for each in node.listed("listOfCurves"):
        if each.tag != "curve":
            notes.append(f"{node.text('id')}: <{each.tag}> is not drawn")
            continue
        logarithmic["x"] |= each.truth("logX", False)
        logarithmic["y"] |= each.truth("logY", False)
        label = each.optional("name") or each.text("id")
        curves.append(Curve(each.text("id"), label, each.text("xDataReference"), each.text("yDataReference")))
    name = node.text("id")
    return Plot(name, node.optional("name") or name, tuple(curves), logarithmic["x"], logarithmic["y"]), notes


def _is_logarithmic(node: Node, axis: str) -> bool:
    found = node.child(axis)
    return found is not None and found.optional("type") == "log10"
