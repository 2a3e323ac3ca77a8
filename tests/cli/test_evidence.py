"""`calor evidence`, `calor check evidence`, `calor claims`: what they print can be followed to its source."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from calor.cli.main import exit_code_of
from calor.core.documents import read_document
from calor.evidence.library import RECORDS_FOLDER, load_records, numbers_of, recalled_numbers_of

IDS = [record.id for record in load_records()]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert exit_code_of(list(arguments)) == 0
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(shown(capsys, *arguments, "--json"))
    return loaded


def value_at(data: Any, path: str) -> Any:
    """Return what stands at a key path as people write it."""
    for part in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path):
        data = data[int(part[0])] if part[0] else data[part[1]]
    return data


def test_the_table_fits_eighty_columns_and_lists_every_record(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "evidence").splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    text = "".join(line.strip() for line in lines)
    assert all(identifier[:27] in text for identifier in IDS)


def test_a_wide_terminal_shows_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert "in one sentence" in shown(capsys, "evidence", "--class", "immunoglobulin")


def test_each_number_of_the_table_is_the_records_own(capsys: pytest.CaptureFixture[str]) -> None:
    for row in document(capsys, "evidence")["records"]:
        if row["n"] is not None:
            record = read_document(RECORDS_FOLDER / f"{row['id']}.yaml").data
            assert re.search(rf"\b{row['n']}\b", str(value_at(record, row["n_path"]))), row


@pytest.mark.parametrize(
    ("option", "given", "key"),
    [
        ("--class", "anti-tnf", "drug_class"),
        ("--phase", "acute", "phase"),
        ("--design", "crossover", "design"),
        ("--grade", "secondary", "grade"),
    ],
)
def test_a_filter_lets_through_what_it_names(
    capsys: pytest.CaptureFixture[str], option: str, given: str, key: str
) -> None:
    rows = document(capsys, "evidence", option, given)["records"]
    assert rows
    assert {row[key] for row in rows} == {given}


def test_text_and_recalled_filters(capsys: pytest.CaptureFixture[str]) -> None:
    rows = document(capsys, "evidence", "--text", "Naltrexone")["records"]
    assert {row["id"] for row in rows} >= {"chopra-2013-ldn", "NCT06306157-ldn"}
    recalled = document(capsys, "evidence", "--grade", "recalled")["records"]
    assert "goebel-2017-lips" in {row["id"] for row in recalled}


@pytest.mark.parametrize("identifier", IDS)
def test_every_number_of_a_record_is_shown_with_grade_and_can_be_followed(
    capsys: pytest.CaptureFixture[str], identifier: str
) -> None:
    shown_record = document(capsys, "evidence", identifier)
    text = re.sub(r"\s+", " ", shown(capsys, "evidence", identifier))
    source = read_document(RECORDS_FOLDER / f"{identifier}.yaml").data
    for number in shown_record["numbers"]:
        assert value_at(source, number["path"]) is not None
        assert number["grade"] in ("verified", "secondary", "recalled")
        assert number["sources"] or number["path"].startswith("recalled")
        assert all(page in text.replace(" ", "") or page in text for page in number["sources"])
        assert number["words"].split(" (")[0] in text, number
    record = next(one for one in load_records() if one.id == identifier)
    assert len(shown_record["numbers"]) == len(numbers_of(record)) + len(recalled_numbers_of(record))


def test_what_is_only_recalled_is_marked_and_stands_apart(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "evidence", "goebel-2017-lips")
    before, after = text.split("only recalled")
    assert "0.27" not in before
    assert "[RECALLED]" in after


def test_a_finding_is_shown_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert "19 of 35 (54 %) [verified]" in shown(capsys, "evidence", "E08")
    numbers = document(capsys, "evidence", "E08")["numbers"]
    assert all(number["sources"] for number in numbers)


def test_the_forest_writes_its_files_and_says_why_nothing_is_pooled(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = shown(capsys, "evidence", "--forest", "immunoglobulin", "--out", str(tmp_path))
    assert "111 of 124" in text
    assert "not a systematic review" in text
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"forest-immunoglobulin.{ending}" for ending in ("png", "svg", "csv")),
        "risk-of-bias-immunoglobulin.csv",
    }
    as_data = document(capsys, "evidence", "--forest", "immunoglobulin", "--out", str(tmp_path))
    assert as_data["pooled"] is None
    assert as_data["flow"]["records"] == 4
    for row in as_data["rows"]:
        assert row["path"] is None or value_at(
            read_document(RECORDS_FOLDER / f"{row['record']}.yaml").data, row["path"]
        )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["evidence", "gobel-2010"], "goebel-2010"),
        (["evidence", "E99"], "E9"),
        (["evidence", "--class", "steriods"], "did you mean steroid"),
        (["evidence", "--phase", "chronicle"], "persistent"),
        (["evidence", "--design", "trial"], "open-rct"),
        (["evidence", "--grade", "good"], "verified"),
        (["evidence", "--forest", "steriods"], "glucocorticoid"),
        (["evidence", "--forest", "anti-cgrp"], "no controlled trial"),
        (["evidence", "--add", "/nowhere/at/all"], "no such folder"),
        (["check", "evidence", "--add", "/nowhere/at/all"], "no such folder"),
        (["claims", "S12"], "S10"),
        (["check", "nothing"], "nothing"),
    ],
)
def test_wrong_input_ends_with_2_and_says_what_is_allowed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], named: str
) -> None:
    assert exit_code_of(arguments) == 2
    assert named in capsys.readouterr().err


def own_folder(folder: Path, text: str, name: str = "mine-2026") -> Path:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_place_that_cannot_be_written_is_an_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("in the way", encoding="utf-8")
    assert exit_code_of(["evidence", "--forest", "immunoglobulin", "--out", str(occupied)]) == 2
    assert "cannot be written" in capsys.readouterr().err


OWN = (RECORDS_FOLDER / "goebel-2010.yaml").read_text(encoding="utf-8").replace("goebel-2010", "mine-2026", 1)


def test_a_users_own_record_joins_the_table_and_the_check(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = str(own_folder(tmp_path, OWN))
    rows = document(capsys, "evidence", "--add", folder, "--class", "immunoglobulin")["records"]
    assert "mine-2026" in {row["id"] for row in rows}
    report = document(capsys, "check", "evidence", "--add", folder)
    assert report["added"] == ["mine-2026"]
    assert report["records"] == len(IDS) + 1
    assert "mine-2026" in {entry["record"] for entry in report["inconsistent"]}


def test_an_invalid_record_of_a_user_ends_with_2_and_names_file_line_and_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = own_folder(tmp_path, OWN.replace("13 patients", "13 paitents"))
    assert exit_code_of(["check", "evidence", "--add", str(folder)]) == 2
    message = capsys.readouterr().err.replace("\n", " ")
    assert re.search(r"mine-2026\.yaml, line \d+: design\.n_randomised", message)
    assert "did you mean patients?" in message


def test_the_check_reports_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "check", "evidence")
    assert "Unverified" in text
    assert "Inconsistent" in text
    assert text.index("1. goebel-2017-lips") > text.index("Fetch first")
    report = document(capsys, "check", "evidence")
    assert sum(report["numbers_by_grade"].values()) == sum(
        len(numbers_of(record)) + len(recalled_numbers_of(record)) for record in load_records()
    )


def test_claims_are_counted_and_one_is_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    claims = document(capsys, "claims")["claims"]
    assert len(claims) == 10
    for claim in claims:
        for side in ("for", "against", "unclear"):
            said = [one for one in claim["evidence"] if one["says"] == side]
            assert claim["counts"][side]["all"] == len(said)
    one = shown(capsys, "claims", "S8")
    assert "goebel-2017-lips [secondary, tests it directly]" in one
    assert all(len(line) <= 80 for line in shown(capsys, "claims").splitlines())


def test_the_model_s_answers_stand_beside_the_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    whole = document(capsys, "claims")
    for claim in whole["claims"]:
        told = claim["answer"]
        assert {"estimate", "interval95", "range_over_rivals", "share_resting_on_prior", "verdict"} <= set(
            told
        )
    one = shown(capsys, "claims", "S6")
    assert "rests on the prior" in one
    assert "rule: a part is supported when" in one


def test_evidence_check_is_the_check_of_the_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "evidence", "check") == document(capsys, "check", "evidence")


def test_what_belongs_to_asking_again_needs_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["claims", "S3", "--worlds", "4"]) == 2
    assert "add --run" in capsys.readouterr().err


def test_benefits_and_harms_stand_on_one_page(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "evidence", "ivig")
    assert "goebel-2010" in text
    assert "6 of 130" in text  # seen in a study: more pain (goebel-2002)
    assert "thrombosis" in text  # expected by the drug's file
    shown_words = document(capsys, "evidence", "early", "steroid")
    assert shown_words["understood_as"] == "early: phase acute; steroid: class glucocorticoid"
    assert {row["phase"] for row in shown_words["records"]} == {"acute"}
    assert "kalita-2006" in shown_words["open_phase"]
    assert "of mixed or unclear phase: " in shown(capsys, "evidence", "early", "steroid")
    assert document(capsys, "evidence", "steroid")["open_phase"] == []
    steroids = ["prednisolone", "prednisone", "methylprednisolone", "dexamethasone"]
    assert shown_words["drugs"] == steroids
    sugar = [each for each in shown_words["harms"]["library"] if each["event"] == "high blood sugar"]
    assert [each["drugs"] for each in sugar] == [steroids]


def test_a_filter_holds_for_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    rows = document(capsys, "evidence", "steroid", "--design", "rct", "--phase", "early")["records"]
    assert rows
    assert {(row["design"], row["phase"], row["drug_class"]) for row in rows} == {
        ("rct", "acute", "glucocorticoid")
    }


def test_a_typing_error_gets_the_nearest_ids(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["evidence", "golbel-2010"]) == 2
    assert "did you mean goebel-2010" in capsys.readouterr().err


def test_economic_facts_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "util-nrs-dixon-2011" in shown(capsys, "evidence", "economics")
    assert "0.59 patients per site-month [secondary]" in shown(capsys, "evidence", "accrual-crps-trials")
    numbers = document(capsys, "evidence", "incidence-crps")["numbers"]
    assert all(number["sources"] for number in numbers)


def test_tables_for_robvis_and_prisma_are_of_the_records_that_the_filters_let_through(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    robvis, prisma = tmp_path / "bias.csv", tmp_path / "flow.csv"
    asked = ["evidence", "--class", "immunoglobulin", "--robvis", str(robvis), "--prisma", str(prisma)]
    found = document(capsys, *asked)
    assert found["records"] == 4
    assert "goebel-2017-lips" in found["robvis"]["studies"]
    assert [line.split(",")[0] for line in robvis.read_text().splitlines()] == [
        "Study", *found["robvis"]["studies"],
    ]  # fmt: skip
    assert "database_results" in found["prisma"]["unknown"]
    assert {box["name"]: box["number"] for box in found["prisma"]["boxes"]}["other_sought_reports"] == 4
    text = shown(capsys, *asked)
    assert "reports sought (other methods): 4" in text
    assert "unknown, as the search was not systematic" in text


@pytest.mark.parametrize(
    "asked",
    [
        ["--tool", "rob2"],
        ["ivig", "--robvis", "x.csv"],
        ["--forest", "steroid", "--prisma", "x.csv"],
        ["--class", "anti-cgrp", "--robvis", "x.csv", "--tool", "robins-i"],
        ["--prisma", "no-such-folder/x.csv"],
    ],
    ids=("tool alone", "beside words", "beside a forest", "nothing judged", "no folder"),
)
def test_tables_that_cannot_be_written_are_wrong_input(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code_of(["evidence", *asked]) == 2
    assert not list(tmp_path.iterdir())
