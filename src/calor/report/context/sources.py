"""What the evidence and the frozen forecasts said when a trial was run, and the works that are cited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from calor.evidence.forest import forest_of
from calor.evidence.library import load_records, record
from calor.evidence.record import Citation, Record
from calor.report.forecast_table import failure_lines, verdict
from calor.report.forest import forest_document
from calor.report.harms import study_harms
from calor.therapy.drug import Drug
from calor.trial.forecast.listing import listing
from calor.trial.protocols.plan import Plan
from calor.trial.results.precedents import precedents_of

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


def evidence_of(plan: Plan, drugs: Sequence[Drug]) -> dict[str, Any]:
    """Return the studies that bear on a trial, their harms, and the forest of each class of its drugs."""
    protocol = plan.protocol
    own = [record(protocol.record)] if protocol.record else []
    others = [each for each in precedents_of(plan).records if each.id != protocol.record]
    named = {drug.id for drug in drugs}
    classes = dict.fromkeys(each.drug_class for each in (*own, *others))
    forests = [forest_of(load_records(), each) for each in classes]
    return {
        "own": protocol.record,
        "drugs": sorted(named),
        "records": [_record(each) for each in (*own, *others)],
        "harms": [{**harm, "grade": _text(harm["grade"])} for harm in study_harms((*own, *others))],
        "forests": [forest_document(forest) for forest in forests if forest.rows],
    }


def _record(each: Record) -> dict[str, Any]:
    bias, citation = each.risk_of_bias, each.citation
    return {
        "id": each.id,
        "citation": citation_in_words(citation),
        "doi": citation.doi,
        "url": each.sources[0].url if each.sources else None,
        "year": citation.year,
        "design": each.design.kind,
        "randomised": each.design.randomised,
        "blinding": _text(each.design.blinding),
        "phase": str(each.population.phase),
        "enrolled": _enrolled(each),
        "direction": str(each.headline.direction),
        "grade": _text(each.headline.grade),
        "statement": each.headline.statement,
        "risk_of_bias": _text(bias.impression),
        "role": str(each.model_use.role),
        "not_read": [each.what for each in each.missing],
    }


def _enrolled(each: Record) -> dict[str, str]:
    """Return what was read of the people of a study, in words."""
    from calor.evidence.quantity import count_in_words, quantity_in_words

    people, design = each.population, each.design
    size = next((n for n in (design.n_randomised, design.n_enrolled, design.n_included) if n), None)
    found = {
        "size": quantity_in_words(size) if size else None,
        "duration": quantity_in_words(people.duration) if people.duration else None,
        "pain at entry": quantity_in_words(people.entry_pain) if people.entry_pain else None,
        "baseline pain": quantity_in_words(people.baseline_pain) if people.baseline_pain else None,
        "age": quantity_in_words(people.age) if people.age else None,
        "women": count_in_words(people.female) if people.female else None,
        "selection": people.selection,
    }
    return {key: words for key, words in found.items() if words}


def citation_in_words(citation: Citation) -> str:
    """Return a citation as one line: authors, year, title, journal."""
    authors = (citation.authors or "").split(", ")
    who = ", ".join(authors[:3]) + (" et al." if len(authors) > 3 else "")
    year = f"({citation.year})" if citation.year else ""
    parts = [" ".join(filter(None, (who, year))), citation.title, citation.journal, citation.pages]
    return ". ".join(part.strip(". ") for part in parts if part) + "."


def forecasts() -> dict[str, Any]:
    """Return the frozen forecast of every published trial beside its result, and where they failed."""
    found = listing()
    return {
        "date": found["frozen"]["date"],
        "stale": found["stale"],
        "held_back": {
            key: sorted(
                {each["trial"] for each in found["failures"] if each["role"] == "held-back" and each[key]}
            )
            for key in ("failed", "worse_than_no_effect")
        },
        "failures": [failure_lines(failure) for failure in found["failures"]],
        "trials": [
            {
                "id": trial["id"],
                "role": trial["role"],
                "scale": trial["comparison"]["scale"],
                "of": trial["comparison"]["of"],
                "kind": trial["comparison"]["kind"],
                "predicted_mean": trial["comparison"]["predicted_mean"],
                "predicted_interval95": trial["comparison"]["predicted_interval95"],
                "published": trial["comparison"]["published"],
                "verdict": verdict(trial["comparison"]),
                "failed": trial["comparison"]["failed"],
                "discriminates": trial["comparison"]["discriminates"],
            }
            for trial in found["trials"]
            if trial["comparison"]
        ],
    }


def references_of(records: Iterable[dict[str, Any]], drugs: Iterable[Drug]) -> list[dict[str, Any]]:
    """Return every work that the run's evidence and drugs cite, once, with its DOI where one was read."""
    found: dict[str, dict[str, Any]] = {}
    for each in records:
        found[each["id"]] = {
            "id": each["id"], "citation": each["citation"], "doi": each["doi"], "url": each["url"],
        }  # fmt: skip
    for drug in drugs:
        for name, source in drug.sources.items():
            doi = _DOI.search(source.url or "")
            found.setdefault(
                name,
                {
                    "id": name,
                    "citation": source.citation,
                    "doi": doi.group() if doi else None,
                    "url": source.url,
                },
            )
    return list(found.values())


def _text(value: object) -> str | None:
    return None if value is None else str(value)
