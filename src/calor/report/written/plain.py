"""The plain page of a trial: for people with CRPS, in short words, benefit and harm of 100 people each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from calor.report.answer import Verdict, verdict_of
from calor.report.blocks import Block, Heading, Items, Paragraph, Tone
from calor.report.page import Page
from calor.report.plain_words import DEATH, of_100, plain_event
from calor.report.trial_pictures import benefit, none_seen
from calor.store.saved_run import SavedRun

NOT_ADVICE = (
    "This page is to read and learn from. It is not advice. Please talk to your doctor about your care."
)


def plain_page(run: SavedRun) -> Page:
    """Return the plain page of a trial."""
    day = str(run.result["provenance"]["started"])[:10]
    blocks = (*_asked(run), *_found(run), *_sure(run), *_harm(run), *_known(run), *_next())
    return Page("A study of CRPS on a computer: what it says, in plain words", (), blocks, NOT_ADVICE, day)


def _asked(run: SavedRun) -> Iterator[Block]:
    months = run.protocol["population"]["duration_months"]
    yield Heading("What we asked", 2, "asked")
    active, control = _arms(run)
    yield Paragraph(
        f"CRPS is pain in an arm or a leg that does not go away. We asked if {_listed(active, 'or')} would "
        f"help more than {control}. We looked at people who have had CRPS for {_span(months)}."
    )
    yield Paragraph(
        "No one took the drug for this page. We used a computer model. It makes up people with CRPS and "
        "plays out what might go on in their bodies. A model can be wrong."
    )


def _found(run: SavedRun) -> Iterator[Block]:
    yield Heading("What may come of it", 2, "found")
    yield Paragraph("We say a person is better when they have a third less pain, or close to it.")
    entries = run.context["responders"]
    for entry, picture in zip(entries, benefit(run), strict=True):
        counts = entry["of_100"]
        without = counts["better either way"] + counts["better only without it"]
        with_it = counts["better either way"] + counts["better only with it"]
        yield Paragraph(
            f"Think of 100 people like these. With {entry['control']}, {without} of 100 would be better. "
            f"With {entry['arm']}, {with_it} of 100 would be better. So {entry['arm']} is why "
            f"{counts['better only with it']} of 100 people are better. "
            f"{_worse(entry)}For {counts['better neither way']} of 100 people it would not do so much.",
            Tone.ANSWER,
        )
        yield replace(picture, caption="Each ring is one of 100 people.")
        by_rival = entry["only_with_it_by_rival"].values()
        low, high = round(min(by_rival)), round(max(by_rival))
        yield Paragraph(
            "We do not know for sure what keeps the pain going. We tried a few ideas in turn. "
            + (
                f"Each of them gives about {low} of 100."
                if low == high
                else f"With one idea the drug helps {low} of 100 people. With another it helps {high} of 100."
            )
        )


def _worse(entry: dict[str, Any]) -> str:
    count = entry["of_100"]["better only without it"]
    return f"But {count} of 100 would be better off without it. " if count else ""


_SURE = {
    Verdict.PRIOR_ONLY: "We are not sure at all. These are best guesses. No study stands behind them.",
    Verdict.RIVALS_DISAGREE: "We are not sure. Our ideas of what drives CRPS do not agree. If one is right, "
    "the drug may help. If another is right, it may do next to nothing.",
    Verdict.CLEAR: "All our ideas point the same way. But the size of the gain is still a rough guess.",
    Verdict.UNCLEAR: "We are not sure. The drug may help, do nothing, or do harm.",
}


def _sure(run: SavedRun) -> Iterator[Block]:
    yield Heading("How sure are we?", 2, "sure")
    yield Paragraph(_SURE[verdict_of(run.result, run.context)])
    if run.context["contrast"]["assumed_effect"] is not None:
        yield Paragraph(
            "We took it as given how well the drug works. So this page cannot tell if it does.", Tone.WARNING
        )
    share = run.result["posterior"]["share_resting_on_prior"]
    yield Paragraph(
        f"Of each 100 numbers in the model that we are not sure of, about {round(100 * share)} are the best "
        "guess of experts. Only the rest were learnt from studies of people."
    )
    if run.result["posterior"]["drugs_resting_on_prior"]:
        yield Paragraph("How well the drug works in CRPS is one of those guesses.", Tone.WARNING)


def _harm(run: SavedRun) -> Iterator[Block]:
    yield Heading("What might go wrong", 2, "harm")
    drugs = {drug["id"]: drug["name"] for drug in run.context["drugs"]}
    told = list(dict.fromkeys(line for arm in run.result["arms"] for line in _events(arm, drugs)))
    if not told:
        yield Paragraph("We found no count of side effects. That does not mean there are none.")
        return
    yield Paragraph("These counts come from people who took the drug, most of them for other ills:")
    yield Items(told)
    yield Paragraph("Some of the lines are counts of the same thing in more than one study.")


def _events(arm: dict[str, Any], drugs: dict[str, str]) -> Iterator[str]:
    """Yield each event of an arm as a sentence; those that nobody counted stand together."""
    for event in arm["expected_events"]:
        words = plain_event(event["event"]) or event["event"]
        name = drugs.get(event["drug"], event["drug"])
        unseen = none_seen(event)
        if unseen is not None:
            yield f"{name}: none of {unseen} people had {words}. That is too few to rule it out."
        elif event["expected"] is not None:
            share = event["expected"] / arm["n"]
            yield f"{name}: {of_100(share)} {'died' if words == DEATH else f'may have {words}'}."
    for drug, name in drugs.items():
        uncounted = dict.fromkeys(
            plain_event(event["event"]) or event["event"]
            for event in arm["expected_events"]
            if event["drug"] == drug and event["expected"] is None
        )
        if uncounted:
            yield f"{name} may also bring this, but we do not know how often: {'; '.join(uncounted)}."


def _known(run: SavedRun) -> Iterator[Block]:
    yield Heading("What is known, and what is not", 2, "known")
    records = run.context["evidence"]["records"]
    count = {0: "We found no fair test", 1: "We found 1 study"}.get(
        len(records), f"We found {len(records)} studies"
    )
    yield Paragraph(f"{count} of this kind of drug in CRPS.")
    if records:
        yield Items([f"{_study(each)}: {_RESULTS.get(each['direction'], 'we could not read what came out')}."
                     for each in records])  # fmt: skip
    yield Paragraph(
        "We do not know who would gain the most, how long it lasts, or what is left out of the model."
    )


_RESULTS = {
    "favours-active": "people on the drug did better",
    "favours-control": "the other group did better",
    "none": "no clear gap between the groups",
    "mixed": "some things got better and some did not",
    "improved": "people got better in both groups",
    "not-improved": "people did not get better",
    "not-read": "we could not read what came out",
}


def _study(each: dict[str, Any]) -> str:
    size = each["enrolled"].get("size", "")
    year = f" in {each['year']}" if each["year"] else ""
    return f"A study{year} of {size}" if size else f"A study{year}"


def _next() -> Iterator[Block]:
    yield Heading("What to do with this page", 2, "next")
    yield Paragraph("You can ask your doctor what it means for you. Do not start or stop a drug on your own.")


def _arms(run: SavedRun) -> tuple[list[str], str]:
    """Return what the trial gives in plain words: its active arms, and its control."""
    entries = run.context["responders"]
    return [entry["arm"] for entry in entries], entries[0]["control"]


def _listed(names: list[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _span(months: dict[str, float]) -> str:
    """Return a time since the injury in words: years from two on."""
    low, high = months["at_least"], months["at_most"]
    if low >= 12:
        return f"{low / 12:.3g} to {high / 12:.3g} years"
    return f"up to {high:.3g} months" if low == 0 else f"{low:.3g} to {high:.3g} months"
