"""`calor model`: documents, tables within 80 columns, files, and errors that say what is allowed."""

from __future__ import annotations

from pathlib import Path

import libsbml
import pytest

from tests.cli.conftest import Calor


@pytest.mark.parametrize(
    "arguments",
    [
        ("model",),
        ("model", "parameters"),
        ("model", "parameter", "item_visit_sd"),
        ("model", "states", "--all"),
        ("model", "slots"),
        ("model", "rivals"),
    ],
)
def test_tables_fit_80_columns(calor: Calor, arguments: tuple[str, ...]) -> None:
    outcome = calor(*arguments)
    assert outcome.code == 0
    assert max(len(line) for line in outcome.out.splitlines()) <= 80


def test_the_summary_counts_what_there_is(calor: Calor) -> None:
    document = calor("model", "--json").document
    assert document["states"] == sum(len(module["states"]) for module in document["modules"])
    assert document["parameters"] == sum(module["parameters"] for module in document["modules"])
    assert sum(document["share_by_status"].values()) == pytest.approx(1)
    assert len(document["rivals"]) == 6


def test_filters_pick_the_numbers_that_fit(calor: Calor) -> None:
    arguments = ("--module", "adaptive", "--status", "derived", "--grade", "verified", "--json")
    rows = calor("model", "parameters", *arguments).document["parameters"]
    assert rows
    assert {(row["module"], row["status"], row["grade"]) for row in rows} == {
        ("adaptive", "derived", "verified")
    }
    assert all(row["source"] and row["rationale"] and row["unit"] for row in rows)


def test_a_number_in_full(calor: Calor) -> None:
    row = calor("model", "parameter", "glial_loss_rate", "--json").document
    lower, upper = row["prior"]["interval95"]
    assert lower < row["value"] < upper
    assert row["unit"] == "1/day"
    assert "S-ketamine" in calor("model", "parameter", "glial_loss_rate").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("model", "parameters", "--status", "guessed"), "measured, derived, calibrated, assumed"),
        (("model", "parameters", "--module", "brain"), "injury, innate"),
        (("model", "parameter", "glial_lossrate"), "did you mean glial_loss_rate"),
        (("model", "states", "--module", "brain"), "injury, innate"),
        (("model", "export", "--drug", "aspirin"), "aspirin"),
        (("model", "sensitivity", "--output", "mood"), "pain_nrs"),
        (("model", "sensitivity", "--trial", "mine-1"), "goebel-2017-lips"),
        (("model", "sensitivity", "--trial", "goebel-2010", "--output", "oedema"), "nothing beside"),
    ],
)
def test_a_wrong_word_is_refused_with_what_is_allowed(
    calor: Calor, arguments: tuple[str, ...], said: str
) -> None:
    outcome = calor(*arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.out == ""


def test_rivals_name_what_they_say_and_set(calor: Calor) -> None:
    rivals = calor("model", "rivals", "--json").document["rivals"]
    assert [rival["name"] for rival in rivals][:2] == ["central-igg", "central-igm"]
    assert all(rival["says"] and rival["sets"] and rival["evidence"] for rival in rivals)
    assert sum(rival["weight"] for rival in rivals) == pytest.approx(1)


def test_slots_name_the_drugs_that_act_on_them(calor: Calor) -> None:
    slots = {slot["name"]: slot["drugs"] for slot in calor("model", "slots", "--json").document["slots"]}
    assert "infliximab" in slots["tissue_tnf"]


def test_the_export_is_read_by_libsbml(calor: Calor, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "model.xml"
    document = calor("model", "export", "--drug", "infliximab", "--out", str(file), "--json").document
    assert document["inconsistencies"] == []
    model = libsbml.readSBMLFromFile(str(file)).getModel()
    assert model.getElementBySId("infliximab_central") is not None
    antimony = calor("model", "export", "--format", "antimony").out
    assert antimony.startswith("// One limb")


def test_the_diagram_comes_with_its_arrows(calor: Calor, tmp_path: Path) -> None:
    document = calor("model", "diagram", "--out", str(tmp_path), "--json").document
    assert {path.suffix for path in map(Path, document["files"])} == {".png", ".svg", ".csv"}
    rows = (tmp_path / "model.csv").read_text().splitlines()
    assert len(rows) == len(document["influences"]) + 1
    assert all(Path(path).stat().st_size > 1000 for path in document["files"])


def test_facts_have_a_published_value_and_a_prediction(calor: Calor) -> None:
    facts = calor("model", "facts", "--worlds", "5", "--json").document["facts"]
    assert {fact["finding"] for fact in facts} == {
        "E02", "E07", "E08", "E12", "E18", "D01", "D03", "A01", "A03", "A08", "A12",
    }  # fmt: skip
    assert all(fact["published"]["interval95"][0] <= fact["published"]["value"] for fact in facts)


def test_sensitivity_lists_every_assumed_number(calor: Calor, tmp_path: Path) -> None:
    arguments = ("--output", "pain_nrs", "--people", "30", "--out", str(tmp_path), "--json")
    document = calor("model", "sensitivity", *arguments).document
    sizes = [max(abs(swing["change_low"]), abs(swing["change_high"])) for swing in document["swings"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0.1
    assert (tmp_path / "sensitivity.svg").exists()


def test_the_source_names_every_state(calor: Calor) -> None:
    document = calor("model", "source", "--json").document
    assert document["language"] == "c"
    assert "void derivatives(" in document["text"]
    assert "consolidated" in document["text"]


def test_the_model_is_checked(calor: Calor) -> None:
    document = calor("check", "model", "--json").document
    assert document["sound"]
    assert document["problems"] == []
    assert "the model is sound" in calor("check", "model").out


def test_a_path_that_cannot_be_written_is_refused(calor: Calor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = calor("model", "export", "--out", str(tmp_path / "file" / "model.xml"))
    assert outcome.code == 2
    assert "cannot be written" in outcome.err
