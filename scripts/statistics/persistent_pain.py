"""Pain of persistent patients in the model, beside a clinic's and beside those whom trials select.

    python scripts/statistics/persistent_pain.py [WORLDS] [PEOPLE] > docs/concepts/persistent-pain.md

People are injured in every world of the product posterior under every rival. Those who meet the Budapest
clinical criteria three months later are the clinic's; each is asked for the pain of one day, once, at a time
drawn evenly from one to five years after the injury. Trials screen people of their own window by their own
rule.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.evidence.lookup import figure_at
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.natural_history import FEWEST, reported_pain, seen_at
from calor.population.patients import draw_patients
from calor.population.screening import screen
from calor.population.severity import meets_budapest_clinical
from calor.population.simulation import ACCURACY
from calor.population.treated_models import TreatedModels
from calor.population.uncertainty import restricted
from calor.trial.bank.default_posterior import default_posterior
from calor.trial.bank.scenario import Scenario
from calor.trial.protocols.published import published_protocol

Numbers = NDArray[np.float64]

TRIALS = ("goebel-2017-lips", "goebel-2018-mycophenolate", "isrctn12908996-anakinra")
CLINIC, STILL = "the clinic's, asked later", "of these, who still meet the criteria"
DIAGNOSED, ASKED = "month 3", "one to five years"
SEED = 1
PAGE = """\
# Pain of persistent patients

Trials in long-standing CRPS report a mean pain near 7 of 10; a clinic that telephoned people whose CRPS had
lasted over a year found {arslan}, one to five years after diagnosis (`arslan-2026-long-term`). Both can
be true: a trial asks for pain of at least 5 or 6. This page shows both in the model: mean (SD) of the pain
that people report, each averaged over worlds.

| group | all rivals | {rivals} |
|---|---|{line}
{rows}

| published | pain |
|---|---|
| a clinic's, 1 to 5 years after diagnosis (Arslan 2026, n 116) | {arslan} |
| persistent CRPS in a tertiary clinic, median 7 years (E18, n 53) | {clinic} |
| goebel-2018-mycophenolate, at least 5 of 10 | {trial} by arm |

- Everybody whom a clinic diagnosed is, one to five years later, {clinic_apart:+.1f} points from the published
  mean in the model, with an SD that is {spread_apart:+.1f} from the published one: {none:.0%} of them report
  0 or 1 and {most:.0%} report 8 or more.
- Those who still meet the criteria are {still_apart:+.1f} points from it. Whether the clinic telephoned those
  who had recovered too was not read. If it did not, this is the row to compare.
- The rule of entry alone makes most of the difference between a clinic's patients and a trial's: the anakinra
  trial's asks for a mean of 6 without a value below 5.
- No fit uses these numbers: they are a check. The clinic's patients were treated, and those who answer a
  telephone are selected again.

Made by `scripts/statistics/persistent_pain.py {worlds} {people}` from {origin}, seed {seed};
rivals weigh the same. The trials' rows are the mean of the run-in diary of whoever meets the trial's own
rule of time and pain.
"""


@dataclass(frozen=True)
class Group:
    """The pain of one group: by rival, everybody's in each world that has enough of them."""

    name: str
    pain: dict[str, list[Numbers]]

    def mean_sd(self, rival: str | None = None) -> tuple[float, float]:
        """Return mean and SD between people, averaged over worlds, under one rival or over all."""
        chosen = [worlds for name, worlds in self.pain.items() if rival in {None, name}]
        means = [np.mean([values.mean() for values in worlds]) for worlds in chosen]
        spreads = [np.mean([values.std() for values in worlds]) for worlds in chosen]
        return float(np.mean(means)), float(np.mean(spreads))

    def share(self, low: float, high: float) -> float:
        """Return the share of people who report a value from low to high."""
        everybody = np.concatenate([values for worlds in self.pain.values() for values in worlds])
        return float(((everybody >= low) & (everybody <= high)).mean())


