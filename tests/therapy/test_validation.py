"""A drug file that is not sound is refused with the place, what is allowed and a hint."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.therapy import load_drug
from calor.therapy.library import read_drug

SOUND = (Path(__file__).parent / "drugs" / "lagged.yaml").read_text()


def problems(tmp_path: Path, text: str) -> str:
    path = tmp_path / "drug.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_drug(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("slot: tissue_tnf", "slot: tissue_tnff", "did you mean tissue_tnf?"),
        ("mode: inhibit", "mode: suppress", "inhibit"),
        ("template: one-compartment", "template: one-compartmnt", "did you mean one-compartment?"),
        ("template: first-order", "template: instant", "first-order"),
        ("    volume:", "    volum:", "volume: is missing"),
        ("unit: L/day", "unit: L", "cannot be read as L/day"),
        ("unit: L/day", "unit: litres", "is not a unit"),
        ("value: 5, unit: L/day", "value: -5, unit: L/day", "a number above 0"),
        ('value: 0.5, unit: "1"', 'value: 1.5, unit: "1"', "a share, 0 to 1"),
        ("value: 2, unit: mg/L, source: judgement", "value: 2, unit: mg/L, source: smith-2001", "smith-2001"),
        ("driver: concentration", "driver: limb_concentration", "driver: is 'limb_concentration'"),
        ("engagement: binding", "engagement: bindng", "did you mean binding?"),
        ("40 mg oral daily for 7 days", "40 mg sc daily for 7 days", "has no route sc"),
        ("40 mg oral daily for 7 days", "40 mg oral daily", "does not say when it ends"),
        ("id: lagged", "id: Lagged Drug", "id: is 'Lagged Drug'"),
        ("events: 3, patients: 30", "events: 33, patients: 30", "33 events among 30 patients"),
        ("  contraindications: [none known]\n", "", "safety.contraindications: is missing"),
        ("status: assumed, rationale: made up", "status: measured, rationale: made up", "needs a grade"),
        ("grade: none, status: assumed", "grade: recalled, status: derived", "set status to assumed"),
        ("value: 80, unit: mg", "value: 80, unit: mg/day/kg", "cannot be read as mg"),
        ("value: 80, unit: mg", "value: 80, unit: tablets", "is not a unit"),
        ("  binding:", "  concentration:", "engagement: is 'binding'"),
        (
            'value: 0.5, unit: "1"',
            'value: 0.5, unit: "1", spread: {patients: 0.3}',
            "cannot vary log-normally",
        ),
        ('value: 0.5, unit: "1"', 'value: 1, unit: "1", spread: {typical: 0.3}', "on the logit scale"),
        ("value: 0.02, unit: day", "value: 0.02, unit: day, spread: {patients: 0.3}", "so it has no spread"),
        ("id: lagged", "id: igg", "belongs to the disease"),
        ("  - within_days: 1", "  - within_days: 1\n    route: sc", "route: is 'sc'"),
        (
            "safety:",
            "removals: [{state: igg_plasma, removal: {value: 1, unit: '1', source: judgement, "
            "grade: none, status: assumed, rationale: x}}]\nsafety:",
            "only a procedure removes",
        ),
        (
            "summary:",
            "molar_mass: {value: 300, unit: L, source: judgement, grade: none, status: assumed, "
            "rationale: x}\nsummary:",
            "cannot be read as g/mol",
        ),
        ("kind: made up", "like: 5\nkind: made up", "like: is 5"),
        ("value: 5, unit: L/day", "value: 1e300, unit: L/day", "is 1e+300\n  allowed: 1e-06 to 1e+06 L/day"),
        ("value: 5, unit: L/day", "value: 5e7, unit: L/h", "is 5e+07, which is 1.2e+09 L/day\n  allowed"),
        ("value: 5, unit: L/day", "value: 5e-9, unit: L/day", "allowed: 1e-06 to 1e+06 L/day (clearance)"),
        ("value: 0.02, unit: day", "value: 100000, unit: day", "allowed: 1e-06 to 36,500 day (lag)"),
        ("value: 2, unit: mg/L", "value: 2000, unit: kg/L", "which is 2e+09 mg/L"),
        ("value: 80, unit: mg", "value: 80e6, unit: g", "which is 8e+10 mg"),
        ("40 mg oral daily for 7 days", "4000 g oral daily for 7 days", "allowed: at most 1,000 g"),
        ("40 mg oral daily for 7 days", "30 g/kg oral daily for 7 days", "allowed: at most 20 g/kg"),
        ("within_days: 1", "within_days: 1e6", "within_days"),
        ("events: 3, patients: 30", "events: 3, patients: 1e300", "patients"),
        ("value: 2, unit: mg/L", "value: .inf, unit: mg/L", "finite"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in SOUND
    message = problems(tmp_path, SOUND.replace(old, new, 1))
    assert says in message
    assert "drug.yaml, line" in message


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=st.integers(0, len(SOUND.splitlines()) - 1),
    value=st.sampled_from(["", "5", "-1", "[]", "{}", "null", "x", "[1, 2]", "true", "1e400", "{value: 3}"]),
)
def test_a_broken_file_never_breaks_the_reader(tmp_path: Path, line: int, value: str) -> None:
    lines = SOUND.splitlines()
    if ":" in lines[line]:
        lines[line] = lines[line].split(":")[0] + ": " + value
    path = tmp_path / "drug.yaml"
    path.write_text("\n".join(lines))
    with suppress(InputError):
        read_drug(path)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = SOUND.replace("  binding:", "  concentration:").replace(
        "engagement: binding", "engagement: concentration"
    )
    assert "the name lagged_concentration stands twice" in problems(tmp_path, text)


def test_a_drug_without_safety_is_refused(tmp_path: Path) -> None:
    message = problems(tmp_path, SOUND[: SOUND.index("safety:")])
    assert "safety: is missing" in message


def test_a_number_without_a_reason_is_refused(tmp_path: Path) -> None:
    message = problems(tmp_path, SOUND.replace(", rationale: made up", "", 1))
    assert "rationale: is missing" in message


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    message = problems(tmp_path, SOUND.replace("unit: L/day", "unit: L").replace("tissue_tnf", "tnf"))
    assert "cannot be read as L/day" in message
    assert "actions[0].slot" in message


def test_no_file_of_ones_own_has_the_id_of_a_drug_of_the_library(tmp_path: Path) -> None:
    # a posterior knows drugs by id: the fitted numbers of prednisolone would replace those of the file
    message = problems(tmp_path, SOUND.replace("id: lagged", "id: prednisolone", 1))
    assert "drug.yaml, line 1: id: is 'prednisolone', a drug of the library" in message
    assert "choose another id, such as my-prednisolone" in message


def test_an_unknown_drug_lists_the_library() -> None:
    with pytest.raises(InputError, match="infliximab"):
        load_drug("aspirin")


CHECK = """
checks:
  - {{name: peak, regimen: 40 mg oral at day 1, quantity: concentration, measure: {measure}, until_days: 7,
     unit: {unit}, low: 0, high: 9, published: made up, source: judgement, grade: recalled}}
"""


@pytest.mark.parametrize(
    ("measure", "unit", "allowed"),
    [
        ("maximum", "ng/mL", "mg/L, mg/L above baseline"),
        ("area", "mg h/L", "mg day/L"),
        ("half_life", "h", "day"),
        ("lowest_change", "percent", "share"),
    ],
)
def test_a_check_names_the_unit_that_it_is_measured_in(
    tmp_path: Path, measure: str, unit: str, allowed: str
) -> None:
    sound = tmp_path / "sound.yaml"
    sound.write_text(SOUND + CHECK.format(measure=measure, unit=allowed.split(",")[0]))
    read_drug(sound)
    said = problems(tmp_path, SOUND + CHECK.format(measure=measure, unit=unit))
    assert f"checks[0].unit: is {unit!r}" in said
    assert f"allowed: {allowed}" in said
