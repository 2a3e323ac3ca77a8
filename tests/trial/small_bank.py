"""A real bank, small: the disease, two rivals, a few worlds, a few people; its courses are compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from calor.core.arrays import Numbers
from calor.core.documents import parse_document
from calor.core.progress import Progress, Silent
from calor.core.streams import Stream
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.study import Protocol
from calor.trial.bank.bank import Bank, BankBuilder, WorldsOf, prior_worlds
from calor.trial.bank.courses import Courses, prepare_courses
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol

TEXT = """\
id: small
title: A small real bank
population: {%s}
design: {type: parallel}
arms:
  - {name: IVIG, treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1, 15"}]}
  - {name: placebo}
patients: 40
visits: [14, 28]
endpoint: {%s}
analysis: {method: ancova}
conduct: {stopping: {per_month: 0.5}%s}
acknowledge: [thrombosis]
"""
ANYBODY = "duration_months: {at_least: 3, at_most: 24}, pain_nrs: {at_least: 0, run_in_days: 5}"
DIARY = "variable: pain-diary, from_day: 22, to_day: 28"
GRIP = "variable: grip, from_day: 28, to_day: 28"
SETTINGS = RunSettings(worlds=3, candidates=24, most_candidates=24, enough_eligible=24, fewest_eligible=1)
RIVALS = (load_rivals()[0], load_rivals()[5])


def small_protocol(population: str = ANYBODY, endpoint: str = DIARY, conduct: str = "") -> Protocol:
    return check_protocol(parse_document(TEXT % (population, endpoint, conduct), "trial.yaml"))


@cache
def compiled(endpoint: str) -> Courses:
    return prepare_courses(plan_of(small_protocol(endpoint=endpoint)), load_disease())


def builder(
    trial: Protocol,
    settings: RunSettings = SETTINGS,
    worlds: WorldsOf | None = None,
    progress: Progress | None = None,
    courses: Courses | None = None,
) -> BankBuilder:
    known = f"variable: {trial.endpoint.variable}, from_day: 28, to_day: 28"
    known = DIARY if trial.endpoint.variable == "pain-diary" else known
    return BankBuilder(plan_of(trial), courses or compiled(known), settings, progress or Silent(), worlds)


def small_bank(
    population: str = ANYBODY,
    endpoint: str = DIARY,
    conduct: str = "",
    settings: RunSettings = SETTINGS,
    worlds: WorldsOf | None = None,
) -> Bank:
    return builder(small_protocol(population, endpoint, conduct), settings, worlds).build(RIVALS)


def worlds_with(**held: float) -> WorldsOf:
    """Return the prior's worlds with some parameters held."""

    def worlds(table: ParameterTable, rival: Rival, stream: Stream, count: int) -> Mapping[str, Numbers]:
        return prior_worlds(table, rival, stream, count) | {
            name: np.full(count, value) for name, value in held.items()
        }

    return worlds  # type: ignore[return-value]
