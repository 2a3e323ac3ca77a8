"""The plain page: short words and sentences, one denominator, nothing that only experts know."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from calor.report.blocks import Block, Heading, Items, Paragraph, Picture
from calor.report.page import page_html
from calor.report.plain_words import of_100, plain_event
from calor.report.written.plain import plain_page
from calor.store.saved_run import SavedRun
from calor.therapy.library import load_library
from tests.report.html_rules import Page
from tests.report.saved_trial import lips

HIGHEST_GRADE = 9.0
TEXT_FOR_TEXTSTAT = (
    "No one took the drug for this page.",
    "We used a computer model.",
    "It makes up people with CRPS and plays out what might go on in their bodies.",
    "A model can be wrong.",
    "Of each 100 numbers in the model that we are not sure of, about 78 are the best guess of experts.",
    "Only the rest were learnt from studies of people.",
)
GRADE_BY_TEXTSTAT = 2.7
JARGON = (
    "posterior", "prior", "rival", "estimand", "interval", "significan", "placebo-controlled", "efficacy",
    "adverse", "thrombosis", "virtual", "endpoint", "cohort", "baseline", "randomi", "relative risk",
)  # fmt: skip


def sentences_of(blocks: tuple[Block, ...]) -> list[str]:
    """Return what a reader reads: paragraphs and lists, sentence by sentence."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case Paragraph() | Heading():
                lines.append(block.text)
            case Items():
                lines += block.entries
            case Picture():
                lines += [block.caption, block.says]
    return [each for line in lines for each in re.split(r"(?<=[.!?:])\s+", line) if each]


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, less a silent e."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    if word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and groups > 1:
        groups -= 1
    return max(1, groups)


def grade_of(sentences: list[str]) -> float:
    """Return the grade of Flesch and Kincaid: 0.39 words/sentences + 11.8 syllables/words - 15.59."""
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z]+", sentence)]
    return (
        0.39 * len(words) / len(sentences)
        + 11.8 * sum(syllables(word) for word in words) / len(words)
        - 15.59
    )


def with_verdict(run: SavedRun, **changed: object) -> SavedRun:
    result = json.loads(json.dumps(run.result))
    result.update(changed)
    return dataclasses.replace(run, result=result)


def test_the_grade_of_known_sentences() -> None:
    # 6 words of 6 syllables in 1 sentence: 0.39 x 6 + 11.8 x 1 - 15.59
    assert grade_of(["The cat sat on the mat."]) == pytest.approx(-1.45)
    assert grade_of(["Immunomodulation ameliorates inflammatory autoantibody-mediated pathophysiology."]) > 20


def test_the_page_can_be_read_after_nine_years_of_school() -> None:
    run = lips()
    for found in (run, with_verdict(run, status="prior-predictive")):
        assert grade_of(sentences_of(tuple(plain_page(found).blocks))) <= HIGHEST_GRADE


def test_the_grade_is_near_that_of_textstat() -> None:
    """textstat 0.7.4 counts syllables by hyphenation (76 in 64 words here); ours is within one grade of it.

    Of the plain pages of twelve designs it gave 1.3 to 2.7, ours 2.2 to 3.2. Later versions of it load a
    dictionary from the network, or fail on a word that is not in one, so it is no dependency of the tests.
    """
    assert grade_of(list(TEXT_FOR_TEXTSTAT)) == pytest.approx(GRADE_BY_TEXTSTAT, abs=1.0)


def test_there_is_no_jargon() -> None:
    text = " ".join(sentences_of(tuple(plain_page(lips()).blocks))).lower()
    assert not [word for word in JARGON if word in text]


def test_every_count_is_of_100_people_and_adds_up() -> None:
    run = lips()
    text = " ".join(sentences_of(tuple(plain_page(run).blocks)))
    (counts,) = [entry["of_100"] for entry in run.context["responders"]]
    assert sum(counts.values()) == 100
    with_it = counts["better either way"] + counts["better only with it"]
    assert f"With IVIG, {with_it} of 100 would be better." in text
    assert "%" not in text
    assert "may also bring this, but we do not know how often: a blood clot in an artery" in text
    # No serious reaction was seen in 13 people; what the prior adds is no count.
    assert "none of 13 people had a bad reaction. That is too few to rule it out." in text


def test_the_page_is_valid_and_says_that_it_is_no_advice() -> None:
    page = Page.of(page_html(plain_page(lips())))
    assert [level for level, _ in page.headings] == [1, 2, 2, 2, 2, 2, 2]
    assert "It is not advice." in "".join(page.text)


def test_an_assumed_effect_is_no_finding() -> None:
    run = lips()
    context = {**run.context, "contrast": {**run.context["contrast"], "assumed_effect": -1.0}}
    text = " ".join(sentences_of(tuple(plain_page(dataclasses.replace(run, context=context)).blocks)))
    assert "We took it as given how well the drug works. So this page cannot tell if it does." in text
    assert "We took it as given" not in " ".join(sentences_of(tuple(plain_page(run).blocks)))


def test_a_study_without_a_difference_is_no_verdict_on_the_drug() -> None:
    """Two doses that did alike, or a drug beside another, differ by nothing; that is no lack of gain."""
    text = " ".join(sentences_of(tuple(plain_page(lips()).blocks)))
    assert "A study in 2017 of 111 patients: no clear gap between the groups." in text


def test_every_event_of_the_drug_library_has_plain_words() -> None:
    events = {signal.event for drug in load_library() for signal in drug.safety.signals}
    assert len(events) > 20
    assert not [event for event in events if plain_event(event) is None]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "about 0 of 100 people"),
        (0.002, "fewer than 1 of 100 people"),
        (0.0096, "about 1 of 100 people"),
        (0.046, "about 5 of 100 people"),
    ],
)
def test_shares_are_people_of_100(share: float, words: str) -> None:
    assert of_100(share) == words
