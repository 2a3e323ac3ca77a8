"""An answer as a page shows it: sentences, charts, and the table behind each chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from calor.app.charts.changes import Changes, Level, Series, span_of
from calor.app.charts.parts import Dot, dots, icons, shares
from calor.app.drawings import Drawing
from calor.report.basis_figure import basis_rows
from calor.report.explore.document import LAST_WEEKS
from calor.report.explore.outcomes import OUTCOMES, PAIN
from calor.report.explore.people import WEEK
from calor.report.numbers import fixed_text, interval_text, percent_text, short_text
from calor.report.tables import Row, Table, number, words
from calor.report.within_figure import IMPORTANT_POINTS

NINETY_FIVE = 1.96
KINDS = ("s1", "s2", "s3")
"""The colour's class of each treatment."""

PAIN_LEVELS = (Level(0.0, "no difference"), Level(-IMPORTANT_POINTS, "2 points less pain", dotted=True))
ICON_KINDS = {
    "better only with it": "only-with",
    "better either way": "either",
    "better neither way": "neither",
    "better only without it": "only-without",
    "harmed": "harmed",
    "not harmed": "neither",
}
MOST_HARMS = 4
"""Harms that are drawn of a treatment, the most frequent first; all stand in the table."""


@dataclass(frozen=True)
class Titled:
    """A drawing under a heading of its own, with its key: class of the style sheet, count and words."""

    title: str
    drawing: Drawing
    key: tuple[tuple[str, str], ...] = ()


def treatment_name(entry: dict[str, Any]) -> str:
    """Return a treatment in words."""
    return f"{entry['name']}, {entry['regimen']}"


def sentence(entry: dict[str, Any], weeks: int) -> str:
    """Return what a treatment changes in pain: when it changes most, and what is left at the end."""
    medians = [week[2] for week in entry["changes"][PAIN.output]["quantiles"]]
    peak = max(range(len(medians)), key=lambda week: abs(medians[week]))
    low, _, middle, _, high = entry["pain"]["quantiles"]
    most = f"the median person has {_pain(medians[peak])} in week {peak}, when it changes most, and "
    return (
        f"{most if peak else 'the median person has '}{_pain(middle)} than without it over weeks "
        f"{weeks - LAST_WEEKS + 1} to {weeks}; nine of ten people then lie between {_pain(low)} and "
        f"{_pain(high)}."
    )


def rival_sentence(entry: dict[str, Any]) -> str:
    """Return how far the rival explanations differ on a treatment."""
    means = [rival["mean"] for rival in entry["pain"]["by_rival"].values()]
    return f"From rival to rival the mean lies between {_pain(min(means))} and {_pain(max(means))}."


