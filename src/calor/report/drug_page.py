"""A drug, and the drug library, as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from calor.evidence.table import DIRECTION_IN_WORDS, TableRow
from calor.report.numbers import percent_text, short_text
from calor.report.tables import Table, label, number, words
from calor.therapy.checking import CheckOutcome
from calor.therapy.drug import Drug
from calor.therapy.inventory import numbers_of, share_of_status
from calor.therapy.safety import expected_events


def print_library(console: Console, drugs: Sequence[Drug]) -> None:
    """Print one row a drug: id, routes, what it acts on, how much of it is assumed."""
    rows = [
        (
            drug.id,
            ", ".join(drug.pharmacokinetics.routes) or "procedure",
            ", ".join(_acts_on(drug)),
            percent_text(share_of_status(drug)["assumed"]),
        )
        for drug in drugs
    ]
    columns = (label("id"), words("routes"), words("acts on"), number("assumed"))
    console.print(Table(columns, rows, title="The drug library"))
    console.print("Assumed: the share of a drug's numbers set by judgement. One drug: calor drug ID")


def _acts_on(drug: Drug) -> list[str]:
    """Return the slots that a drug acts on, or the states that a procedure removes."""
    slots = list(dict.fromkeys(action.slot for action in drug.actions))
    return slots or [removal.state for removal in drug.removals]


def print_drug(
    console: Console, drug: Drug, outcomes: Sequence[CheckOutcome], studies: Sequence[TableRow]
) -> None:
    """Print a drug: every number with its source, regimens, safety, its studies in CRPS, published facts."""
    console.print(Text.assemble((drug.name, "bold"), f" ({drug.id}) · {drug.kind}"))
    console.print(drug.summary)
    console.print(f"Not represented: {drug.pharmacokinetics.not_represented}")
    _print_numbers(console, drug)
    console.print(regimens_table(drug))
    console.print(safety_table(drug))
    for heading, lines in (
        ("Contraindications", drug.safety.contraindications),
        ("Monitoring", drug.safety.monitoring),
        ("To acknowledge in a protocol", [f"{a.id}: {a.statement}" for a in drug.safety.acknowledgements]),
    ):
        console.print(heading, style="bold")
        for line in lines or ["none"]:
            console.print(f"  - {line}")
    console.print(_studies_table(studies) if studies else "No study of it in CRPS is on record.")
    console.print(_checks_table(outcomes))
    for outcome in outcomes:
        if outcome.check.fails_because:
            console.print(f"! {outcome.check.name}: {outcome.check.fails_because}")
    console.print("Sources", style="bold")
    for key, source in drug.sources.items():
        console.print(f"  {key}: {source.citation}{f' {source.url}' if source.url else ''}")


def _print_numbers(console: Console, drug: Drug) -> None:
    """Print every number on a line, with its reason below."""
    console.print(Text.assemble(("Numbers", "bold"), " (value · between people · status, grade · source)"))
    for name, own in numbers_of(drug):
        parts = [f"{own.value:g} {'' if own.unit == '1' else own.unit}".strip()]
        if own.spread.patients:
            parts.append(f"CV {percent_text(own.spread.patients)}")
        parts += [f"{own.status}, {own.grade}", own.source]
        console.print(Text.assemble(f"  {name.replace('_', ' ')}: ", (" · ".join(parts), "bold")))
        console.print(Padding(own.rationale, (0, 0, 0, 6)), style="dim")


def regimens_table(drug: Drug) -> Table:
    """Return the usual regimens and the labelled maximum, each with source and grade."""
    rows = [(usual.regimen, usual.indication, f"{usual.source}, {usual.grade}") for usual in drug.regimens]
    for limit in drug.labelled_maximum:
        amount = (
            f"at most {limit.amount.value:g} {'plasma volumes' if drug.is_procedure else limit.amount.unit}"
        )
        rows.append(
            (
                f"{amount} {limit.route or ''} {limit.window_text}".replace("  ", " "),
                limit.amount.rationale,
                f"{limit.amount.source}, {limit.amount.grade}",
            )
        )
    columns = (words("regimen"), words("for"), words("source, grade"))
    return Table(columns, rows, title="Usual regimens and maximum")


def safety_table(drug: Drug) -> Table:
    """Return the adverse events to expect, each with what that rests on."""
    rows = []
    for event in expected_events(drug, patients=100, years=1.0):
        expected = "not known" if event.expected is None else short_text(event.expected, 2)
        if event.interval is not None:
            expected += f" ({' to '.join(short_text(end, 2) for end in event.interval)})"
        name = f"{event.event}{' (serious)' if event.serious else ''}"
        basis = f"{event.basis}; {event.scaled}; {event.source}, {event.grade}"
        rows.append((name, expected, basis))
    columns = (words("event"), words("expected (95 % interval)"), words("basis"))
    return Table(columns, rows, title="Safety: expected in 100 people over a year")


def _studies_table(studies: Sequence[TableRow]) -> Table:
    rows = [
        (
            row.id,
            "?" if row.n is None else str(row.n),
            f"{DIRECTION_IN_WORDS[row.direction]} ({row.design}, {row.phase})",
            row.statement,
        )
        for row in studies
    ]
    columns = (words("study"), number("n"), words("result"), words("in one sentence"))
    return Table(columns, rows, title="Studies in CRPS (calor evidence ID: one in full)")


def _checks_table(outcomes: Sequence[CheckOutcome]) -> Table:
    rows = [
        (
            outcome.check.name,
            f"{outcome.value:.3g} {outcome.check.unit}",
            f"{outcome.check.low:g} to {outcome.check.high:g}",
            f"{outcome.check.published} ({outcome.check.source}, {outcome.check.grade})",
            "yes" if outcome.holds else "NO",
        )
        for outcome in outcomes
    ]
    columns = (*map(words, ("fact", "here")), number("allowed"), words("published"), label("holds"))
    return Table(columns, rows, title="Published facts, simulated")
