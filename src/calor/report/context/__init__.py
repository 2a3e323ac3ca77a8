"""What a report needs of a run beyond its result, written with the run so that nothing is computed later.

What the trial compares (contrasts), the people and what happens within each of them (people, outcomes), what
a trial shows under each rival (rivals), the numbers that the run rests on (numbers), what the evidence and
the frozen forecasts said on that day (sources), and the machine (machine).
"""

from __future__ import annotations

from typing import Any

from calor.core.host import machine
from calor.report.context.contrasts import contrasts_of
from calor.report.context.numbers import numbers_of
from calor.report.context.outcomes import outcomes_of
from calor.report.context.people import people_of, responders_of, within_person
from calor.report.context.rivals import rivals_of
from calor.report.context.sources import evidence_of, forecasts, references_of
from calor.report.verification import verification
from calor.store.saved_run import CONTEXT_VERSION
from calor.study.variables import VARIABLES
from calor.therapy.drug import Drug
from calor.trial.analysis.methods import method_of
from calor.trial.runs.pipeline import TrialRun


def context_of(run: TrialRun) -> dict[str, Any]:
    """Return what a report needs of a finished trial beyond its result document, as JSON-like data."""
    ready = run.ready
    protocol, scenario = ready.protocol, ready.scenario
    margin = protocol.analysis.margin
    drugs = tuple({given.drug.id: given.drug for each in ready.plan.given.by_arm for given in each}.values())
    records = evidence_of(ready.plan, drugs)
    return {
        "version": CONTEXT_VERSION,
        "contrast": {
            "less_is_better": method_of(protocol).less_is_better(protocol),
            "variable": VARIABLES[protocol.endpoint.variable].words,
            "assumed_effect": scenario.assumed_effect,
            "margin": margin.model_dump(mode="json") if margin else None,
        },
        "contrasts": contrasts_of(run),
        "drugs": [_drug(drug) for drug in drugs],
        "people": people_of(ready),
        "rivals": rivals_of(run),
        "within_person": within_person(ready),
        "outcomes": outcomes_of(ready),
        "responders": responders_of(ready),
        "numbers": numbers_of(ready),
        "evidence": records,
        "forecasts": forecasts(),
        "references": references_of(records["records"], drugs),
        "verification": verification(),
        "machine": machine(),
    }


def _drug(drug: Drug) -> dict[str, Any]:
    return {"id": drug.id, "name": drug.name, "kind": drug.kind, "summary": " ".join(drug.summary.split())}
