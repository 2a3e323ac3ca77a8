"""Invalid records: each kind of mistake gets an error that names the file, a line and the key."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from calor.core.documents import read_document
from calor.core.errors import InputError
from calor.evidence.library import RECORDS_FOLDER, read_record
from calor.evidence.units import known_unit

Plain = dict[str, Any]
Mutation = Callable[[Plain], None]

VALID: Plain = read_document(RECORDS_FOLDER / "goebel-2010.yaml").data


def put(*path: str | int, value: Any) -> Mutation:
    """Return a mutation that sets the value at a key path."""

    def mutate(record: Plain) -> None:
        node: Any = record
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = value

    return mutate


def drop(*path: str | int) -> Mutation:
    """Return a mutation that takes a key away."""

    def mutate(record: Plain) -> None:
        node: Any = record
        for part in path[:-1]:
            node = node[part]
        del node[path[-1]]

    return mutate


def both(*mutations: Mutation) -> Mutation:
    def mutate(record: Plain) -> None:
        for mutation in mutations:
            mutation(record)

    return mutate


def repeat_arm(record: Plain) -> None:
    record["arms"][1]["name"] = "IVIG"


def repeat_source(record: Plain) -> None:
    record["sources"].append(record["sources"][0])


MISTAKES: dict[str, tuple[Mutation, str]] = {
    # name: (the mistake, the key that the error must name)
    "id missing": (drop("id"), "id"),
    "id with a space": (put("id", value="goebel 2010"), "id"),
    "id of another file": (put("id", value="goebel-2011"), "id"),
    "unknown kind": (put("kind", value="trail"), "kind"),
    "unknown drug class": (put("drug_class", value="ivig"), "drug_class"),
    "unknown key": (put("dosage", value=1), "dosage"),
    "headline missing": (drop("headline"), "headline"),
    "unknown direction": (put("headline", "direction", value="positive"), "headline.direction"),
    "direction without a grade": (drop("headline", "grade"), "headline"),
    "direction only recalled": (put("headline", "grade", value="recalled"), "headline.grade"),
    "grade of an unread direction": (put("headline", "direction", value="not-read"), "headline.grade"),
    "empty statement": (put("headline", "statement", value=""), "headline.statement"),
    "statement a number": (put("headline", "statement", value=3), "headline.statement"),
    "unknown grade": (put("design", "grade", value="checked"), "design.grade"),
    "year before 1900": (put("citation", "year", value=210), "citation.year"),
    "year as text": (put("citation", "year", value="2010"), "citation.year"),
    "malformed doi": (put("citation", "doi", value="doi:10.7326/0003"), "citation.doi"),
    "pmid as text": (put("citation", "pmid", value="20124231"), "citation.pmid"),
    "pmid negative": (put("citation", "pmid", value=-1), "citation.pmid"),
    "unknown register": (put("citation", "registry", 0, value="ISRCTN123"), "citation.registry[0]"),
    "unknown recalled key": (put("citation", "recalled", value=["volume"]), "citation.recalled[0]"),
    "design a list": (put("design", value=["crossover"]), "design"),
    "unknown design": (put("design", "kind", value="cross-over"), "design.kind"),
    "randomised not true or false": (put("design", "randomised", value="perhaps"), "design.randomised"),
    "unknown blinding": (put("design", "blinding", value="triple"), "design.blinding"),
    "quantity without a unit": (put("design", "n_randomised", value="13"), "design.n_randomised"),
    "quantity a bare number": (put("design", "n_randomised", value=13), "design.n_randomised"),
    "misspelt unit": (put("design", "n_randomised", value="13 paitents"), "design.n_randomised"),
    "unit missing in full form": (
        put("design", "n_randomised", value={"value": 13}),
        "design.n_randomised.unit",
    ),
    "quantity without a number": (put("design", "centres", value={"unit": "centres"}), "design.centres"),
    "number as text": (
        put("design", "centres", value={"value": "one", "unit": "centres"}),
        "design.centres.value",
    ),
    "number true": (
        put("design", "centres", value={"value": True, "unit": "centres"}),
        "design.centres.value",
    ),
    "number not finite": (
        put("design", "centres", value={"value": float("nan"), "unit": "centres"}),
        "design.centres.value",
    ),
    "negative spread": (
        put("population", "age", value={"value": 50, "sd": -3, "unit": "years"}),
        "population.age",
    ),
    "range upside down": (put("population", "duration", value="30 to 6 months"), "population.duration"),
    "range of three": (
        put("population", "duration", value={"range": [6, 12, 30], "unit": "months"}),
        "population.duration.range",
    ),
    "unknown statistic": (
        put("arms", 0, "dose", value={"value": 0.5, "unit": "g/kg", "statistic": "sum"}),
        "arms[0].dose.statistic",
    ),
    "name of a number in capitals": (
        put("design", "numbers", value={"Washout": "28 days"}),
        "design.numbers.Washout",
    ),
    "phase missing": (drop("population", "phase"), "population.phase"),
    "unknown phase": (put("population", "phase", value="chronic"), "population.phase"),
    "number without a grade": (drop("arms", 0, "grade"), "arms[0].n"),
    "number graded recalled": (put("safety", "grade", value="recalled"), "safety.events[0].seen"),
    "arm twice": (repeat_arm, "arms[1].name"),
    "arm without a role": (drop("arms", 0, "role"), "arms[0].role"),
    "one arm of a randomised study": (
        both(drop("arms", 1), put("outcomes", value=[])),
        "arms",
    ),
    "outcome of an unknown arm": (
        put("outcomes", 1, "arms", value={"verum": {"responders": "3 of 12"}}),
        "outcomes[1].arms.verum",
    ),
    "harm in an unknown arm": (put("safety", "events", 0, "arm", value="verum"), "safety.events[0].arm"),
    "count of the wrong form": (
        put("outcomes", 1, "arms", "IVIG", "responders", value="3/12"),
        "outcomes[1].arms.IVIG.responders",
    ),
    "count negative": (
        put("outcomes", 1, "arms", "IVIG", "responders", value={"count": -3, "of": 12}),
        "outcomes[1].arms.IVIG.responders.count",
    ),
    "unknown domain": (put("outcomes", 0, "domain", value="relief"), "outcomes[0].domain"),
    "scale upside down": (put("outcomes", 0, "scale", value=[10, 0]), "outcomes[0].scale"),
    "level outside the scale": (
        put("outcomes", 0, "arms", value={"IVIG": {"end": "12 NRS 0-10"}}),
        "outcomes[0].arms.IVIG.end",
    ),
    "unknown measure": (
        put("outcomes", 0, "contrast", "measure", value="difference"),
        "outcomes[0].contrast.measure",
    ),
    "interval upside down": (
        put("outcomes", 0, "contrast", "interval95", value=[-1.29, -1.82]),
        "outcomes[0].contrast",
    ),
    "p above 1": (put("outcomes", 0, "contrast", "p", value=1.2), "outcomes[0].contrast.p"),
    "p of the wrong form": (put("outcomes", 0, "contrast", "p", value="n.s."), "outcomes[0].contrast.p"),
    "outcome from an unlisted page": (
        put("outcomes", 0, "source", value="https://example.org/x"),
        "outcomes[0].source",
    ),
    "unknown tool": (put("risk_of_bias", "tool", value="Jadad"), "risk_of_bias.tool"),
    "tool of other studies": (put("risk_of_bias", "tool", value="not-applicable"), "risk_of_bias"),
    "domain of another tool": (
        put("risk_of_bias", "domains", value={"confounding": {"judgement": "low", "reason": "none"}}),
        "risk_of_bias",
    ),
    "judgement of another tool": (
        put("risk_of_bias", "domains", "missing-outcome-data", "judgement", value="critical"),
        "risk_of_bias",
    ),
    "judgement without a reason": (
        drop("risk_of_bias", "domains", "missing-outcome-data", "reason"),
        "risk_of_bias.domains.missing-outcome-data.reason",
    ),
    "unknown role": (put("model_use", "role", value="holdout"), "model_use.role"),
    "role without a reason": (drop("model_use", "reason"), "model_use.reason"),
    "blind though fitted": (put("model_use", "blind", value=True), "model_use.blind"),
    "part without a number": (
        put("model_use", "parts", value=[{"path": "rows[0]", "role": "none", "reason": "no"}]),
        "model_use.parts[0].path",
    ),
    "recalled says nothing": (put("recalled", value=[{"what": "n", "confidence": "low"}]), "recalled[0]"),
    "want out of range": (put("missing", 0, "want", value=4), "missing[0].want"),
    "no source": (put("sources", value=[]), "sources"),
    "source twice": (repeat_source, "sources[7].url"),
    "source no address": (put("sources", 0, "url", value="eprints.uwe.ac.uk"), "sources[0].url"),
    "source without a day": (drop("sources", 0, "read"), "sources[0].read"),
    "day of the wrong form": (put("sources", 0, "read", value="22 Nov 2026"), "sources[0].read"),
}


def write(record: Plain, folder: Path) -> Path:
    path = folder / "goebel-2010.yaml"
    yaml = YAML()
    with path.open("w", encoding="utf-8") as lines:
        yaml.dump(record, lines)
    return path


def test_the_record_that_is_spoilt_is_valid(tmp_path: Path) -> None:
    assert read_record(write(VALID, tmp_path)).id == "goebel-2010"
    assert len(MISTAKES) >= 40


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_file_line_and_key(name: str, tmp_path: Path) -> None:
    mutate, key = MISTAKES[name]
    record = copy.deepcopy(VALID)
    mutate(record)
    path = write(record, tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(InputError) as caught:
        read_record(path)
    named = {problem.place.key: problem for problem in caught.value.problems}
    assert key in named, f"{sorted(map(str, named))} instead of {key}"
    place = named[key].place
    assert place.file == str(path)
    assert place.line is not None
    assert 1 <= place.line <= len(lines)
    assert named[key].what
    assert names_key_or_a_parent(lines[place.line - 1], key) or (place.line == 1 and "." not in key)


def names_key_or_a_parent(line: str, key: str) -> bool:
    """Whether a line holds a name of a key path, or opens an item of a list in it."""
    names = [part.split("[")[0] for part in key.split(".")]
    return any(f"{name}:" in line for name in names) or ("[" in key and line.lstrip().startswith("- "))


def test_a_unit_is_guessed_only_where_it_is_like_one() -> None:
    with pytest.raises(ValueError, match="did you mean Barthel points, PRWE points"):
        known_unit("points")
    with pytest.raises(ValueError, match=r"did you mean months\?"):
        known_unit("monthss")
    with pytest.raises(ValueError, match="known ones are patients"):
        known_unit("furlongs per fortnight")
