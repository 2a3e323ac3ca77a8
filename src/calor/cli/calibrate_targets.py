"""What `calor calibrate --targets` lists: the targets of a fit, and what a prior alone carries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from calor.calibration.deviations import Deviation
from calor.calibration.prior_only import load_prior_only
from calor.calibration.targets import Target
from calor.calibration.unmoved import Unmoved
from calor.cli.console import console, print_json
from calor.report.numbers import fixed_text
from calor.report.tables import Table, number, words


def show_targets(
    targets: tuple[Target, ...],
    deviations: tuple[Deviation, ...],
    unmoved: tuple[Unmoved, ...],
    as_json: bool,
) -> None:
    """Print what a fit rests on, as tables or as one JSON document.

    Arguments: its targets; deviations taken for cost; the numbers that no target moves; which of the two.
    """
    if as_json:
        print_json(
            {
                "targets": [*map(_row, targets), *_prior_only_rows()],
                "deviations": [asdict(each) for each in deviations],
                "unmoved": [
                    {"id": each.parameter.identifier, "reaches": list(each.reaches)} for each in unmoved
                ],
            }
        )
        return
    console().print(_table(targets))
    console().print(_own_biases(targets))
    console().print(_deviations(deviations))
    rows = [(each.study_id, each.says, each.reason) for each in load_prior_only()]
    columns = tuple(map(words, ("from", "what", "why it is no target")))
    console().print(Table(columns, rows, title="Carried by a prior alone", fills=True))
    console().print(_unmoved(unmoved))


def _row(target: Target) -> dict[str, Any]:
    return {
        "id": target.id,
        "study_id": target.study_id,
        "role": target.role,
        "says": target.says,
        "value": target.value,
        "standard_error": target.standard_error,
        "bias_sd": target.bias_sd,
        "scale": "log" if target.on_log_scale else "linear",
        "likelihood": target.likelihood,
        "grade": str(target.grade),
        "published_at": target.published_at,
        "error_from": target.error_from,
        "bias_from": target.bias_from or None,
        "drugs": list(target.drugs),
        "source": target.source,
    }


def _own_biases(targets: tuple[Target, ...]) -> Table:
    rows = [
        (target.study_id, target.says, fixed_text(target.bias_sd, 2), target.bias_from)
        for target in targets
        if target.bias_from
    ]
    columns = (*map(words, ("from", "target")), number("bias"), words("because"))
    return Table(columns, rows, title="Given a bias of their own", fills=True)


def _deviations(deviations: tuple[Deviation, ...]) -> Table:
    rows = [(each.study, each.was, each.simulated, each.reason) for each in deviations]
    columns = tuple(map(words, ("study", "was", "is simulated as", "because")))
    return Table(columns, rows, title="Simulated otherwise than it was, for cost", fills=True)


def _unmoved(unmoved: tuple[Unmoved, ...]) -> Table:
    rows = [
        (
            each.parameter.identifier,
            each.parameter.name,
            ", ".join(each.reaches) or f"measurement: {each.parameter.module}",
        )
        for each in unmoved
    ]
    columns = tuple(map(words, ("number", "what", "carried for")))
    return Table(
        columns, rows, title="Numbers that no target moves: predictions have their prior", fills=True
    )


def _prior_only_rows() -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "study_id": each.study_id,
            "role": "prior-only",
            "says": each.says,
            "reason": each.reason,
            "carried_by": list(each.carried_by),
        }
        for each in load_prior_only()
    ]


def _table(targets: tuple[Target, ...]) -> Table:
    rows = [
        (
            target.study_id,
            target.says,
            *(fixed_text(each, 2) for each in (target.value, target.standard_error, target.bias_sd)),
        )
        for target in targets
    ]
    columns = (*map(words, ("from", "target")), *map(number, ("value", "error", "bias")))
    return Table(columns, rows, title=f"{len(targets)} targets of the fit", fills=True)
