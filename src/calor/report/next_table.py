"""A comparison of studies as people read it on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from calor.decision.informing import RESPONDERS
from calor.report.numbers import fixed_text, percent_text, shares_text, short_text
from calor.report.tables import Table, label, number, words

MILLION = 1e6
LEADING = 3


def print_next(document: dict[str, Any], screen: Console) -> None:
    """Print a comparison of studies."""
    for part in next_parts(document):
        screen.print(part)


def next_parts(document: dict[str, Any]) -> Iterator[str | Text | Table]:
    """Yield the answer, the ranking, what is not known, the pair, the money and the basis, in this order."""
    yield Text(document["question"]["title"], style="bold")
    yield from before_lines(document)
    yield ""
    yield Text(capital(document["answer"]) + ".", style="bold")
    yield ranking_table(document)
    yield from below_lines(document)
    if document["what_we_do_not_know"] is not None:
        yield ""
        yield unknown_table(document)
    if document["portfolio"] is not None:
        yield ""
        yield from _portfolio(document)
    yield ""
    yield from _money(document)
    yield from basis_lines(document)


def ranking_table(document: dict[str, Any]) -> Table:
    """Return the candidates best first, one a row."""
    kind = document["question"]["kind"]
    columns = [label(""), words("study", greedy=True)]
    if kind == "decision":
        columns += [number("net, M"), number("a person")]
    if kind == "quantity":
        columns += [number("removed"), number("width")]
    if kind != "decision":
        columns.append(number("P(true)"))
    columns += [number("settles"), number("cost, M"), number("months")]
    rows = []
    for row in document["ranking"]:
        tied = "=" if row["tied_with"] else ""
        cells = [f"{row['rank']}{tied}", row["name"] + ("" if row["affordable"] else " (over budget)")]
        if kind == "decision":
            cells += [_plus(row["enbs"], 2, MILLION), _plus(row["evsi"], 0)]
        if kind == "quantity":
            shown = "0*" if row["teaches_nothing"] else _percent(row["share"])
            shown = "?" if row["too_few_worlds"] else shown
            cells += [shown, _width(row["expected_width"]["value"])]
        if kind != "decision":
            cells.append(_plus(row["true_rival"], 3))
        cells += [
            _percent(row["decisive"]),
            fixed_text(row["cost"] / MILLION, 2),
            fixed_text(row["months"], 0),
        ]
        rows.append(cells)
    return Table(columns, rows, framed=False, fills=True)


def unknown_table(document: dict[str, Any]) -> Table:
    """Return what is not known, by what knowing it would remove or be worth."""
    known = document["what_we_do_not_know"]
    decision = document["question"]["kind"] == "decision"
    unit = f"worth, {document['money']['currency']} a person" if decision else "of the variance"

    def cell(estimate: dict[str, float]) -> str:
        return _plus(estimate, 0) if decision else _percent(estimate)

    rows = [("which explanation holds", cell(known["rival"]), "")]
    rows += [
        (f"and {group['name']}", cell(group["with_rival"]), cell(group["increment"]))
        for group in known["groups"]
    ]
    columns = (words("what we do not know", greedy=True), number(unit), number("more than it alone"))
    return Table(columns, rows, framed=False)


def before_lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is asked and what is believed before any study."""
    question, now = document["question"], document["now"]
    if question["quantity"]:
        yield question["quantity"]
        text = f"now: 95 % interval {_width(now['width'])} {question['unit']} wide"
        if now["benefit_over"] is not None:
            chance = percent_text(now["probability_of_that_benefit"])
            text += f"; P(benefit over {now['benefit_over']:g}) = {chance}"
        elif now["evpi"] is not None:
            text += (
                f"; P(it pays) = {percent_text(now['probability_of_that_benefit'])}; knowing all would be "
                f"worth {_plus(now['evpi'], 0)} {document['money']['currency']} a person"
            )
        yield text
    else:
        yield f"now: {shares_text(now['rivals'])}"
    if document["observed"] is not None:
        observed = document["observed"]
        seen = "; ".join(f"{each['study']}: {each['result']}" for each in observed["results"])
        yield f"after {seen}"
        yield f"{observed['effective_worlds']:,.0f} effective worlds; {shares_text(observed['rivals'])}"


