"""How long visitors wait, and how much they load: `python -m scripts.browser.latencies`, on a quiet machine.

Printed are, each beside its bar: seconds from the start of the server to its first answer; for Explore a new
kind of patient, a rare one (who matches one candidate in a hundred), a new regimen for people who are known,
and the same question again; the largest page, as gzip; and what 20 users see. It ends with 1 where a bar is
missed.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from scripts.browser.chromium import server
from scripts.browser.load import READ, crowd, late_of, warm
from scripts.browser.screenshots import THREE

REGIMENS = (
    "30 mg oral daily for 7 days",
    "20 mg oral daily for 21 days",
    "50 mg oral daily for 10 days",
)
COMMON = ({"phenotype": "warm"}, {"cytokines": "low"}, {"antibody": "no"})
"""Kinds of patient, each asked for at a duration that nothing else asks for."""

RARE = {"phenotype": "warm", "cytokines": "high", "antibody": "yes", "pain_at_least": 6}
"""At three years one candidate in a hundred is such a person: 38,400 are screened for 400."""


@dataclass(frozen=True)
class Measured:
    """What was measured. Arguments: what, how much, the bar, and the unit."""

    what: str
    value: float
    bar: float
    unit: str

    @property
    def held(self) -> bool:
        """Whether the bar is held."""
        return self.value <= self.bar

    def __str__(self) -> str:
        verdict = "held" if self.held else "MISSED"
        return f"{self.what:<42} {self.value:>9.3f} {self.unit:<3} (bar {self.bar:g}) {verdict}"


def main() -> None:
    """Print what was measured; end with 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="calor-latencies-") as runs:
        began = time.monotonic()
        with server("--runs", runs) as address:
            _seconds(address, "/explore")
            first = Measured("start to first answer", time.monotonic() - began, 5.0, "s")
            for measured in (first, *_explored(address), *_loaded(address), *_crowded(address, given)):
                print(measured, flush=True)
                missed += not measured.held
    raise SystemExit(bool(missed))


def _explored(address: str) -> Iterator[Measured]:
    """Yield the medians of three questions of each kind, each new to the server but for the last."""
    kinds = [_question(duration_months=7 + place, **traits) for place, traits in enumerate(COMMON)]
    new = [_seconds(address, each) for each in kinds]
    yield Measured("Explore: a new kind of patient", statistics.median(new), 1.0, "s")
    rare = [_seconds(address, _question(duration_months=35 + place, **RARE)) for place in range(3)]
    yield Measured("Explore: a rare kind of patient", statistics.median(rare), 1.0, "s")
    regimens = [_question(duration_months=7, regimen=each, **COMMON[0]) for each in REGIMENS]
    others = [_seconds(address, each) for each in regimens]
    yield Measured("Explore: a new regimen, the same people", statistics.median(others), 0.3, "s")
    again = [_seconds(address, each) for each in kinds]
    yield Measured("Explore: the same question again", statistics.median(again), 0.05, "s")


def _loaded(address: str) -> Iterator[Measured]:
    """Yield the largest of the pages, compressed."""
    pages = [path for path in READ if not path.startswith("/api/")]
    pages.append("/explore?" + urlencode(THREE, doseq=True))
    sizes = {path: len(gzip.compress(_read(address, path))) / 1000 for path in pages}
    largest = max(sizes, key=lambda path: sizes[path])
    yield Measured(f"largest page, gzip ({largest.partition('?')[0]})", sizes[largest], 100.0, "kB")


def _crowded(address: str, given: argparse.Namespace) -> Iterator[Measured]:
    """Yield what many users at once see."""
    warm(address)
    seen = crowd(address, given.users, given.seconds, pause=1.0)
    yield Measured(f"{given.users} users: errors of {len(seen.waited)} requests", len(seen.wrong), 0.0, "")
    yield Measured(f"{given.users} users: 95th percentile", late_of(seen), 3.0, "s")


def _question(regimen: str = "40 mg oral daily for 14 days", **traits: object) -> str:
    return "/explore?" + urlencode({**traits, "drug": "prednisolone", "regimen": regimen})


def _seconds(address: str, path: str) -> float:
    began = time.monotonic()
    _read(address, path)
    return time.monotonic() - began


def _read(address: str, path: str) -> bytes:
    with urllib.request.urlopen(address + path, timeout=120) as answer:
        content: bytes = answer.read()
    return content


if __name__ == "__main__":
    main()
