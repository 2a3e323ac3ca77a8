"""What a study of any size would see, against laws that are known and against simulated regressions."""

from __future__ import annotations

import numpy as np
import pytest

from calor.decision.bank.outlook import (
    outlook_of_arms,
    outlook_of_people,
    outlook_of_sequences,
    side_by_side,
)
from calor.decision.bank.site_scatter import SiteScatter
from calor.decision.bank.spread import Places
from calor.decision.information.draws import Study
from calor.trial.theory import contrast_weights

RANDOM = np.random.default_rng(5)


def places(n_worlds: int, people: int) -> Places:
    return Places(np.repeat(np.arange(n_worlds), people), np.arange(n_worlds * people) % 2, n_worlds)


def test_a_mean_by_half_is_over_the_people_of_that_half_who_are_seen() -> None:
    where = Places(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 1, 1, 0]), 2)
    found = where.mean_by_half(np.array([1.0, 3.0, 5.0, np.nan, 7.0]))
    assert found[0].tolist() == [2.0, 5.0]
    assert found[1, 0] == 7.0
    assert np.isnan(found[1, 1])


def test_the_variance_of_one_patient_is_the_residual_variance_over_the_shares() -> None:
    """y = 2 + 0.6 x + e, SD of e 1.5 without and 2 with treatment, whose effect is -1; shares 1 : 2.

    V = 2² / (1/3) + 1.5² / (2/3) = 12 + 3.375; unadjusted each variance holds 0.6² 1.2² more.
    """
    where = places(400, 50)
    n = len(where.world)
    x = 1.2 * RANDOM.standard_normal(n)
    noise = RANDOM.standard_normal((2, 1, n))
    control, active = 2 + 0.6 * x + 1.5 * noise[0], 1 + 0.6 * x + 2.0 * noise[1]
    found = outlook_of_arms([active, control], x, where, [1 / 3, 2 / 3], np.array([[1.0, -1.0]]))
    assert found.per_patient.mean() == pytest.approx(15.375, rel=0.02)
    assert found.means.mean() == pytest.approx(-1.0, abs=0.05)
    plain = outlook_of_arms([active, control], None, where, [1 / 3, 2 / 3], np.array([[1.0, -1.0]]))
    more = 0.6**2 * 1.2**2 * (3 + 1.5)
    assert plain.per_patient.mean() == pytest.approx(15.375 + more, rel=0.02)


def test_a_small_trial_pays_for_adjusting_as_regressions_do() -> None:
    """The variance of the adjusted difference of 6 and 6 is s² (1/6 + 1/6) (1 + 1/8): 12 - 2 - 2 = 8."""
    where = places(2, 1000)
    n = len(where.world)
    x, noise = RANDOM.standard_normal(n), RANDOM.standard_normal((2, 1, n))
    found = outlook_of_arms([x + noise[0], x + noise[1]], x, where, [0.5, 0.5], np.array([[-1.0, 1.0]]))
    trials = 20_000
    baseline = RANDOM.standard_normal((trials, 12))
    outcome = baseline + RANDOM.standard_normal((trials, 12))
    arm = np.repeat([0.0, 1.0], 6)
    within = baseline - np.where(arm, baseline[:, 6:].mean(1)[:, None], baseline[:, :6].mean(1)[:, None])
    slope = (within * outcome).sum(1) / (within**2).sum(1)
    adjusted = outcome - slope[:, None] * baseline
    simulated = (adjusted[:, 6:].mean(1) - adjusted[:, :6].mean(1)).var()
    assert simulated == pytest.approx(1 / 3 * 9 / 8, rel=0.03)
    assert found.sampling(12)[:, 0, 0].mean() == pytest.approx(simulated, rel=0.08)


def test_two_contrasts_share_the_scatter_of_their_control() -> None:
    where = places(200, 40)
    arms = [RANDOM.standard_normal((1, len(where.world))) for _ in range(3)]
    found = outlook_of_arms(
        arms, None, where, [1 / 3, 1 / 3, 1 / 3], np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
    )
    assert found.per_patient[:, 0, 1].mean() == pytest.approx(3.0, rel=0.05)
    assert found.per_patient[:, 1, 1].mean() == pytest.approx(6.0, rel=0.05)


def test_a_factorial_tells_each_treatment_as_a_trial_of_it_alone_and_the_interaction_half_as_well() -> None:
    """Arms with neither, A, B and both at a quarter each; SD 1 about the baseline.

    A main effect is half the sum of two differences of arms: (1/4) 4 (4 s²) / n = 4 s² / n; the interaction
    has no halves: 16 s² / n. Their weights are orthogonal, so they scatter apart.
    """
    where = places(200, 40)
    added = (0.0, -1.0, -2.0, -3.5)
    arms = [each + RANDOM.standard_normal((1, len(where.world))) for each in added]
    weights = np.array([[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5], [1.0, -1.0, -1.0, 1.0]])
    found = outlook_of_arms(arms, None, where, [0.25] * 4, weights)
    assert found.means.mean(axis=(0, 1)) == pytest.approx([-1.25, -2.25, -0.5], abs=0.05)
    spread = found.per_patient.mean(axis=0)
    assert np.diag(spread) == pytest.approx([4.0, 4.0, 16.0], rel=0.05)
    assert np.abs(spread - np.diag(np.diag(spread))).max() < 0.2


