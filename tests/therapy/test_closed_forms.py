"""Generated equations against closed forms at tight tolerance, solved by libRoadRunner."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from calor.regimen import parse_regimen
from calor.therapy import load_drug
from calor.therapy.compose import antimony_of
from calor.therapy.dosing import calendar_of
from calor.therapy.drug import Drug
from calor.therapy.library import read_drug
from tests.therapy.roadrunner_oracle import simulate

TIMES = [0.05, 0.5, 1.0, 2.0, 7.0, 20.0]
DRUGS = Path(__file__).parent / "drugs"


def concentrations(drug: Drug, regimen: str, weight: float = 70.0) -> np.ndarray:
    calendar = calendar_of(parse_regimen(regimen), drug, weight)
    text = antimony_of(drug).replace("body_weight = 70", f"body_weight = {weight}")
    return simulate(text, calendar, TIMES, [f"{drug.prefix}_concentration"])[:, 0]


def two_compartment_bolus(
    dose: float, cl: float, v1: float, q: float, v2: float, t: np.ndarray
) -> np.ndarray:
    k10, k12, k21 = cl / v1, q / v1, q / v2
    total = k10 + k12 + k21
    root = math.sqrt(total * total - 4 * k10 * k21)
    alpha, beta = (total + root) / 2, (total - root) / 2
    a = (alpha - k21) / (alpha - beta)
    b = (k21 - beta) / (alpha - beta)
    return dose / v1 * (a * np.exp(-alpha * t) + b * np.exp(-beta * t))


def test_two_compartments_after_a_bolus() -> None:
    exact = two_compartment_bolus(350, 0.273, 3.06, 1.72, 2.94, np.array(TIMES))
    assert concentrations(load_drug("infliximab"), "5 mg/kg iv at day 1") == pytest.approx(exact, rel=1e-8)


def test_two_compartments_scale_with_weight() -> None:
    cl, q = (value * (100 / 70) ** 0.865 for value in (0.273, 1.72))
    v1, v2 = (value * (100 / 70) ** 0.957 for value in (3.06, 2.94))
    exact = two_compartment_bolus(500, cl, v1, q, v2, np.array(TIMES))
    given = concentrations(load_drug("infliximab"), "5 mg/kg iv at day 1", weight=100)
    assert given == pytest.approx(exact, rel=1e-8)


def test_an_infusion_is_the_mean_of_boluses_over_its_time() -> None:
    hours = np.linspace(0, 2 / 24, 2001)
    boluses = np.array(
        [
            np.trapezoid(two_compartment_bolus(350, 0.273, 3.06, 1.72, 2.94, time - hours), hours)
            for time in TIMES[1:]
        ]
    ) / (2 / 24)
    given = concentrations(load_drug("infliximab"), "5 mg/kg iv over 2 h at day 1")
    assert given[1:] == pytest.approx(boluses, rel=1e-6)


def test_one_compartment_after_a_first_order_dose_with_lag() -> None:
    drug = read_drug(DRUGS / "lagged.yaml")
    lag, ka, ke, volume, dose = 0.02, 5.0, 0.5, 10.0, 40 * 0.8
    t = np.clip(np.array(TIMES) - lag, 0, None)
    exact = dose / volume * ka / (ka - ke) * (np.exp(-ke * t) - np.exp(-ka * t))
    assert concentrations(drug, "40 mg oral at day 1") == pytest.approx(exact, rel=1e-7, abs=1e-12)


def test_transit_stages_give_a_gamma_distributed_arrival() -> None:
    """With absorption much faster than transit, the absorbed share is a gamma distribution function."""
    drug = read_drug(DRUGS / "chained.yaml")
    stages, mean_time, ka, volume, dose = 4, 0.5, 2.0, 10.0, 40.0
    rate = (stages + 1) / mean_time
    grid = np.linspace(0, 20, 400_001)
    arrival = stats.gamma(stages, scale=1 / rate).pdf(grid)
    ke = 0.5
    exact = []
    for time in TIMES:
        s = grid[grid <= time]
        t = time - s
        response = ka / (ka - ke) * (np.exp(-ke * t) - np.exp(-ka * t))
        exact.append(dose / volume * np.trapezoid(arrival[: len(s)] * response, s))
    assert concentrations(drug, "40 mg oral at day 1") == pytest.approx(exact, rel=1e-5, abs=1e-10)


def test_zero_order_absorption_is_an_infusion() -> None:
    drug = read_drug(DRUGS / "zero_order.yaml")
    ke, volume, length = 0.5, 10.0, 0.25
    t = np.array(TIMES)
    during = 40 / length / volume / ke * (1 - np.exp(-ke * np.minimum(t, length)))
    exact = during * np.exp(-ke * np.maximum(t - length, 0))
    assert concentrations(drug, "40 mg oral at day 1") == pytest.approx(exact, rel=1e-8)


def test_total_concentration_of_a_bound_drug() -> None:
    drug = load_drug("prednisolone")
    t = np.array(TIMES)
    unbound = 40 / 175 * np.exp(-46 * 24 / 175 * t)
    exact = unbound * (1 + 8.16 / (1 + 26.4 * unbound) + 1)
    assert concentrations(drug, "40 mg iv at day 1") == pytest.approx(exact, rel=1e-7, abs=1e-10)