def main(worlds: int, people: int) -> None:
    """Write the page to standard output."""
    scenario = Scenario(default_posterior(set()))
    groups = {group.name: group for group in _groups(scenario, worlds, people)}
    rivals = [rival.name for rival in load_rivals()]
    arslan = figure_at("arslan-2026-long-term", "outcomes[pain].numbers.pain")
    clinic = figure_at("E18", "pain")
    (mean, spread), (still, _) = groups[CLINIC].mean_sd(), groups[STILL].mean_sd()
    posterior = scenario.posterior
    print(
        PAGE.format(
            arslan=_read("arslan-2026-long-term", "outcomes[pain].numbers.pain"),
            rivals=" | ".join(rivals),
            line="---|" * len(rivals),
            rows="\n".join(_row(group, rivals) for group in groups.values()),
            clinic=f"median {clinic.value:g}, quartiles {clinic.quartiles[0]:g} to {clinic.quartiles[1]:g}",
            trial=" and ".join(
                _read("goebel-2018-mycophenolate", f"arms[{arm}].baseline_pain") for arm in (0, 1)
            ),
            clinic_apart=round(mean - arslan.value, 1) + 0.0,
            spread_apart=round(spread - arslan.sd, 1) + 0.0,
            still_apart=round(still - arslan.value, 1) + 0.0,
            none=groups[CLINIC].share(0, 1),
            most=groups[CLINIC].share(8, 10),
            worlds=worlds,
            people=people,
            origin=f"the posterior `{posterior.name}` of {posterior.date}" if posterior else "the priors",
            seed=SEED,
        ),
        end="",
    )


def _read(record: str, path: str) -> str:
    figure = figure_at(record, path)
    return f"{figure.value:g} ({figure.sd:g})"


def _groups(scenario: Scenario, worlds: int, people: int) -> Iterator[Group]:
    """Yield the clinic's people asked later, those who still meet the criteria, and each trial's."""
    models, stream = TreatedModels(load_disease()), Stream(SEED)
    kernel, draws = models.kernel(()), np.repeat(np.arange(worlds), people)
    found: dict[str, dict[str, list[Numbers]]] = {}
    for rival in load_rivals():
        values = restricted(scenario.worlds(models.table, rival, stream, worlds), rival.sets)
        patients = draw_patients(models.table, values, stream, np.arange(worlds * people), draws)
        later = 12 + 48 * stream.child("asked").uniforms(patients.identifiers, 1)[:, 0]
        times = {DIAGNOSED: np.full(len(patients), 3 * DAYS_PER_MONTH), ASKED: later * DAYS_PER_MONTH}
        history = seen_at(times, kernel, patients, stream, ACCURACY)
        pain = reported_pain(history, ASKED)
        clinic = history.lived & meets_budapest_clinical(history.visits[DIAGNOSED].items) & np.isfinite(pain)
        still = clinic & meets_budapest_clinical(history.visits[ASKED].items)
        found.setdefault(CLINIC, {})[rival.name] = _by_world(pain, clinic, draws)
        found.setdefault(STILL, {})[rival.name] = _by_world(pain, still, draws)
        for trial in TRIALS:
            rule = published_protocol(trial).population
            seen = screen(rule, kernel, patients, stream, ACCURACY, Silent())
            found.setdefault(trial, {})[rival.name] = _by_world(seen.pain, seen.eligible, draws)
    for name, by_rival in found.items():
        yield Group(name, by_rival)


def _by_world(pain: Numbers, chosen: NDArray[np.bool_], draws: NDArray[np.int64]) -> list[Numbers]:
    parts = [pain[chosen & (draws == world)] for world in np.unique(draws)]
    return [part for part in parts if len(part) >= FEWEST]


def _row(group: Group, rivals: list[str]) -> str:
    cells = [group.mean_sd(), *(group.mean_sd(rival) for rival in rivals)]
    return f"| {group.name} | " + " | ".join(f"{mean:.1f} ({spread:.1f})" for mean, spread in cells) + " |"


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], *("20", "250")[len(sys.argv) - 1 :])))
