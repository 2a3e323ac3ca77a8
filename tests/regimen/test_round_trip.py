"""Text, regimen, records and table say the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.regimen import At, DoseUnit, Phase, Regimen, Repeated, Route, parse_regimen
from calor.regimen.durations import days_of, rounded
from calor.regimen.table import regimen_of, table_of

MASSES = [DoseUnit.MICROGRAM, DoseUnit.MILLIGRAM, DoseUnit.GRAM]
amounts = st.one_of(
    st.integers(1, 2000).map(float), st.floats(0.001, 5000, allow_nan=False).map(lambda x: round(x, 3))
)
infusions = st.one_of(
    st.just(0.0), st.builds(days_of, st.integers(1, 90).map(float), st.sampled_from(["hours", "minutes"]))
)
intervals = st.sampled_from(
    [1.0, 1 / 2, 1 / 3, 1 / 4, 7.0, 3.5, 14.0, 28.0, 2.0, 21.0, 6 / 24, 5 / 24, 10.0, 30.4375, 365.25, 60.875]
)


@st.composite
def regimens(draw: st.DrawFn) -> Regimen:
    route = draw(st.sampled_from([Route.INTRAVENOUS, Route.SUBCUTANEOUS, None]))
    phases: list[Phase] = []
    due = 0.0
    for _ in range(draw(st.integers(1, 4))):
        start = rounded(due + draw(st.sampled_from([0.0, 1.0, 7.0, 0.25])))
        schedule: At | Repeated
        if phases and isinstance(phases[-1].schedule, At):
            start = rounded(start + 1)
        if draw(st.booleans()):
            gaps = draw(st.lists(st.sampled_from([1.0, 7.0, 14.0, 0.5]), max_size=4))
            times = [start]
            for gap in gaps:
                times.append(rounded(times[-1] + gap))
            schedule = At(tuple(times))
        else:
            schedule = Repeated(start, draw(intervals), draw(st.integers(2, 60)))
        phase = Phase(
            draw(amounts), draw(st.sampled_from(MASSES)), schedule, draw(st.booleans()), route,
            draw(infusions) if route else 0.0,
        )  # fmt: skip
        same_dose = phases and phases[-1].dose_text == phase.dose_text
        if same_dose and isinstance(schedule, At) and isinstance(phases[-1].schedule, At):
            continue  # two lists of equal doses are one list
        phases.append(phase)
        due = schedule.end_days
    return Regimen(tuple(phases))


@settings(deadline=None)
@given(regimens())
def test_canonical_text_reads_back_as_the_same_regimen(regimen: Regimen) -> None:
    again = parse_regimen(regimen.text)
    assert again.text == regimen.text
    assert again.records == regimen.records


@settings(deadline=None)
@given(regimens())
def test_records_and_table_give_the_regimen_back(regimen: Regimen) -> None:
    assert Regimen.of_records(regimen.records) == regimen
    assert regimen_of(table_of(regimen)) == regimen


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("5 mg/kg IV over 2h at week 0,2,6", "5 mg/kg iv over 2 h at week 0, 2, 6"),
        ("40 mg sc every 2 weeks for 24 weeks", "40 mg sc every 2 weeks for 24 weeks"),
        (
            "40 mg oral daily for 14 days then 30 mg daily for 7 days then stop",
            "40 mg oral daily for 14 days then 30 mg oral daily for 7 days",
        ),
        ("0.5 g/kg iv at day 1, 22", "0.5 g/kg iv at week 0, 3"),
        ("1 plasma volume exchange at day 1, 3, 5", "1 plasma volume exchange at day 1, 3, 5"),
        ("100 mg po q", None),
    ],
)
def test_canonical_text(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(InputError):
            parse_regimen(text)
    else:
        assert parse_regimen(text).text == canonical


def test_table_has_the_columns_of_nonmem() -> None:
    table = table_of(parse_regimen("5 mg/kg iv over 2 h at week 0, 2"))
    assert table["TIME"].tolist() == [0, 14]
    assert table["RATE"].tolist() == pytest.approx([60, 60])
    assert table["UNIT"].tolist() == ["mg/kg", "mg/kg"]
    with pytest.raises(InputError, match="lacks AMT"):
        regimen_of(table.drop(columns="AMT"))
    table.loc[1, "UNIT"] = "spoons"
    with pytest.raises(InputError, match="row 2"):
        regimen_of(table)
