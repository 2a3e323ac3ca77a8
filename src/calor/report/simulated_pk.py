"""ADPPK of one simulated trial: doses and drug concentrations in the words of NONMEM, marked as simulated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from calor.core.streams import Stream
from calor.report.simulated_data import MARK, subjects_of
from calor.report.simulated_doses import GivenDoses, given_doses
from calor.therapy.dosing import amount_of
from calor.trial.bank.bank import Bank
from calor.trial.conduct.observation import Observed
from calor.trial.protocols.plan import Plan
from calor.trial.results.exposures import Samples

COLUMNS = [
    "USUBJID", "TIME", "EVID", "AMT", "RATE", "DRUG", "ROUTE",
    "PARAMCD", "PARAM", "AVAL", "AVALU", "DV", "MDV",
]  # fmt: skip


def adppk(
    plan: Plan, bank: Bank, observed: Observed, samples: tuple[Samples, ...], seed: int
) -> pd.DataFrame:
    """Return ADPPK of the first replicate that was observed: a row a dose taken, and a row a sample.

    TIME is in days from study day 1, AMT in mg (of IgG too), RATE in mg a day (0: at once). A dose has EVID 1
    and no AVAL; a sample has EVID 0 and the true concentration, without assay error, as AVAL and DV. Doses
    from the day of stopping on, and everything after loss, are left out.
    """
    rows = [*_doses(plan, bank, observed, Stream(seed)), *_samples(plan, observed, samples)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    # A dose comes before a sample of the same time, as NONMEM takes them.
    table = table.sort_values(["USUBJID", "TIME", "EVID"], ascending=[True, True, False], kind="stable")
    return table.assign(STUDYID=plan.protocol.id, **MARK).reset_index(drop=True)


def _samples(plan: Plan, observed: Observed, samples: tuple[Samples, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of concentrations."""
    subjects = subjects_of(plan, observed)
    for each in samples:
        drug, unit = each.drug, each.quantity.unit
        code, label = drug.id.replace("-", "").upper()[:8], f"{drug.name}: {each.quantity.symbol}"
        for place, values in zip(each.places, each.values, strict=True):
            for time, value in zip(each.times, values, strict=True):
                if np.isfinite(value):
                    yield (
                        subjects[place], time, 0, 0.0, 0.0, drug.id, "", code, label, value, unit, value, 0,
                    )  # fmt: skip


def _doses(plan: Plan, bank: Bank, observed: Observed, stream: Stream) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of doses that are taken before stopping and loss."""
    for place, subject in enumerate(subjects_of(plan, observed)):
        weight = float(bank.patients.values["body_weight"][observed.people[0, place]])
        for given in given_doses(plan, bank, observed, place, stream):
            yield from _taken(subject, given, observed.lost[0, place], weight)


def _taken(subject: str, given: GivenDoses, lost: float, weight: float) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a treatment's doses that are taken before loss."""
    dose, treatment = iter(given.taken), given.treatment
    for record in treatment.regimen.records:
        amount = record.amount if record.procedure else amount_of(record, weight)
        rate = amount / record.duration_days if record.duration_days else 0.0
        for time in record.times_days:
            if next(dose) and given.start + time < lost:
                yield (
                    subject, given.start + time, 1, amount, rate, treatment.drug.id, str(record.route or ""),
                    "", "", np.nan, "", np.nan, 1,
                )  # fmt: skip
