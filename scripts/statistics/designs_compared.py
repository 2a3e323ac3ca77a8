"""Nine designs for two questions at equal patients, by the posterior that ships: a page of the docs.

    python -m scripts.statistics.designs_compared [WORLDS] [REPLICATES] > docs/concepts/designs-compared.md

Every design has the same patients, arms, level and conduct as far as it can: what differs is the design. The
recommendation follows stated criteria and nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.documents import parse_document
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.reading import check_protocol
from calor.trial.runs.document import result_document
from calor.trial.runs.named import posterior_of
from calor.trial.runs.pipeline import run_trial

LEAST_OF_EFFECT = 0.1
"""The share of the effect that a bias may be of, and not be held against a design."""
LEAST_COVERAGE = 0.9
ERRORS = 3
"""A type I error counts as above its level where it is so by more Monte Carlo errors than these."""


PAGE = """# Nine designs, compared

Two questions, nine designs, equal patients. `python -m scripts.statistics.designs_compared` makes this page,
with {worlds} worlds under each rival of the product posterior and {replicates:,} trials a design
(seed 1). Arms, window of the endpoint, level (0.025, one-sided) and conduct are the same; dose finding and
drop-the-losers have a lower dose beside the full one, and share the patients among three arms. In the
withdrawal trial that many responders are randomised, so more people enter. Assurance is power averaged over
what is believed, with its Monte Carlo error; the type I error stands with that of the worst corner of the
nuisance parameters; the true value is what each design's own question asks for (of dose finding and
drop-the-losers the full dose), in NRS points.