def below_lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield what the columns of the ranking mean, and what is to be said of it."""
    kind = document["question"]["kind"]
    certainty = f"{document['certainty']:.0%}"
    words = [
        "=: tied, its place is one more than the studies that are clearly better",
        f"settles: chance of a result that leaves one answer with {certainty} or more",
    ]
    if kind != "decision":
        now = document["now"]["true_rival"]
        words.insert(1, f"P(true): expected probability of the explanation that holds, {now:.3f} now")
    if kind == "quantity":
        words.insert(1, f"removed: share of the variance; width: expected 95 % interval ({_unit(document)})")
    if kind == "decision":
        money = document["money"]
        words.insert(
            1,
            f"net: expected net benefit of sampling, millions of {money['currency']}, for "
            f"{money['people_a_year']:,.0f} people a year; a person: its value to one",
        )
    yield "; ".join(words) + f"; cost in millions of {document['money']['currency']}."
    if any(row["teaches_nothing"] for row in document["ranking"]):
        yield "*: 0, by the model's structure: no study of this kind, however large, would tell."
    if any(row["too_few_worlds"] for row in document["ranking"]):
        yield "?: there are too few worlds to say: take more (--worlds, --people)."
    responders = [row["name"] for row in document["ranking"] if RESPONDERS in (row["informs"] or "")]
    if responders:
        yield (
            f"{'; '.join(responders)}: of {RESPONDERS}, other people than the question's; what that tells of "
            "it, it tells through the model."
        )
    if kind == "decision":
        yield from _sizes(document)
    yield _stability(document)


def _stability(document: dict[str, Any]) -> str:
    """Return how often the same studies lead, and where there is a tie at the third place what shares it."""
    text = (
        f"The first three are the same in {document['stability_of_the_first_three']:.0%} of resamples of the "
        "worlds"
    )
    group = document["leading_group"]
    if len(group) > LEADING:
        text += (
            f"; the third place is a tie: they are among {len(group)} studies, the first three and what is "
            f"tied with the third, in {document['stability_of_the_leading_group']:.0%}"
        )
    return f"{text}."


def _sizes(document: dict[str, Any]) -> Iterator[str]:
    seen: set[tuple[str, int]] = set()
    for row in document["ranking"]:
        best, named = row["best_size"], row["name"].rsplit(", n=", 1)[0]
        if best is None or (named, best["patients"]) in seen:
            continue
        seen.add((named, best["patients"]))
        even = row["break_even_people_a_year"]
        about = (
            f"between {best['from']} and {best['to']}" if best["from"] < best["to"] else f"at {best['to']}"
        )
        text = f"{named}: best {about} patients"
        if even is not None:
            text += f"; n={row['patients']} breaks even at {even:,.0f} people a year"
        yield text + "."


def _portfolio(document: dict[str, Any]) -> Iterator[Table | str]:
    found = document["portfolio"]
    if not found["pairs"]:
        yield "No pair of different studies can be had under this budget."
        return
    rivals = document["question"]["kind"] == "rivals"
    rows = [
        (
            f"{pair['first']} + {pair['second']}",
            _plus(pair["teaches"], 3) if rivals else _percent(pair["teaches"]),
            fixed_text(pair["cost"] / MILLION, 2),
        )
        for pair in found["pairs"]
    ]
    heading = "P(true)" if rivals else "removed"
    yield Table((words("two studies", greedy=True), number(heading), number("cost, M")), rows, framed=False)
    plan = found["plan"]
    if plan is None:
        return
    yield (
        f"Run {plan['first']} first. Both together remove {plan['fixed']:.0%} of the variance where the "
        f"second is chosen beforehand, {plan['adaptive']:.0%} where it follows the result:"
    )
    for branch in plan["after"]:
        yield (
            f"  after a {branch['result']} result ({branch['probability']:.0%}; then expected "
            f"{short_text(branch['expected'])}): {branch['run']}"
        )


def _money(document: dict[str, Any]) -> Iterator[str]:
    money = document["money"]
    numbers = {each["key"]: each for each in money["numbers"]}
    assumed = ", ".join(f"{key} {numbers[key]['value']:g}" for key in money["assumed"])
    yield f"Assumed, since no source was found: {assumed}. Change any: --set KEY=VALUE; calor next --money."


def basis_lines(document: dict[str, Any]) -> tuple[str, ...]:
    """Return what a comparison rests on, and what it is for."""
    basis, made_of = document["basis"], document["provenance"]
    return (
        f"{document['status']} · posterior {basis['name']} · {made_of['draws']:,} draws, of which "
        f"{made_of['worlds']:,} differ · {document['people']:,} virtual people · "
        f"{percent_text(basis['share_resting_on_prior'])} of the uncertain numbers rest on the prior.",
        "For research and education, not for treating a person.",
    )


def _plus(estimate: dict[str, float] | None, digits: int, scale: float = 1.0) -> str:
    if estimate is None:
        return ""
    value, error = (fixed_text(estimate[each] / scale, digits) for each in ("value", "error"))
    return f"{value} ± {error}"


def _percent(estimate: dict[str, float] | None) -> str:
    return "" if estimate is None else f"{100 * estimate['value']:.0f} ± {100 * estimate['error']:.0f} %"


def _width(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else short_text(value)


def _unit(document: dict[str, Any]) -> str:
    return str(document["question"]["unit"])


def capital(text: str) -> str:
    """Return a text whose first letter is a capital, the others as they were."""
    return text[:1].upper() + text[1:]
