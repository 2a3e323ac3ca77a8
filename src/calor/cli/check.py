"""`calor check`: is the evidence, or a file of yours, sound?"""

from __future__ import annotations

import click

from calor.cli.lazy import LazyGroup

CHECKS: dict[str, tuple[str, str]] = {
    "evidence": ("check_evidence", "what is unverified, inconsistent or missing, and what to fetch first"),
    "model": ("check_model", "the disease model: units, tables, slots, outputs, rivals"),
    "study": ("check_study", "a study or protocol file of your own: people, arms, design, published numbers"),
    "drug": ("check_drug", "a drug file of your own: numbers, slots, regimens, safety"),
}


@click.group("check", cls=LazyGroup, table=CHECKS, epilog="Example: calor check evidence --add my-records")
def command() -> None:
    """Check the evidence base, or a file of your own."""
