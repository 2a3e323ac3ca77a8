"""A protocol by asking: the template with the answers to a few questions in it, comments and all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.study import Treatment
from calor.study.treatments import treatment_of
from calor.therapy.dosing import acknowledgements_for
from calor.trial.protocols.reading import check_protocol
from calor.trial.protocols.template import protocol_text

Ask = Callable[[str, str], str]
"""What puts a question with its default answer to somebody."""

Confirm = Callable[[str], bool]


@dataclass(frozen=True)
class Question:
    """A question, its default answer, and where that stands in the template (with `{}` for the answer)."""

    asks: str
    default: str
    place: str


QUESTIONS = (
    Question("id of the trial (lower-case letters, digits, hyphens)", "my-trial", "id: {} "),
    Question("title", "Immunoglobulin against placebo in persistent CRPS", "title: {}\n"),
    Question("question", "Does IVIG lower pain over six weeks?", "question: {}\n"),
    Question("least months since the injury", "12", "duration_months: {{at_least: {},"),
    Question("most months since the injury", "60", "at_most: {}}}   # time"),
    Question("least pain at entry (0 to 10)", "4", "pain_nrs: {{at_least: {},"),
    Question("name of the active arm", "IVIG", "  - name: {}\n"),
    Question("drug (calor drug lists them)", "ivig", "{{drug: {}, regimen"),
    Question("regimen", "0.5 g/kg iv at day 1, 22", 'regimen: "{}"}}     # calor'),
    Question("patients", "100", "\npatients: {}\n"),
    Question("first day of the endpoint's window", "36", "\nendpoint: {{variable: pain-diary, from_day: {},"),
    Question("last day of the endpoint's window", "42", "to_day: {}}}\n# endpoint"),
)


FREE_TEXT = ("title", "question", "regimen", "  - name")
"""How the places begin where any words may stand."""

UNSAFE = '\n"#:{}[],'
"""Characters that mean something to YAML."""


def protocol_by_asking(ask: Ask, confirm: Confirm) -> str:
    """Return a commented protocol from the answers; raises InputError where they do not make one.

    Arguments: what asks for an answer (question, default), and what asks whether the trial provides for a
    hazard of the drug (its statement).
    """
    text = protocol_text()
    answers = {question.asks: ask(question.asks, question.default) for question in QUESTIONS}
    for question in QUESTIONS:
        text = filled(text, question, answers[question.asks])
    drug, regimen = (answers[asks] for asks in ("drug (calor drug lists them)", "regimen"))
    given = treatment_of(Treatment(drug=drug, regimen=regimen))
    hazards = acknowledgements_for(given.regimen, given.drug)
    provided = [hazard.id for hazard in hazards if confirm(f"{hazard.id}: {hazard.statement}")]
    text = text.replace("acknowledge: [thrombosis] ", f"acknowledge: [{', '.join(provided)}] ")
    check_protocol(parse_document(text, "the answers"))
    return text


def filled(text: str, question: Question, answer: str) -> str:
    """Return the template with an answer in a question's place. Raises InputError for one that cannot be."""
    free_text = question.place.startswith(FREE_TEXT)
    if any(character in answer for character in ('"\n' if free_text else UNSAFE)):
        allowed = "plain words, without quotes, brackets or breaks"
        raise InputError.of(f"is {answer!r}", key=question.asks, allowed=allowed)
    if free_text and question.place[-1] == "\n" and any(character in answer for character in UNSAFE):
        answer = f'"{answer}"'
    before, after = question.place.format(question.default), question.place.format(answer)
    if text.count(before) != 1:
        raise ValueError(f"the template has no single place for {question.asks!r}")
    return text.replace(before, after)
