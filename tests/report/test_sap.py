"""The statistical section: five attributes, the size with its reasoning, what E20 asks of simulations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calor.report.page import page_html
from calor.report.tables import Group, Table
from calor.report.written.sap import sap_page
from calor.study import Parallel, Platform, Stay
from calor.study.design import DESIGNS
from tests.report.html_rules import Page
from tests.report.saved_trial import lips


def tables() -> dict[str, Table]:
    return {str(block.title): block for block in sap_page(lips()).blocks if isinstance(block, Table)}


def rows_of(title: str) -> dict[str, str]:
    return {row[0]: row[1] for row in tables()[title].rows if not isinstance(row, Group)}


def test_the_estimand_has_five_attributes() -> None:
    rows = rows_of("Estimand, by the attributes of ICH E9(R1)")
    assert list(rows) == [
        "treatment", "population", "variable", "intercurrent events", "population-level summary",
    ]  # fmt: skip
    assert rows["population"] == "CRPS of 12 to 60 months; mean pain 4 to 10 of 10 over 7 days"
    assert "the patient is lost to follow-up: hypothetical" in rows["intercurrent events"]


def test_the_simulation_report_has_what_makes_it_repeatable() -> None:
    rows, origin = rows_of("How it was simulated"), lips().result["provenance"]
    assert rows["seed"].startswith("1;")
    assert rows["replicates"].startswith("100 under the effect, 100 under the null")
    assert rows["model, SHA-256"] == origin["model_sha256"]
    assert rows["command"] == (
        "calor trial goebel-2017-lips --seed 1 --worlds 2 --replicates 100 --posterior validation"
    )


def test_the_power_stands_beside_its_range_and_every_corner_is_listed() -> None:
    text = "".join(Page.of(page_html(sap_page(lips()))).text)
    assert "111 patients give a power of" in text
    assert "from rival to rival" in text
    corners = lips().result["operating_characteristics"]["type_one_error"]["at_corners"]
    assert len(tables()["Type I error at the corners of the nuisance parameters"].rows) == len(corners) == 8


@pytest.mark.parametrize("kind", DESIGNS)
def test_what_keeps_the_familywise_error_is_the_design_s_own_or_the_analysis_s(kind: str) -> None:
    run = lips()
    two = {**run.result, "contrasts": [{**run.result["contrast"], "label": label} for label in ("a", "b")]}
    several = replace(run, result=two, protocol={**run.protocol, "design": {"type": kind}})
    text = " ".join("".join(Page.of(page_html(sap_page(several))).text).split())
    assert f"Contrasts: a; b. The familywise error is kept by {DESIGNS[kind].familywise or 'holm'}." in text
    assert DESIGNS["parallel"] is Parallel
    assert (DESIGNS[kind].familywise is None) is (
        kind not in {"multi-arm-multi-stage", "drop-the-losers", "dose-finding", "platform"}
    )


def test_what_a_design_leaves_open_is_not_printed() -> None:
    run = lips()
    design = Platform(type="platform", arm_patients=30, stays={"b": Stay(enters_after=40)})
    so = replace(run, protocol={**run.protocol, "design": design.model_dump(mode="json")})
    (planned,) = (
        block
        for block in sap_page(so).blocks
        if isinstance(block, Table) and block.title == "Planned looks and adaptations"
    )
    rows = {row[0]: row[1] for row in planned.rows if not isinstance(row, Group)}
    assert rows["stays"] == "b enters after 40"
    assert rows["drift"] == "per month 0, step 0"
