"""`calor new protocol` writes protocols that run as they are, and the schema that editors read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calor.core.documents import parse_document
from calor.study import Protocol
from calor.trial.protocols.published import published_protocols
from calor.trial.protocols.reading import check_protocol, read_protocol
from tests.cli.conftest import Calor, Outcome
from tests.design_names import DESIGNS


def test_the_template_is_a_valid_protocol_with_comments(calor: Calor) -> None:
    outcome = calor("new", "protocol")
    assert outcome.code == 0
    assert outcome.out.count("#") > 20
    assert check_protocol(parse_document(outcome.out, "template.yaml")).role == "user"


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_has_a_protocol_to_start_from(calor: Calor, name: str) -> None:
    outcome = calor("new", "protocol", "--design", name)
    assert outcome.code == 0
    assert check_protocol(parse_document(outcome.out, "template.yaml")).design.type == name


def test_commented_sequences_of_a_crossover_are_valid(calor: Calor) -> None:
    lines = calor("new", "protocol", "--design", "crossover").out.splitlines()
    (chosen,) = (place for place, line in enumerate(lines) if line.startswith("design:"))
    choices = {place: line for place, line in enumerate(lines) if line.startswith("# design:")}
    assert len(choices) == 2
    for place in choices:
        text = [line for at, line in enumerate(lines) if at != chosen]
        at = place - (place > chosen)
        text[at] = text[at].removeprefix("# ")
        if text[at + 1].startswith("#          "):
            text[at + 1] = text[at + 1].removeprefix("# ")
        assert check_protocol(parse_document("\n".join(text), "template.yaml")).design.type == "crossover"


@pytest.mark.parametrize("identifier", published_protocols())
def test_one_like_a_published_trial_is_the_user_s_own(calor: Calor, identifier: str) -> None:
    assert calor("new", "protocol", "--like", identifier, "--out", "mine.yaml").code == 0
    mine, published = read_protocol(Path("mine.yaml")), published_protocols()[identifier]
    assert mine.id == f"like-{identifier}"
    assert (mine.role, mine.record, mine.provenance) == ("user", None, {})
    same = {"id", "role", "record", "provenance", "fitted"}
    assert mine.model_dump(exclude=same) == published.model_dump(exclude=same)


def test_every_commented_choice_of_the_template_is_valid(calor: Calor) -> None:
    text = calor("new", "protocol").out
    text = text.replace("design: {type: parallel}", "# design: {type: parallel}", 1)
    text = text.replace("# design: {type: group-sequential", "design: {type: group-sequential")
    text = (
        text.replace("sided: 2", "sided: 1")
        .replace("# visits", "visits")
        .replace("method: ancova", "method: mmrm")
    )
    for name in (
        "dropout_log",
        "stopping: {",
        "rescue: {",
        "adherence",
        "unblinding",
        "accrual",
        "cost",
        "strata",
    ):
        text = text.replace(f"# {name}", name)
    protocol = check_protocol(parse_document(text, "template.yaml"))
    assert protocol.design.type == "group-sequential"
    assert protocol.conduct.accrual is not None
    assert protocol.cost is not None


def test_the_schema_names_every_key_and_its_limits(calor: Calor) -> None:
    schema = json.loads(calor("new", "protocol", "--schema").out)
    assert set(schema["properties"]) == set(Protocol.model_fields)
    assert schema["additionalProperties"] is False
    assert {"id", "title", "population", "design", "arms", "patients", "endpoint", "analysis"} <= set(
        schema["required"]
    )
    assert schema["properties"]["patients"]["minimum"] == 4
    assert set(schema["properties"]["design"]["discriminator"]["mapping"]) == set(DESIGNS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--like", "nobody-2030"], "'nobody-2030' is no published trial"),
        (["--design", "3+3"], "--design: is '3+3'"),
        (["--design", "crossover", "--ask"], "--design"),
        (["--out", "there.yaml"], "already exists"),
        (["--out", "no/such/folder.yaml"], "cannot be written"),
        (["--schema", "--like", "goebel-2010"], "nothing beside --schema"),
    ],
)
def test_bad_requests_are_refused(calor: Calor, arguments: list[str], words: str) -> None:
    Path("there.yaml").write_text("kept")
    outcome = calor("new", "protocol", *arguments)
    assert outcome.code == 2
    assert words in outcome.err
    assert Path("there.yaml").read_text() == "kept"


def asked(
    calor: Calor, monkeypatch: pytest.MonkeyPatch, answers: dict[str, str], provides: bool = True
) -> Outcome:
    def prompt(question: str, default: str, err: bool) -> str:
        assert err
        return next((answer for words, answer in answers.items() if words in question), default)

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("click.confirm", lambda hazard, default, err: provides)
    return calor("new", "protocol", "--ask")


def test_a_protocol_by_asking_holds_the_answers_and_the_comments(
    calor: Calor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {
        "id of": "early-steroid",
        "title": "Prednisolone in early CRPS: does it help?",
        "least months": "1",
        "most months": "6",
        "name of the active arm": "steroid",
        "drug": "prednisolone",
        "regimen": "40 mg oral daily for 14 days",
        "patients": "64",
        "first day": "22",
        "last day": "28",
    }
    outcome = asked(calor, monkeypatch, answers)
    assert outcome.code == 0
    protocol = check_protocol(parse_document(outcome.out, "asked.yaml"))
    assert (protocol.id, protocol.patients) == ("early-steroid", 64)
    assert protocol.title == "Prednisolone in early CRPS: does it help?"
    assert protocol.arms[0].treatments[0].drug == "prednisolone"
    assert protocol.population.duration_months.at_most == 6
    assert (protocol.endpoint.from_day, protocol.endpoint.to_day) == (22, 28)
    assert set(protocol.acknowledge) == {"glucose", "adrenal-suppression", "bone"}
    assert outcome.out.count("#") > 20


def test_the_default_answers_give_the_template(calor: Calor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(calor, monkeypatch, {}).out == calor("new", "protocol").out


@pytest.mark.parametrize(
    ("answers", "provides", "words"),
    [
        ({"patients": "many"}, True, "patients: is 'many'"),
        ({"drug": "aspirine"}, True, "aspirine"),
        ({"regimen": "some, when needed"}, True, "regimen"),
        ({"id of": "x} "}, True, "plain words"),
        ({}, False, "does not name thrombosis"),
    ],
)
def test_answers_that_make_no_protocol_end_with_2(
    calor: Calor, monkeypatch: pytest.MonkeyPatch, answers: dict[str, str], provides: bool, words: str
) -> None:
    outcome = asked(calor, monkeypatch, answers, provides)
    assert outcome.code == 2
    assert words in outcome.err


def test_json_holds_the_text(calor: Calor) -> None:
    text = calor("new", "protocol").out
    assert calor("new", "protocol", "--json").document == {"protocol": text}
    assert calor("new", "protocol", "--ask", "--like", "goebel-2010").code == 2
