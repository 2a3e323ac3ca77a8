"""The model and the drugs for programs: the documents of `calor model --json` and `calor drug --json`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from calor.app.lookups import drug_named, parameter_of
from calor.app.v1.evidence import document
from calor.app.v1.problems import problems
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.causal_people import graph_of_disease
from calor.report.drug_document import drug_document, studies_of
from calor.report.model_document import (
    graph_document,
    parameter_document,
    selected,
    summary_of,
    variable_document,
)
from calor.therapy.checking import run_checks
from calor.therapy.library import load_library

router = APIRouter(tags=["model"])

Word = Annotated[str | None, Query(max_length=60)]


@router.get("/model")
def model() -> dict[str, Any]:
    """Return what the model consists of: modules, states, counts, and what its numbers rest on."""
    disease = load_disease()
    states = [variable_document(state) for state in disease.states]
    rivals = {rival.name: rival.says for rival in load_rivals()}
    return document({**summary_of(disease), "states": states, "rivals": rivals})


@router.get("/model/parameters", responses=problems(422))
def parameters(module: Word = None, status: Word = None, grade: Word = None) -> dict[str, Any]:
    """Return the numbers of disease and measurement."""
    rows = selected(module, status, grade)
    return document({"parameters": [parameter_document(row) for row in rows], "count": len(rows)})


@router.get("/model/parameters/{identifier}", responses=problems(404))
def parameter(identifier: str) -> dict[str, Any]:
    """Return one number with its source, grade and reason."""
    return document(parameter_document(parameter_of(identifier)))


@router.get("/model/diagram")
def diagram() -> dict[str, Any]:
    """Return who influences whom."""
    return document(graph_document(graph_of_disease()))


@router.get("/drugs", tags=["drugs"])
def drugs() -> dict[str, Any]:
    """Return the drugs of the library, each with its usual regimens."""
    found = [
        {
            "id": drug.id,
            "name": drug.name,
            "kind": drug.kind,
            "regimens": [usual.model_dump(mode="json") for usual in drug.regimens],
        }
        for drug in load_library()
    ]
    return document({"drugs": found, "count": len(found)})


@router.get("/drugs/{name}", responses=problems(404, 422), tags=["drugs"])
def drug(name: str) -> dict[str, Any]:
    """Return a drug of the library by its id or another of its names: every number with its source."""
    found = drug_named(name)
    return document(drug_document(found, run_checks(found), studies_of(found)))