def pain_charts(document: dict[str, Any]) -> list[Titled]:
    """Return the change of pain within the same person, one chart a treatment, on the same scale."""
    entries = document["treatments"]
    series = [
        Series(kind, entry["changes"][PAIN.output]["quantiles"])
        for kind, entry in zip(KINDS, entries, strict=False)
    ]
    spans = [span_of([each], PAIN_LEVELS, as_ratio=False) for each in series]
    span = (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None
    found = []
    for place, (each, entry) in enumerate(zip(series, entries, strict=True), start=1):
        title = f"Change of pain within the same person: {treatment_name(entry)}"
        says = f"{treatment_name(entry)}: {sentence(entry, document['weeks'])}"
        chart = Changes(_weeks(document), [each], PAIN_LEVELS, size=(460.0, 270.0), span=span)
        caption = "Line: the median person. Dark: half of the people. Light: nine of ten people."
        drawn = chart.drawn(f"pain-{place}", title, says)
        table = _weekly_table(document, {treatment_name(entry): each.quantiles}, PAIN.unit)
        found.append(Titled(treatment_name(entry), Drawing(title, says, caption, drawn, table)))
    return found


def outcome_charts(document: dict[str, Any]) -> list[Titled]:
    """Return the change of each of the six outcomes under all treatments."""
    found = []
    for outcome in OUTCOMES:
        quantiles = {
            treatment_name(entry): entry["changes"][outcome.output]["quantiles"]
            for entry in document["treatments"]
        }
        series = [Series(kind, each) for kind, each in zip(KINDS, quantiles.values(), strict=False)]
        levels = [Level(outcome.no_change, "no change")]
        chart = Changes(_weeks(document), series, levels, outcome.as_ratio)
        better = "more is better" if outcome.more_is_better else "less is better"
        title = f"{outcome.name}, {'ratio to' if outcome.as_ratio else 'difference from'} no treatment"
        says = "; ".join(
            f"{name}: the median person ends at {short_text(each[-1][2], signed=not outcome.as_ratio)}"
            for name, each in quantiles.items()
        )
        drawing = Drawing(
            title,
            says,
            f"{outcome.unit}; {better}",
            chart.drawn(f"outcome-{outcome.output}", title, says),
            _weekly_table(document, quantiles, outcome.unit),
        )
        found.append(Titled(outcome.name, drawing))
    return found


def benefit_icons(document: dict[str, Any]) -> list[Titled]:
    """Return, of 100 people, who is better with each treatment, without it, either way or neither way."""
    found = []
    for place, entry in enumerate(document["treatments"], start=1):
        counts = entry["responders"]["of_100"]
        title = f"Of 100 people given {treatment_name(entry)}"
        found.append(_people(f"benefit-{place}", treatment_name(entry), title, counts))
    return found


def harm_icons(document: dict[str, Any]) -> list[Titled]:
    """Return, of 100 people under each treatment, how many to expect with its most frequent harms."""
    found = []
    for place, entry in enumerate(document["treatments"], start=1):
        known = [harm for harm in entry["harms"] if harm["expected"] is not None]
        counted = [(round(harm["expected"]), harm) for harm in known]
        most = sorted((each for each in counted if 1 <= each[0] <= 100), key=lambda each: -each[0])
        for number_of, (count, harm) in enumerate(most[:MOST_HARMS], start=1):
            name = f"{harm['event']}{' (serious)' if harm['serious'] else ''}"
            counts = {"harmed": count, "not harmed": 100 - count}
            title = f"Of 100 people given {treatment_name(entry)}: {name}"
            found.append(_people(f"harm-{place}-{number_of}", f"{name}, {entry['name']}", title, counts))
    return found


def harm_table(entry: dict[str, Any]) -> Table:
    """Return all harms of a treatment, with what each number rests on."""
    rows: list[Row] = [
        (
            f"{harm['event']}{' (serious)' if harm['serious'] else ''}",
            "not known" if harm["expected"] is None else short_text(harm["expected"], 2),
            "-" if harm["interval95"] is None else interval_text(harm["interval95"], 1, signed=False),
            f"{harm['basis']}; {harm['scaled']}",
            f"{harm['source']}, {harm['grade']}",
        )
        for harm in entry["harms"]
    ]
    columns = (words("event"), number("of 100"), number("95 % interval"), words("basis"), words("source"))
    return Table(columns, rows, title=f"Harms to expect: {treatment_name(entry)}")


def rival_dots(document: dict[str, Any]) -> Drawing:
    """Return the mean change of pain under each rival explanation."""
    rows: dict[str, list[Dot]] = {}
    cells: list[Row] = []
    for kind, entry in zip(KINDS, document["treatments"], strict=False):
        for name, rival in entry["pain"]["by_rival"].items():
            mean, reach = rival["mean"], NINETY_FIVE * rival["standard_error"]
            rows.setdefault(name, []).append(Dot(kind, mean, mean - reach, mean + reach))
            cells.append(
                (name, treatment_name(entry), fixed_text(mean, 2, signed=True),
                 interval_text((mean - reach, mean + reach)), str(rival["people"]), rival["says"])
            )  # fmt: skip
    columns = (words("rival"), words("treatment"), number("mean"), number("95 % interval"), number("people"),
               words("it says"))  # fmt: skip
    title = "Change of pain under each rival explanation"
    says = " ".join(f"{treatment_name(each)}: {rival_sentence(each)}" for each in document["treatments"])
    caption = "Dot: mean of the people who live under the rival. Line: how well 400 people show it."
    drawn = dots("rivals", title, says, rows, PAIN_LEVELS)
    return Drawing(title, says, caption, drawn, Table(columns, cells))


def basis_bars(document: dict[str, Any]) -> Drawing:
    """Return how much of each answer rests on data, and how much on priors."""
    found: dict[str, float] = {}
    for entry in document["treatments"]:
        rows = basis_rows(entry["posterior"], entry["share_by_status"])
        data = rows[rows["kind"] == "rests on data"].set_index("bar")["share"]
        found[f"uncertain numbers behind {entry['name']}"] = float(data["numbers of this run"])
        found["all numbers of the disease"] = float(data["numbers of the disease"])
    title = "What rests on data and what on judgement"
    says = "; ".join(f"{label}: {percent_text(share)} rest on data" for label, share in found.items())
    caption = (
        "Of the uncertain numbers those count as data that the evidence has narrowed by a tenth or more; the "
        "others are priors."
    )
    table = Table(
        (words("what"), number("rests on data"), number("rests on judgement")),
        [(label, percent_text(share), percent_text(1 - share)) for label, share in found.items()],
    )
    return Drawing(title, says, caption, shares("basis", title, says, found), table)


def _people(name: str, heading: str, title: str, counts: dict[str, int]) -> Titled:
    says = "; ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    shown = icons(name, title, says, {ICON_KINDS[kind]: count for kind, count in counts.items()})
    table = Table((words("people"), number("of 100")), [(kind, str(count)) for kind, count in counts.items()])
    key = tuple((ICON_KINDS[kind], f"{count} {kind}") for kind, count in counts.items() if count)
    return Titled(heading, Drawing(title, says, "", shown, table), key)


def _weekly_table(document: dict[str, Any], quantiles: dict[str, Any], unit: str) -> Table:
    columns = (words("treatment"), number("week"), number("median"), number("half of the people"),
               number("nine of ten people"))  # fmt: skip
    rows: list[Row] = [
        (name, f"{week:g}", fixed_text(middle, 2), interval_text((lower, upper), signed=False),
         interval_text((low, high), signed=False))
        for name, each in quantiles.items()
        for week, (low, lower, middle, upper, high) in zip(_weeks(document), each, strict=True)
    ]  # fmt: skip
    return Table(columns, rows, title=f"By week, {unit}")


def _weeks(document: dict[str, Any]) -> list[float]:
    return [day / WEEK for day in document["times_days"]]


def _pain(change: float) -> str:
    """Return a change of pain in words."""
    if abs(change) < 0.005:
        return "as much pain"
    return f"{abs(change):.2f} points {'less' if change < 0 else 'more'} pain"


def colour(kind: str) -> Markup:
    """Return a small square in the colour of a treatment."""
    square = Markup('<rect width="10" height="10" rx="2"/>')
    return Markup('<svg viewBox="0 0 10 10" aria-hidden="true" class="swatch {}">{}</svg>').format(
        kind, square
    )
