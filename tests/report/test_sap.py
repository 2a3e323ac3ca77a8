"""The statistical section: five attributes, the size with its reasoning, what E20 asks of simulations."""

from __future__ import annotations

from calor.report.page import page_html
from calor.report.tables import Group, Table
from calor.report.written.sap import sap_page
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
