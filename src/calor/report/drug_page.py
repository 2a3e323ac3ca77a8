"""A drug, and the drug library, as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from calor.evidence.table import DIRECTION_IN_WORDS, TableRow
from calor.therapy.checking import CheckOutcome
from calor.therapy.drug import Drug
from calor.therapy.inventory import numbers_of, share_of_status
from calor.therapy.safety import expected_events


def print_library(console: Console, drugs: Sequence[Drug]) -> None:
    """Print one row a drug: id, routes, what it acts on, how much of it is assumed."""
    table = _table("The drug library", "id", "routes", "acts on", "assumed")
    for drug in drugs:
        slots = dict.fromkeys(action.slot for action in drug.actions)
        acts = ", ".join(slots) or ", ".join(removal.state for removal in drug.removals)
        table.add_row(
            drug.id,
            ", ".join(drug.pharmacokinetics.routes) or "procedure",
            acts,
            f"{share_of_status(drug)['assumed']:.0%}",
        )
    console.print(table)
    console.print("Assumed: the share of a drug's numbers set by judgement. One drug: calor drug ID")


def print_drug(
    console: Console, drug: Drug, outcomes: Sequence[CheckOutcome], studies: Sequence[TableRow]
) -> None:
    """Print a drug: every number with its source, regimens, safety, its studies in CRPS, published facts."""
    console.print(Text.assemble((drug.name, "bold"), f" ({drug.id}) · {drug.kind}"))
    console.print(drug.summary)
    console.print(f"Not represented: {drug.pharmacokinetics.not_represented}")
    _print_numbers(console, drug)
    console.print(_regimens_table(drug))
    console.print(_safety_table(drug))
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
    for name, number in numbers_of(drug):
        parts = [f"{number.value:g} {'' if number.unit == '1' else number.unit}".strip()]
        if number.spread.patients:
            parts.append(f"CV {number.spread.patients:.0%}")
        parts += [f"{number.status}, {number.grade}", number.source]
        console.print(Text.assemble(f"  {name.replace('_', ' ')}: ", (" · ".join(parts), "bold")))
        console.print(Padding(number.rationale, (0, 0, 0, 6)), style="dim")


def _regimens_table(drug: Drug) -> Table:
    table = _table("Usual regimens and maximum", "regimen", "for", "source, grade")
    for usual in drug.regimens:
        table.add_row(usual.regimen, usual.indication, f"{usual.source}, {usual.grade}")
    for limit in drug.labelled_maximum:
        amount = (
            f"at most {limit.amount.value:g} {'plasma volumes' if drug.is_procedure else limit.amount.unit}"
        )
        table.add_row(
            f"{amount} {limit.route or ''} {limit.window_text}".replace("  ", " "),
            limit.amount.rationale,
            f"{limit.amount.source}, {limit.amount.grade}",
        )
    return table


def _safety_table(drug: Drug) -> Table:
    table = _table("Safety: expected in 100 people over a year", "event", "expected (95 % interval)", "basis")
    for event in expected_events(drug, patients=100, years=1.0):
        expected = "not known" if event.expected is None else f"{event.expected:.2g}"
        if event.interval is not None:
            expected += f" ({event.interval[0]:.2g} to {event.interval[1]:.2g})"
        name = f"{event.event}{' (serious)' if event.serious else ''}"
        table.add_row(name, expected, f"{event.basis}; {event.source}, {event.grade}")
    return table


def _studies_table(studies: Sequence[TableRow]) -> Table:
    table = _table(
        "Studies in CRPS (calor evidence ID: one in full)", "study", "n", "result", "in one sentence"
    )
    for row in studies:
        n = "?" if row.n is None else str(row.n)
        result = f"{DIRECTION_IN_WORDS[row.direction]} ({row.design}, {row.phase})"
        table.add_row(row.id, n, result, row.statement)
    return table


def _checks_table(outcomes: Sequence[CheckOutcome]) -> Table:
    table = _table("Published facts, simulated", "fact", "here", "allowed", "published", "holds")
    for outcome in outcomes:
        check = outcome.check
        table.add_row(
            check.name,
            f"{outcome.value:.3g} {check.unit}",
            f"{check.low:g} to {check.high:g}",
            f"{check.published} ({check.source}, {check.grade})",
            "yes" if outcome.holds else "NO",
        )
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
