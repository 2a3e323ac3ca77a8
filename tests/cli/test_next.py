"""`calor next` and `calor new question` as people and scripts use them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from calor.decision.questions.shipped import question_ids
from tests.cli.conftest import Calor

SMALL = ("--worlds", "10", "--people", "8", "--workers", "1")
QUESTION = """id: mine
title: How much does immunoglobulin help?
question:
  quantity: {like: goebel-2017-lips, benefit_over: 0.5}
candidates:
  - name: IVIG
    like: goebel-2017-lips
    vary: {patients: [40, 160]}
  - cohort: {measure: assay-comparison, n: 100}
"""


def test_the_list_has_one_question_a_line_with_its_id_first(calor: Calor) -> None:
    lines = calor("next", "--list").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(question_ids())
    listed = calor("next", "--list", "--json").document["questions"]
    assert [each["id"] for each in listed] == list(question_ids())


def test_money_is_listed_with_source_and_grade(calor: Calor) -> None:
    listed = calor("next", "--money", "--json").document["money"]
    by_key = {each["key"]: each for each in listed}
    assert by_key["threshold"]["value"] == 30000
    assert by_key["threshold"]["grade"] == "verified"
    assert by_key["sites"]["grade"] == "assumed"
    assert "accrual-crps-trials" in calor("next", "--money").out or "LIPS" in calor("next", "--money").out


def test_a_question_is_answered_in_a_table_a_document_and_a_folder(calor: Calor) -> None:
    Path("mine.yaml").write_text(QUESTION, encoding="utf-8")
    outcome = calor("next", "mine.yaml", *SMALL, "--budget", "8e5", "--out", "run", "--set", "sites=20")
    assert outcome.code == 0, outcome.err
    text = " ".join(outcome.out.split())
    assert "(over" in text
    assert "no data have narrowed what ivig does" in " ".join(outcome.err.split())
    assert max(map(len, outcome.out.splitlines())) <= 80
    names = {path.name for path in Path("run").iterdir()}
    assert {"result.json", "question.json", "ranking.csv", "worlds.parquet", "figure.png", "figure.svg",
            "figure.csv", "manifest.json", "request.json"} == names  # fmt: skip
    document = json.loads(Path("run/result.json").read_text(encoding="utf-8"))
    with Path("run/ranking.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["study"] for row in rows] == [row["name"] for row in document["ranking"]]
    assert calor("report", "run", "--html", "proposal.html").code == 0
    proposal = Path("proposal.html").read_text(encoding="utf-8")
    assert document["answer"][1:] in proposal
    assert all(row["name"] in proposal for row in document["ranking"])
    assert "accrual" in proposal, "every number behind money stands with its source"
    assert calor("figure", "studies", "run", "--out", "studies.svg").code == 0
    again = calor("next", "mine.yaml", *SMALL, "--budget", "8e5", "--set", "sites=20", "--json").document
    same = ("question", "ranking", "what_we_do_not_know", "now", "money")
    assert {name: again[name] for name in same} == {name: document[name] for name in same}


def test_an_observed_result_leaves_a_posterior_that_other_commands_take(calor: Calor) -> None:
    Path("mine.yaml").write_text(QUESTION, encoding="utf-8")
    Path("seen.yaml").write_text(
        "observed:\n  - {like: goebel-2017-lips, result: [-0.4], standard_errors: [1.5]}\n", encoding="utf-8"
    )
    first = calor("next", "mine.yaml", "--worlds", "20", "--people", "8", "--workers", "1",
                  "--observed", "seen.yaml", "--out", "run", "--json")  # fmt: skip
    assert first.code == 0, first.err
    assert first.document["observed"]["effective_worlds"] > 50
    second = calor("next", "mine.yaml", "--worlds", "10", "--people", "8", "--workers", "1",
                   "--posterior", "run/posterior.parquet", "--json")  # fmt: skip
    assert second.code == 0, second.err
    assert second.document["basis"]["name"] == "run/posterior.parquet"
    trial = calor("trial", "goebel-2017-lips", "--posterior", "run/posterior.parquet", "--worlds", "2",
                  "--replicates", "100", "--out", "trial", "--json")  # fmt: skip
    assert trial.code == 0, trial.err


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("next",), 2, "names no question"),
        (("next", "nothing-such"), 2, "neither a question that ships nor a file"),
        (
            ("next", "which-antibody", "--known-before", "2012"),
            3,
            "was not fitted to what was known before 2012",
        ),
        (("next", "which-antibody", "--people", "9"), 2, "an even number"),
        (("next", "which-antibody", "--set", "incidense=3"), 2, "did you mean incidence"),
        (("next", "which-antibody", "--candidates", "x.yaml", "--grid"), 2, "does nothing beside"),
        (("next", "which-antibody", "--list"), 2, "does nothing beside --list"),
        (("next", "which-antibody", "--portfolio", "3"), 2, "3"),
        (("next", "which-antibody", "--candidates", "x.yaml"), 2, "x.yaml"),
        (("new", "question", "--like", "nothing-such"), 2, "does not ship"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(
    calor: Calor, arguments: tuple[str, ...], code: int, what: str
) -> None:
    outcome = calor(*arguments)
    assert outcome.code == code
    assert what in " ".join(outcome.err.split())
    assert outcome.out == ""


def test_a_new_question_is_commented_and_each_that_ships_can_be_started_from(calor: Calor) -> None:
    outcome = calor("new", "question")
    assert outcome.out.count("#") > 15
    assert calor("new", "question", "--like", "which-antibody", "--out", "mine.yaml").code == 0
    assert "rivals: antibody" in Path("mine.yaml").read_text(encoding="utf-8")
    assert calor("new", "question", "--json").document["question"] == outcome.out
    assert calor("new", "question", "--out", "mine.yaml").code == 2
