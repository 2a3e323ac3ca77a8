"""Mutated regimens, and options with any value, are read or refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calor.regimen import parse_regimen
from calor.therapy.dosing import calendar_of
from calor.therapy.library import load_drug
from tests.fuzz.harness import ODD_VALUES, campaign, judge_command, judge_reading, mutated

REGIMENS = {
    "ivig": [
        "0.5 g/kg iv at day 1, 22",
        "0.4 g/kg iv daily for 5 days",
        "25 g iv over 4 h every 4 weeks for 24 weeks",
    ],
    "infliximab": ["5 mg/kg iv over 2 h at week 0, 2, 6", "5 mg/kg iv over 2 h every 8 weeks for 52 weeks"],
    "prednisolone": [
        "40 mg oral daily for 14 days",
        "40 mg oral daily for 7 days, then 20 mg oral daily for 7 days",
    ],
}
VALUES = st.one_of(
    st.sampled_from(ODD_VALUES),
    st.sampled_from(
        ["mean", "rate", "crossover", "asOF", "HP", "WT", "KD", "2", "3", "0.05", "0.9", "0.3,0.7,1"]
    ),
    st.floats(0, 10).map(repr),
    st.text(max_size=6),
)
DESIGN = ["--endpoint", "--delta", "--sd", "--rate1", "--rate2", "--allocation", "--spending", "--parameter",
          "--looks", "--information", "--alpha", "--sided", "--n", "--power"]  # fmt: skip
LISTS = {
    ("evidence",): ["--class", "--phase", "--design", "--grade", "--text", "--add"],
    ("claims",): ["--posterior", "--worlds", "--seed"],
    ("model", "parameters"): ["--module", "--status", "--grade"],
    ("model", "states"): ["--module"],
    ("trial", "nosuch"): ["--seed", "--worlds", "--replicates", "--mc-error", "--power", "--assume-effect"],
    ("compare", "nosuch", "nosuch"): ["--seed", "--worlds", "--replicates", "--mc-error"],
    ("pk", "nosuch", "x"): ["--weight", "--population", "--at", "--seed"],
}


@st.composite
def options(draw: st.DrawFn, names: list[str]) -> list[str]:
    """Return some of the options with values of any kind."""
    chosen = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    # A value that begins with a hyphen stands behind an equals sign, as people have to write it.
    return [f"{name}={draw(VALUES)}" for name in chosen]


@campaign(100)
@given(drug=st.sampled_from(sorted(REGIMENS)), data=st.data())
def test_regimens(drug: str, data: st.DataObject) -> None:
    text = data.draw(mutated(REGIMENS[drug], 3))
    judge_reading(lambda: calendar_of(parse_regimen(text), load_drug(drug), 70.0))


@campaign(60)
@given(command=st.sampled_from(["power", "samplesize", "boundaries"]), arguments=options(DESIGN))
def test_options_of_design(command: str, arguments: list[str]) -> None:
    judge_command("design", command, *arguments, "--json")


@campaign(60)
@given(data=st.data())
def test_options_of_lists(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(sorted(LISTS)))
    judge_command(*command, *data.draw(options(LISTS[command])))
