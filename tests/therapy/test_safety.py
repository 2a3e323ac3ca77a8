"""Expected events: closed forms of beta, gamma and their predictive counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from calor.therapy import drug_ids, expected_events, load_drug
from calor.therapy.library import read_drug
from calor.therapy.safety import gamma_of
from calor.therapy.signals import Rate

DRUGS = Path(__file__).parent / "drugs"
NEEDS_ACKNOWLEDGEMENT = {
    "infliximab": {"tuberculosis", "hepatitis-b"},
    "adalimumab": {"tuberculosis", "hepatitis-b"},
    "etanercept": {"tuberculosis", "hepatitis-b"},
    "thalidomide": {"pregnancy"},
    "lenalidomide": {"pregnancy"},
    "mycophenolate": {"pregnancy"},
    "ivig": {"thrombosis"},
    "scig": {"thrombosis"},
    "prednisolone": {"glucose", "adrenal-suppression", "bone"},
    "prednisone": {"glucose", "adrenal-suppression", "bone"},
    "methylprednisolone": {"glucose", "adrenal-suppression", "bone", "intrathecal-steroid"},
}


def test_a_proportion_gives_the_jeffreys_posterior() -> None:
    (events,) = expected_events(read_drug(DRUGS / "lagged.yaml"), patients=100, years=0.5)
    posterior = stats.beta(3.5, 27.5)
    assert events.expected == pytest.approx(100 * posterior.mean())
    assert events.interval == pytest.approx(tuple(100 * posterior.ppf([0.025, 0.975])))
    assert events.predictive_interval is not None
    low, high = events.predictive_interval
    assert low < events.interval[0] < events.interval[1] < high


def test_a_rate_keeps_its_mean_and_interval() -> None:
    rate = Rate(kind="rate", per_1000_patient_years=42, lower=40, upper=44)
    shape, scale = gamma_of(rate)
    assert shape * scale == pytest.approx(0.042)
    assert stats.gamma(shape, scale=scale).ppf([0.025, 0.975]) == pytest.approx([0.040, 0.044], rel=5e-3)


def test_the_predictive_count_of_a_rate_agrees_with_simulation() -> None:
    drug = load_drug("infliximab")
    events = next(e for e in expected_events(drug, 400, 1.0) if e.event == "serious infection")
    shape, scale = gamma_of(drug.safety.signals[0].incidence)
    generator = np.random.default_rng(20261122)
    counts = generator.poisson(generator.gamma(shape, scale, 400_000) * 400)
    assert events.expected == pytest.approx(16.8)
    assert events.predictive_interval == pytest.approx(np.quantile(counts, [0.025, 0.975]), abs=1)


def test_what_was_not_read_is_not_made_up() -> None:
    events = {event.event: event for event in expected_events(load_drug("infliximab"), 100, 1.0)}
    assert events["tuberculosis"].expected == pytest.approx(0.383)
    assert events["tuberculosis"].interval is None
    assert events["cancer"].expected is None
    assert "no background rate was read" in events["cancer"].basis
    carriers = events["reactivation of hepatitis B (overt infection)"]
    assert carriers.expected is None
    assert carriers.interval is None
    assert "15.4 % (1.2 to 41.2) of carriers of hepatitis B" in carriers.basis


def test_a_printed_interval_of_a_percentage_is_kept() -> None:
    """Broersen 2015: 1.4 % (0.3 to 7.4) after a course under 28 days, so 2.8 (0.6 to 14.8) of 200."""
    events = {event.event: event for event in expected_events(load_drug("prednisolone"), 200, 0.1)}
    short = events["adrenal insufficiency on testing (course under 28 days)"]
    assert short.expected == pytest.approx(2.8)
    assert short.interval == pytest.approx((0.6, 14.8))
    assert short.predictive_interval is None


def test_piroxicam_bleeds_and_nobody_reads_a_count_from_a_ratio() -> None:
    """Nine observational studies: 9.94 (5.99 to 16.50) times no use; 8 per 1,000 patient-years in excess."""
    events = {event.event: event for event in expected_events(load_drug("piroxicam"), 1000, 0.5)}
    assert events["gastrointestinal bleeding or perforation"].expected is None
    assert "9.94 (5.99 to 16.5) times" in events["gastrointestinal bleeding or perforation"].basis
    assert events["complicated ulcer or bleeding, more than on a coxib"].expected == pytest.approx(4)


def test_no_infection_in_95_is_not_no_risk() -> None:
    """Jeffreys: Beta(0.5, 95.5); its upper end lies below the 3.8 % of the exact interval."""
    events = {event.event: event for event in expected_events(load_drug("plasma-exchange"), 100, 0.1)}
    infection = events["systemic infection (about five sessions)"]
    assert infection.expected == pytest.approx(100 * 0.5 / 96)
    assert infection.interval is not None
    assert 2 < infection.interval[1] < 3.8
    assert events["death"].expected is None


@pytest.mark.parametrize("name", drug_ids())
def test_hazards_that_need_it_are_acknowledged(name: str) -> None:
    stated = {acknowledgement.id for acknowledgement in load_drug(name).safety.acknowledgements}
    assert NEEDS_ACKNOWLEDGEMENT.get(name, set()) <= stated


@pytest.mark.parametrize(
    ("daily_mg", "events", "scaled"),
    [
        (40.0, 14, "at 40 mg a day, as here"),
        (20.0, 6, "at 20 mg a day, as here"),
        (19.5, 6, "at 20 mg a day, as here"),
        (25.0, 6, "not scaled: at 20 mg a day, here 25"),
        (30.0, 14, "not scaled: at 40 mg a day, here 30"),  # 40 / 30 is less than 30 / 20
        (60.0, 14, "not scaled: at 40 mg a day, here 60"),
    ],
)
def test_an_arm_takes_what_was_counted_at_the_nearest_dose(daily_mg: float, events: int, scaled: str) -> None:
    found = [
        event
        for event in expected_events(load_drug("prednisolone"), 25, 0.1, daily_mg)
        if event.event == "diabetes treatment changed"
    ]
    (event,) = found
    # Jeffreys: (k + 1/2) / (n + 1) of 25
    assert event.expected == pytest.approx(25 * (events + 0.5) / 26)
    assert event.scaled == scaled


def test_without_a_dose_every_count_is_shown_at_its_own() -> None:
    found = expected_events(load_drug("prednisolone"), 25, 0.1)
    said = [event.scaled for event in found if event.event == "diabetes treatment changed"]
    assert said == ["not scaled: at 40 mg a day", "not scaled: at 20 mg a day"]