A design is recommended by three criteria in this order: the type I error is not above its level at any
corner, nor the bias above a tenth of the effect, by more than {errors} Monte Carlo errors, and the
interval covers the true value in at least {coverage:.0%} of trials; then the highest assurance, and among
those within two errors of it the shortest. An effect that rests on priors makes every assurance here a
judgement about the drug."""
HEAD = "| design | assurance | type I error (worst) | true value | bias | coverage | patients | months |"


@dataclass(frozen=True)
class Question:
    """A question that every design is to answer.

    Arguments: what is asked; how many patients; who may enter; the drug; regimens by the dose's name, the
    largest last, with the dose as a number; the days of a period that the endpoint takes, and how long a
    wash-out is; and the hazards that are provided for.
    """

    title: str
    patients: int
    months: tuple[int, int]
    drug: str
    doses: dict[str, tuple[float, str]]
    window: tuple[int, int]
    washout_days: int
    acknowledged: str

    @property
    def period_days(self) -> int:
        """The days of a period: until the endpoint has been seen."""
        return self.window[1]

    @property
    def full(self) -> str:
        """The name of the largest dose."""
        return list(self.doses)[-1]


EARLY = Question(
    title="Oral prednisolone in early CRPS",
    patients=24,
    months=(1, 6),
    drug="prednisolone",
    doses={
        "10 mg": (10, "10 mg oral daily for 14 days"),
        "30 mg": (30, "30 mg oral daily for 14 days"),
    },
    window=(8, 14),
    washout_days=28,
    acknowledged="glucose, adrenal-suppression, bone",
)
LASTING = Question(
    title="Immunoglobulin in long-standing CRPS",
    patients=96,
    months=(12, 60),
    drug="ivig",
    doses={
        "0.5 g/kg": (0.5, "0.5 g/kg iv at day 1"),
        "2 g/kg": (2, "2 g/kg iv at day 1"),
    },
    window=(15, 28),
    washout_days=84,
    acknowledged="thrombosis",
)


def designs(question: Question) -> dict[str, str]:
    """Return the protocols as text, by the name of the design."""
    days, washout = question.period_days, question.washout_days
    one, several = [question.full], list(question.doses)
    curves = f"[{{shape: linear}}, {{shape: emax, ed50: {question.doses[several[0]][0]:g}}}]"
    of_dose = ", ".join(f"{name}: {dose:g}" for name, (dose, _) in question.doses.items())
    half = question.patients // 2
    asked: dict[str, tuple[str, list[str], str]] = {
        "parallel": ("{type: parallel}", one, "ancova"),
        "group-sequential": ("{type: group-sequential, looks: [0.5, 1.0], futility: [0.0]}", one, "ancova"),
        "sample-size-reestimation": (
            f"{{type: sample-size-reestimation, interim_patients: {half}, most_patients: {question.patients},"
            " assumed_difference: 1, power: 0.8}",
            one,
            "ancova",
        ),
        "response-adaptive": (
            f"{{type: response-adaptive, burn_in_patients: {half}, block_patients: {half // 2}}}",
            one,
            "ancova",
        ),
        "crossover": (
            f"{{type: crossover, period_days: {days}, washout_days: {washout}}}",
            one,
            "crossover-mixed",
        ),
        "n-of-1": (
            f"{{type: n-of-1, cycles: 2, period_days: {days}, washout_days: {washout}}}",
            one,
            "n-of-1-mixed",
        ),
        "randomised-withdrawal": (
            f"{{type: randomised-withdrawal, open_run_in: {{days: {days}, reduction_percent: 30,"
            " response_days: 7}}",
            one,
            "ancova",
        ),
        "dose-finding": (
            f"{{type: dose-finding, doses: {{{of_dose}}}, curves: {curves}, target: 1}}",
            several,
            "ancova",
        ),
        "drop-the-losers": (
            f"{{type: drop-the-losers, interim_patients: {half}, keep: 1}}",
            several,
            "ancova",
        ),
    }
    return {name: _text(question, name, *given) for name, given in asked.items()}


def _text(question: Question, name: str, design: str, doses: list[str], method: str) -> str:
    arms = "".join(
        f"  - name: {dose}\n"
        f"    treatments: [{{drug: {question.drug}, regimen: {question.doses[dose][1]!r}}}]\n"
        for dose in doses
    )
    return (
        f"id: compared-{name}\ntitle: {question.title}, {name}\nquestion: Does it lower pain?\n"
        f"population: {{duration_months: {{at_least: {question.months[0]}, at_most: {question.months[1]}}},"
        " pain_nrs: {at_least: 4, run_in_days: 7}}\n"
        f"design: {design}\narms:\n{arms}  - name: placebo\n"
        f"patients: {question.patients}\n"
        f"endpoint: {{variable: pain-diary, from_day: {question.window[0]}, to_day: {question.window[1]}}}\n"
        f"analysis: {{method: {method}, alpha: 0.025, sided: 1}}\n"
        "conduct: {dropout_per_month: 0.02, accrual: {sites: 8, patients_per_site_per_month: 0.5}}\n"
        f"acknowledge: [{question.acknowledged}]\n"
    )


@dataclass(frozen=True)
class Row:
    """What a design does. Arguments: its name, the document of its run."""

    name: str
    found: dict[str, Any]

    @property
    def operating(self) -> dict[str, Any]:
        """The operating characteristics."""
        characteristics: dict[str, Any] = self.found["operating_characteristics"]
        return characteristics

    @property
    def power(self) -> tuple[float, float]:
        """The assurance with its Monte Carlo error."""
        found = self.operating["assurance"]
        return found["estimate"], found["mc_error"]

    @property
    def months(self) -> float:
        """How long it takes from the first patient to the last visit, as expected."""
        return float(self.operating["days"]) / DAYS_PER_MONTH

    def faults(self) -> Iterator[str]:
        """Yield why it is not recommended, whatever its power."""
        worst = self.operating["type_one_error"]["worst_corner"]
        if worst["value"] > 0.025 + ERRORS * worst["mc_error"]:
            yield f"its type I error reaches {worst['value']:.3f}"
        estimator = self.operating["estimator"][-1]
        true, bias = estimator["true_value"]["value"], estimator["bias"]["value"]
        if abs(bias) > LEAST_OF_EFFECT * abs(true) + ERRORS * estimator["bias"]["mc_error"]:
            yield f"its estimate is biased by {bias:+.2f} of {true:.2f}"
        if estimator["coverage"]["value"] < LEAST_COVERAGE:
            yield f"its interval covers the true value in {estimator['coverage']['value']:.0%} of trials"

    def line(self) -> str:
        """Return its row of the table."""
        operating, estimator = self.operating, self.operating["estimator"][-1]
        first, worst = operating["type_one_error"], operating["type_one_error"]["worst_corner"]
        power, error = self.power
        cells = (
            self.name,
            f"{power:.2f} ± {error:.2f}",
            f"{first['value']:.3f} ({worst['value']:.3f})",
            f"{estimator['true_value']['value']:.2f}",
            f"{estimator['bias']['value']:+.3f} ± {estimator['bias']['mc_error']:.3f}",
            f"{estimator['coverage']['value']:.2f}",
            f"{operating['patients']['value']:.0f}",
            f"{self.months:.0f}",
        )
        return f"| {' | '.join(cells)} |"


def compared(question: Question, settings: RunSettings) -> list[Row]:
    """Return every design of a question, run on the same worlds."""
    scenario = Scenario(posterior_of(None, {"planned"}))
    rows = []
    for name, text in designs(question).items():
        protocol: Protocol = check_protocol(parse_document(text, f"{name}.yaml"))
        run = run_trial(protocol, settings, Silent(), scenario)
        rows.append(Row(name, result_document(run, {})))
        print(f"{question.title}: {name}", file=sys.stderr)
    return rows


def recommended(rows: list[Row]) -> str:
    """Return in words what the criteria leave: the most powerful sound design, and those tied with it."""
    sound = [row for row in rows if not list(row.faults())]
    if not sound:
        return "No design here is sound by the criteria."
    best = max(sound, key=lambda row: row.power[0])
    apart = 2 * best.power[1]
    tied = sorted((row for row in sound if best.power[0] - row.power[0] <= apart), key=lambda row: row.months)
    others = ", ".join(f"{row.name} ({row.power[0]:.2f}, {row.months:.0f} months)" for row in tied[1:])
    first = tied[0]
    said = f"**{first.name}**: assurance {first.power[0]:.2f} in {first.months:.0f} months"
    return f"{said}; within Monte Carlo error of it: {others}." if others else f"{said}."


def main() -> None:
    """Write the page."""
    worlds, replicates = (int(given) for given in (*sys.argv[1:3], *("40", "2000")[len(sys.argv) - 1 :]))
    settings = RunSettings(worlds=worlds, replicates=replicates, executor=Threads(os.cpu_count() or 1))
    print(PAGE.format(coverage=LEAST_COVERAGE, worlds=worlds, replicates=replicates, errors=ERRORS))
    for question in (EARLY, LASTING):
        rows = compared(question, settings)
        print(f"\n## {question.title}, {question.patients} patients\n")
        print(
            "| design | assurance | type I error (worst) | true value | bias | coverage | patients | months |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for row in rows:
            print(row.line())
        print(f"\nRecommended: {recommended(rows)}")
        faults = [(row.name, fault) for row in rows for fault in row.faults()]
        if faults:
            print("\nLeft out: " + "; ".join(f"{name}, {fault}" for name, fault in faults) + ".")


if __name__ == "__main__":
    main()