def test_what_whole_sites_have_in_common_no_number_of_patients_takes_away() -> None:
    """Two arms of 6 sites each, SD 0.5 between sites: 2 (0.25) / 6 beside 4 s² / n."""
    where = places(200, 40)
    arms = [RANDOM.standard_normal((1, len(where.world))) for _ in range(2)]
    sites = SiteScatter(of_arms=(0.25 / 6, 0.25 / 6))
    found = outlook_of_arms(arms, None, where, [0.5, 0.5], np.array([[-1.0, 1.0]]), sites)
    assert found.sampling(10**9).mean() == pytest.approx(0.5 / 6)
    assert found.sampling(100).mean() == pytest.approx(0.5 / 6 + 0.04, rel=0.05)
    study = Study(name="", means=found.means, sampling=found.sampling(100), lasting=found.lasting)
    assert study.of_size(10).sampling == pytest.approx(found.sampling(1000))


def test_an_effect_in_a_group_has_the_scatter_of_its_share_of_the_patients() -> None:
    """A quarter of the patients: four times the variance of one patient there, 4/3 elsewhere; none shared."""
    whole = places(200, 40)
    parts = [whole.take(np.flatnonzero((np.arange(8000) % 8 < 2) == inside)) for inside in (True, False)]
    seen = []
    for part, effect in zip(parts, (-2.0, -1.0), strict=True):
        arms = [mean + RANDOM.standard_normal((1, len(part.world))) for mean in (0.0, effect)]
        seen.append(outlook_of_arms(arms, None, part, [0.5, 0.5], np.array([[-1.0, 1.0]])))
    found = side_by_side(seen, [part.share_of(whole) for part in parts])
    assert found.means.mean(axis=(0, 1)) == pytest.approx([-2.0, -1.0], abs=0.05)
    spread = found.per_patient.mean(axis=0)
    assert np.diag(spread) == pytest.approx([16.0, 16 / 3], rel=0.06)
    assert spread[0, 1] == 0.0


def test_a_crossover_sees_differences_within_people() -> None:
    """Two measurements of SD 1 in the same person differ by SD √2, however much people differ."""
    where = places(200, 40)
    n = len(where.world)
    person = 5 * RANDOM.standard_normal((1, n))
    written = [np.stack([person + RANDOM.standard_normal((1, n)) for _ in range(2)], axis=-1) for _ in "ab"]
    written[0][..., 0] += 2
    written[1][..., 1] += 2
    weights = contrast_weights(((0, 1), (1, 0)), (1, 1), 2, control=1)
    found = outlook_of_sequences(written, weights, [0.5, 0.5], where)
    assert found.means.mean() == pytest.approx(2.0, abs=0.05)
    assert found.per_patient.mean() == pytest.approx(2.0, rel=0.05)
    assert found.sampling(10).mean() == pytest.approx(0.2, rel=0.05)


def test_a_crossover_of_repeated_arms_sees_what_least_squares_within_people_see() -> None:
    """ABB and BAA: 1.5 σ² / n, whatever people are like (Jones and Kenward, 3rd edition, section 3.5)."""
    where = places(200, 40)
    n = len(where.world)
    person = 5 * RANDOM.standard_normal((1, n))
    sequences = ((0, 1, 1), (1, 0, 0))
    written = []
    for sequence in sequences:
        noise = RANDOM.standard_normal((1, n, 3))
        written.append(person[..., None] + noise + 2.0 * (np.array(sequence) == 0) + np.arange(3))
    weights = contrast_weights(sequences, (1, 1), 2, control=1)
    found = outlook_of_sequences(written, weights, [0.5, 0.5], where)
    assert found.means.mean() == pytest.approx(2.0, abs=0.05)
    assert found.per_patient.mean() == pytest.approx(1.5, rel=0.05)


def test_whoever_is_lost_costs_patients() -> None:
    """A quarter is never seen: the same precision takes 4/3 as many."""
    where = places(300, 40)
    values = RANDOM.standard_normal((1, len(where.world), 1))
    seen = np.where(RANDOM.uniform(size=values.shape) < 0.25, np.nan, values)
    whole, partly = outlook_of_people(values, where), outlook_of_people(seen, where)
    assert partly.per_patient.mean() / whole.per_patient.mean() == pytest.approx(4 / 3, rel=0.04)


def test_a_world_whose_few_people_are_all_alike_still_scatters() -> None:
    where = places(2, 10)
    values = np.zeros((1, 20, 1))
    values[0, :10, 0] = np.tile([0.0, 1.0], 5)
    found = outlook_of_people(values, where)
    assert found.per_patient[1, 0, 0] > 0
    assert found.per_patient.mean() == pytest.approx(np.mean([10 / 36, 0]), rel=1e-6)


def test_a_half_without_anybody_is_unknown() -> None:
    where = Places(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 1, 0, 0, 0]), 2)
    assert outlook_of_people(np.ones((1, 6, 1)), where).known.tolist() == [True, False]
