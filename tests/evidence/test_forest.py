"""The forest of a class: what becomes a row, on which scale, and when nothing may be pooled."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.core.documents import parse_document
from calor.evidence.forest import Forest, forest_of
from calor.evidence.library import load_records, record_from_document
from calor.evidence.record import Record
from calor.evidence.synthesis.pooling import pool
from calor.evidence.vocabulary import Direction, DrugClass
from calor.report.forest import draw_forest, save_forest, verdict

TRIAL = """
id: {id}
kind: trial
drug_class: immunoglobulin
headline: {{direction: {direction}, grade: verified, statement: A trial made up for a test.}}
citation: {{grade: verified, year: 2020, pmid: 1}}
design: {{grade: verified, kind: parallel, randomised: true, n_randomised: {n} patients}}
population: {{phase: persistent}}
arms:
  - {{name: drug, role: active, drug: drug}}
  - {{name: placebo, role: control, drug: placebo}}
outcomes:
  - name: pain
    domain: {domain}
    scale: [0, {top}]
    better: {better}
    direction: {direction}
    grade: verified
    {contrast}
risk_of_bias: {{tool: RoB 2, impression: low, reason: made up}}
model_use: {{role: none, reason: made up}}
sources:
  - {{url: "https://example.org/{id}", kind: made up, read: 2026-11-22}}
"""


def trial(
    name: str,
    n: int,
    *,
    value: float | None = None,
    se: float | None = None,
    domain: str = "pain",
    top: int = 10,
    better: str = "lower",
    direction: str = "favours-active",
) -> Record:
    spread = "" if se is None else f", se: {se}"
    contrast = (
        f"contrast: {{measure: mean-difference, value: {value}, unit: score points{spread}}}"
        if value is not None
        else ""
    )
    text = TRIAL.format(
        id=name, n=n, domain=domain, top=top, better=better, direction=direction, contrast=contrast
    )
    return record_from_document(parse_document(text, f"{name}.yaml"))


def forest(*records: Record) -> Forest:
    return forest_of(records, DrugClass.IMMUNOGLOBULIN)


def has_diamond(shown: Forest) -> bool:
    return any(patch.get_gid() == "pooled-diamond" for patch in draw_forest(shown).axes[0].patches)


def test_todays_immunoglobulin_trials_are_not_pooled() -> None:
    shown = forest_of(load_records(), DrugClass.IMMUNOGLOBULIN)
    rows = {row.record: row for row in shown.rows}
    assert set(rows) == {"goebel-2010", "goebel-2017-lips"}
    assert rows["goebel-2017-lips"].value is None
    assert rows["goebel-2017-lips"].direction is Direction.NONE
    assert rows["goebel-2010"].value == -1.55
    assert not rows["goebel-2010"].poolable
    assert (shown.randomised, shown.randomised_without_numbers) == (124, 111)
    assert shown.pooled is None
    assert "111 of 124" in verdict(shown)
    assert not has_diamond(shown)


def test_on_todays_evidence_no_class_is_pooled() -> None:
    forests = [forest_of(load_records(), drug_class) for drug_class in DrugClass]
    assert all(shown.pooled is None and shown.not_pooled_because for shown in forests)
    steroids = next(shown for shown in forests if shown.drug_class is DrugClass.GLUCOCORTICOID)
    assert (steroids.randomised_without_numbers, steroids.randomised) == (59, 140)


def test_two_trials_with_numbers_are_pooled_as_the_synthesis_does() -> None:
    shown = forest(trial("one", 40, value=-1.0, se=0.5), trial("two", 60, value=-0.2, se=0.4))
    assert shown.pooled is not None
    assert shown.pooled.estimate == pytest.approx(pool([-1.0, -0.2], [0.25, 0.16]).estimate, rel=1e-12)
    assert shown.pooled.prediction_interval95 is not None
    assert has_diamond(shown)
    assert "prediction interval" in verdict(shown)


@pytest.mark.parametrize(("silent", "pooled"), [(24, True), (33, True), (34, False), (200, False)])
def test_a_quarter_of_patients_without_numbers_forbids_pooling(silent: int, pooled: bool) -> None:
    # 100 patients with numbers: 33 of 133 is 24.8 %, 34 of 134 is 25.4 %
    shown = forest(
        trial("one", 40, value=-1.0, se=0.5),
        trial("two", 60, value=-0.2, se=0.4),
        trial("silent", silent, direction="none"),
    )
    assert (shown.pooled is not None) is pooled
    assert has_diamond(shown) is pooled
    assert any(row.record == "silent" and row.value is None for row in shown.rows)


def test_exactly_a_quarter_forbids_pooling() -> None:
    shown = forest(
        trial("one", 30, value=-1.0, se=0.5), trial("two", 45, value=-0.2, se=0.4), trial("silent", 25)
    )
    assert shown.share_without_numbers == 0.25
    assert shown.pooled is None


def test_scales_are_brought_to_ten_with_more_being_worse() -> None:
    shown = forest(
        trial("long", 40, value=-20.0, se=5.0, top=100),
        trial("turned", 40, value=1.5, se=0.5, better="higher"),
    )
    rows = {row.record: row for row in shown.rows}
    assert (rows["long"].value, rows["long"].standard_error) == (-2.0, 0.5)
    assert (rows["turned"].value, rows["turned"].standard_error) == (-1.5, 0.5)


def test_only_pain_is_pooled() -> None:
    shown = forest(
        trial("one", 40, value=-1.0, se=0.5), trial("two", 60, value=-3.0, se=0.4, domain="severity")
    )
    assert shown.pooled is None
    assert "1 of 2 trials" in verdict(shown)


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    shown = forest_of(load_records(), DrugClass.GLUCOCORTICOID)
    counted = len(shown.rows) + sum(len(names) for names in shown.left_out.values())
    assert counted == shown.records == 34
    assert shown.left_out["compares doses of one drug"] == ("kalita-20v40",)
    assert "taskaynatan-2004" in shown.size_unknown


def test_figures_are_the_same_bytes_each_time_with_their_data(tmp_path: Path) -> None:
    shown = forest_of(load_records(), DrugClass.GLUCOCORTICOID)
    first = [path.read_bytes() for path in save_forest(shown, tmp_path / "a")]
    second = [path.read_bytes() for path in save_forest(shown, tmp_path / "b")]
    assert first == second
    png, svg, data = first
    assert png.startswith(b"\x89PNG")
    assert svg.lstrip().startswith(b"<?xml")
    assert data.count(b"\n") == len(shown.rows) + 1
