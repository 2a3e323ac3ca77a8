"""The model: what it consists of, every number with where it comes from, causes, rivals, sensitivity."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from calor.app.drawings import Drawing, svg_of
from calor.app.failures import failure_of
from calor.app.lookups import parameter_of
from calor.app.pages.rendering import command_line, page
from calor.core.errors import ReportedError
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.causal_people import graph_of_disease
from calor.report.model_diagram import draw_model_diagram
from calor.report.model_document import (
    parameter_document,
    patients_in_words,
    prior_in_words,
    selected,
    summary_of,
    variable_document,
)
from calor.report.numbers import fixed_text, shares_text, short_text
from calor.report.sensitivity_figure import SHOWN, draw_sensitivity
from calor.report.tables import Table, number, words

router = APIRouter()

Word = Annotated[str, Query(max_length=60)]
STATUSES = ("measured", "derived", "calibrated", "assumed")
STATUS_TONES = {"measured": "good", "derived": "good", "calibrated": "", "assumed": "warn"}


@router.get("/model")
def show(request: Request) -> HTMLResponse:
    """Return what the model consists of, its causes and its rivals."""
    disease = load_disease()
    summary = summary_of(disease)
    return page(
        request,
        "model.html",
        summary=summary,
        shares=shares_text(summary["share_by_status"]),
        modules=_modules(summary),
        states=[variable_document(state) for state in disease.states],
        rivals=load_rivals(),
        diagram=_diagram(),
        commands=[command_line("calor", "model"), command_line("calor", "model", "diagram")],
    )


@router.get("/model/parameters")
def numbers(request: Request, module: Word = "", status: Word = "", text: Word = "") -> HTMLResponse:
    """Return the numbers of disease and measurement, filtered."""
    rows, failure = [], None
    try:
        rows = selected(module or None, status or None, None)
    except ReportedError as error:
        failure = failure_of(error)
    wanted = text.strip().lower()
    if wanted:
        rows = [row for row in rows if wanted in f"{row.identifier} {row.name} {row.rationale}".lower()]
    shown = [
        {
            **parameter_document(row),
            "prior_words": prior_in_words(row),
            "patients_words": patients_in_words(row),
            "tone": STATUS_TONES[str(row.status)],
        }
        for row in rows
    ]
    given = [part for option, value in (("--module", module), ("--status", status)) if value
             for part in (option, value)]  # fmt: skip
    return page(
        request,
        "model-numbers.html",
        200 if failure is None else failure.status,
        failure=failure,
        asked={"module": module, "status": status, "text": text},
        modules=[(each, each) for each in dict.fromkeys(row.module for row in selected(None, None, None))],
        statuses=[(each, each) for each in STATUSES],
        groups=[(name, list(found)) for name, found in groupby(shown, key=lambda row: row["module"])],
        count=len(shown),
        command=command_line("calor", "model", "parameters", *given),
    )


@router.get("/model/parameters/{identifier}")
def one_number(request: Request, identifier: str) -> HTMLResponse:
    """Return one number in full: its value, spread, status, grade, source and reason."""
    row = parameter_of(identifier)
    return page(
        request,
        "model-number.html",
        number=parameter_document(row),
        prior=prior_in_words(row),
        patients=patients_in_words(row) or "the same in everybody",
        tone=STATUS_TONES[str(row.status)],
        command=command_line("calor", "model", "parameter", identifier),
    )


@router.get("/model/sensitivity")
def sensitivity(request: Request) -> HTMLResponse:
    """Return how far long-standing pain without treatment rests on each assumed number."""
    document = request.app.state.sensitivity.document()
    swings = document["swings"][:SHOWN]
    scale = max(abs(swing["change_low"]) for swing in swings)
    table = Table(
        (words("number"), number("1 SD down"), number("1 SD up"), number("± error")),
        [
            (
                swing["id"],
                short_text(swing["change_low"], scale=scale, signed=True),
                short_text(swing["change_high"], scale=scale, signed=True),
                short_text(1.96 * swing["monte_carlo_error"], 2, scale=scale),
            )
            for swing in swings
        ],
    )
    title = document["prediction"]
    says = f"{swings[0]['id']} moves it most, by {fixed_text(swings[0]['change_high'], 2, signed=True)}"
    caption = "Red: one prior SD down. Blue: one up. Line: 95 % Monte Carlo error."
    return page(
        request,
        "model-sensitivity.html",
        shown=Drawing(title, says, caption, svg_of(draw_sensitivity(document), "swings", title, says), table),
        command=command_line("calor", "model", "sensitivity"),
    )


def _modules(summary: dict[str, Any]) -> Table:
    rows = [
        (module["name"], ", ".join(module["states"]) or "-", str(module["parameters"]))
        for module in summary["modules"]
    ]
    return Table((words("module"), words("states"), number("numbers")), rows)


@cache
def _diagram() -> Drawing:
    """Return the causal diagram, drawn from the equations."""
    graph = graph_of_disease()
    title = "Who influences whom in the model"
    arrows = [arrow for arrow in graph.influences if not arrow.is_slot]
    says = f"{len(graph.nodes)} quantities and {len(arrows)} influences; the table lists each."
    table = Table(
        (words("from"), words("does what"), words("to")),
        [(arrow.source, str(arrow.sign), arrow.target) for arrow in arrows],
    )
    caption = "Arrows and signs are derivatives of the equations, along the courses of virtual people."
    return Drawing(title, says, caption, svg_of(draw_model_diagram(graph), "causes", title, says), table)
