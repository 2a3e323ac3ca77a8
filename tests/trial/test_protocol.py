"""Good protocols are read; each kind of bad one gets an error with line, key, what is allowed, and a hint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.evidence.library import record
from calor.trial.protocol import Crossover, Parallel, Protocol
from calor.trial.published import published_protocols
from calor.trial.reading import check_protocol, read_protocol

GOOD = """\
id: my-trial
title: Immunoglobulin against placebo
population:
  duration_months: {at_least: 12, at_most: 60}
  pain_nrs: {at_least: 4, run_in_days: 7}
design: {type: parallel}
arms:
  - name: IVIG
    treatments:
      - {drug: ivig, regimen: "0.5 g/kg iv at day 1, 22"}
  - name: placebo
allocation: {ratio: [1, 1], block_size: 4}
patients: 100
endpoint: {variable: pain-diary, from_day: 6, to_day: 42}
analysis: {method: ancova, alpha: 0.05, sided: 2}
acknowledge: [thrombosis]
"""


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, f"{old!r} is not in the good protocol"
        return text.replace(old, new, 1)

    return change


BAD = {
    "unknown key": (swap("patients: 100", "patient: 100"), "line 13: patient: is not a known key"),
    "unknown nested key": (
        swap("from_day: 6", "first_day: 6"),
        "line 14: endpoint.first_day: is not a known key",
    ),
    "missing key": (swap("patients: 100\n", ""), "patients: is missing"),
    "text for a number": (swap("patients: 100", "patients: many"), "line 13: patients: is 'many'"),
    "fraction of a patient": (swap("patients: 100", "patients: 10.5"), "line 13: patients"),
    "too few patients": (swap("patients: 100", "patients: 2"), "greater than or equal to 4"),
    "too many patients": (swap("patients: 100", "patients: 10000000"), "less than or equal to 100000"),
    "pain above the scale": (swap("at_least: 4,", "at_least: 14,"), "line 5: population.pain_nrs.at_least"),
    "duration upside down": (swap("at_most: 60", "at_most: 6"), "at_most (6) must exceed at_least (12)"),
    "negative duration": (swap("at_least: 12", "at_least: -1"), "population.duration_months.at_least: is -1"),
    "unknown design": (swap("type: parallel", "type: factorial"), "line 6: design"),
    "design without type": (swap("{type: parallel}", "{}"), "line 6: design"),
    "one arm": (swap("  - name: placebo\n", ""), "line 7: arms"),
    "arms of one name": (swap("name: placebo", "name: IVIG"), "two arms have the same name"),
    "no control": (
        swap(
            "  - name: placebo\n",
            '  - {name: b, treatments: [{drug: ivig, regimen: "1 g/kg iv at day 1"}]}\n',
        ),
        "name the control arm",
    ),
    "control that is no arm": (swap("patients:", "control: sham\npatients:"), "control is 'sham'"),
    "unknown drug": (
        swap("drug: ivig", "drug: ivigg"),
        "line 10: arms[0].treatments[0].drug: no drug 'ivigg'",
    ),
    "regimen without sense": (
        swap("0.5 g/kg iv at day 1, 22", "half a bottle"),
        "line 10: arms[0].treatments[0].regimen",
    ),
    "route the drug lacks": (swap("g/kg iv", "g/kg oral"), "line 10: arms[0].treatments[0].regimen"),
    "negative dose": (swap("0.5 g/kg", "-0.5 g/kg"), "line 10: arms[0].treatments[0].regimen"),
    "empty regimen": (swap("0.5 g/kg iv at day 1, 22", ""), "line 10: arms[0].treatments[0].regimen"),
    "hazard not acknowledged": (swap("acknowledge: [thrombosis]\n", ""), "does not name thrombosis"),
    "hazard of no drug": (swap("[thrombosis]", "[thrombosis, tuberculosis]"), "names 'tuberculosis'"),
    "endpoint upside down": (swap("to_day: 42", "to_day: 2"), "to_day (2) must not lie before from_day (6)"),
    "endpoint before day 1": (swap("from_day: 6", "from_day: 0"), "line 14: endpoint.from_day: is 0"),
    "unknown endpoint": (
        swap("pain-diary", "blood-pressure"),
        "line 14: endpoint.variable: is 'blood-pressure'",
    ),
    "unknown analysis": (swap("method: ancova", "method: anova"), "line 15: analysis.method: is 'anova'"),
    "analysis of another design": (
        swap("method: ancova", "method: crossover"),
        "does not fit a parallel design",
    ),
    "alpha of one": (swap("alpha: 0.05", "alpha: 1.0"), "line 15: analysis.alpha"),
    "three-sided": (swap("sided: 2", "sided: 3"), "line 15: analysis.sided"),
    "ratio of three": (swap("ratio: [1, 1]", "ratio: [1, 1, 1]"), "line 12: allocation"),
    "ratio of nought": (swap("ratio: [1, 1]", "ratio: [1, 0]"), "at least 1"),
    "block that does not divide": (swap("block_size: 4", "block_size: 5"), "multiple of 2"),
    "id with spaces": (swap("id: my-trial", "id: my trial"), "line 1: id"),
    "not YAML": (swap("design: {type: parallel}", "design: {type: parallel"), "is not YAML"),
    "empty": (lambda _: "", "is empty"),
    "a list": (lambda _: "- 1\n- 2\n", "is a list"),
    "a tag": (swap("title: Imm", "title: !!python/name:os.system Imm"), "line 2: title: has the tag"),
    "not a number": (swap("alpha: 0.05", "alpha: .nan"), "line 15: analysis.alpha"),
    "infinite": (swap("at_most: 60", "at_most: .inf"), "population.duration_months.at_most"),
    "grade of a key that is not there": (
        lambda text: text + "provenance:\n  visits: {assumed: nobody knows}\n",
        "line 18: provenance.visits: grades a key",
    ),
    "grade without source": (
        lambda text: text + "provenance:\n  patients: {grade: verified}\n",
        "line 18: provenance.patients: a grade needs its source",
    ),
    "grade and assumption": (
        lambda text: text + "provenance:\n  patients: {grade: verified, source: x, assumed: y}\n",
        "give either a grade",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_protocol_gets_a_precise_error(kind: str) -> None:
    change, words = BAD[kind]
    with pytest.raises(InputError) as refusal:
        check_protocol(parse_document(change(GOOD), "trial.yaml"))
    assert words in str(refusal.value)
    assert all(problem.place.file == "trial.yaml" for problem in refusal.value.problems)


def test_a_good_protocol_is_read() -> None:
    protocol = check_protocol(parse_document(GOOD, "trial.yaml"))
    assert protocol.role == "user"
    assert protocol.control_name == "placebo"
    assert protocol.sequences == ((0,), (1,))
    assert protocol.period_starts == (0.0,)


def test_a_crossover_has_two_sequences_and_a_second_period_after_the_washout() -> None:
    protocol = published_protocols()["goebel-2010"]
    assert isinstance(protocol.design, Crossover)
    assert protocol.sequences == ((0, 1), (1, 0))
    assert protocol.period_starts == (0.0, 56.0)


def test_the_lips_protocol_is_the_published_trial() -> None:
    protocol = published_protocols()["goebel-2017-lips"]
    assert isinstance(protocol.design, Parallel)
    assert protocol.role == "held-back"
    assert (protocol.population.duration_months.at_least, protocol.population.duration_months.at_most) == (
        12,
        60,
    )
    assert protocol.arms[0].treatments[0].regimen == "0.5 g/kg iv at day 1, 22"
    assert (protocol.endpoint.from_day, protocol.endpoint.to_day) == (6, 42)
    assert "population.pain_nrs.at_least" in {
        key for key, graded in protocol.provenance.items() if graded.assumed
    }


@pytest.mark.parametrize("identifier", published_protocols())
def test_a_published_protocol_has_a_record_and_grades_every_part(identifier: str) -> None:
    protocol = published_protocols()[identifier]
    assert protocol.record is not None
    assert record(protocol.record).id == protocol.record
    graded = {key.split(".")[0] for key in protocol.provenance}
    assert {"population", "design", "arms", "patients", "endpoint", "analysis"} <= graded


def test_examples_are_valid(pytestconfig: pytest.Config) -> None:
    examples = sorted((Path(pytestconfig.rootpath) / "examples" / "protocols").glob("*.yaml"))
    assert len(examples) >= 3
    assert all(isinstance(read_protocol(path), Protocol) for path in examples)
