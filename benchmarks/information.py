"""Time the value of information against nested Monte Carlo at matched accuracy.

    python benchmarks/information.py

A made-up bank of six rivals and 2,400 worlds of 20 people is asked what 50 studies would teach. The nested
form draws a result, then worlds from what is believed after it (by acceptance and rejection, which uses none
of calor's weights); its time is scaled to the error of calor's.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.core.streams import Stream
from calor.decision.information.bank_noise import true_means, true_targets
from calor.decision.information.decision import Decision, gains
from calor.decision.information.draws import Draws, Study
from calor.decision.information.preposterior import preposterior
from calor.decision.information.ranking import rank
from calor.decision.information.resampling import resample
from calor.decision.information.reweighting import evsi_by_reweighting, share_by_reweighting
from calor.decision.information.rivals import rival_probability
from calor.decision.information.sample import evsi
from calor.decision.information.settling import Rule, decisive
from calor.decision.information.shares import share_of_variance
from calor.decision.information.widths import expected_width

RIVALS = ("central-igg", "central-igm", "central-none", "peripheral-igg", "peripheral-igm", "peripheral-none")
MEDIANS = np.array([0.2, 0.12, 0.05, 0.75, 0.25, 0.2])
SPREADS = np.array([0.6, 0.8, 0.8, 0.65, 0.7, 1.0])
PERSON_SD = 0.4


@dataclass(frozen=True)
class Bank:
    """True effects of the worlds (n_worlds,) and their means over both halves of the people (n_worlds, 2)."""

    truth: Numbers
    halves: Numbers
    draws: Draws

    def study(self, name: str, deviation: float, slope: float = 1.0) -> Study:
        """Return a study that sees the mean effect of the same people with a standard deviation."""
        sampling = np.full((len(self.truth), 1, 1), deviation**2)
        return Study(name=name, means=slope * self.halves[:, :, None], sampling=sampling)


def made_up_bank(people: int, *, seed: int, each: int = 400) -> Bank:
    """Return a bank whose effects are log-normal within each rival and whose people scatter about them."""
    stream = Stream(seed, ("made-up bank",))
    rival = np.repeat(np.arange(len(RIVALS)), each)
    potency = stream.child("potency").normals(len(rival), 1)[:, 0]
    truth = MEDIANS[rival] * np.exp(SPREADS[rival] * potency)
    noise = stream.child("people", people).normals(len(rival), 2) * PERSON_SD / np.sqrt(people / 2)
    draws = Draws(
        quantity=truth[:, None] + noise,
        rival=rival,
        rivals=RIVALS,
        weights=np.full(len(rival), 1 / len(rival)),
        scores=np.column_stack([potency, stream.child("bystander").normals(len(rival), 1)]),
        parameters=("potency", "bystander"),
    )
    return Bank(truth, draws.quantity, draws)


@dataclass(frozen=True)
class Nested:
    """Share of variance, EVSI and probability of the true rival, each with its Monte Carlo error."""

    share: tuple[float, float]
    evsi: tuple[float, float]
    rival: tuple[float, float]


def nested_monte_carlo(
    draws: Draws, decision: Decision, study: Study, *, outer: int, inner: int, seed: int
) -> Nested:
    """Return what a study teaches: `outer` results, and `inner` worlds accepted after each.

    A world is proposed as likely as it is believed and accepted as likely as it gives the result; the world
    that the result came from is never proposed.
    """
    generator = Stream(seed, ("nested Monte Carlo",)).generator()
    targets = draws.quantity[:, :, None]
    quantity, true = true_targets(draws, targets)[:, 0], gains(draws, decision)
    means = true_means(draws, targets, study)
    precision = np.linalg.inv(study.sampling)
    height = np.sqrt(np.linalg.det(precision))
    root = np.linalg.cholesky(study.sampling)
    source = generator.choice(draws.worlds, outer, p=draws.weights)
    found = np.empty((outer, 4))
    gained = np.empty((outer, true.shape[1]))
    for row, world in enumerate(source):
        result = means[world] + root[world] @ generator.standard_normal(study.statistics)
        accepted = np.empty(0, dtype=np.int64)
        while len(accepted) < inner:
            proposed = generator.choice(draws.worlds, 4 * inner, p=draws.weights)
            proposed = proposed[proposed != world]
            away = result - means[proposed]
            density = height[proposed] * np.exp(
                -0.5 * np.einsum("ws,wst,wt->w", away, precision[proposed], away)
            )
            kept = generator.random(len(proposed)) < density / height.max()
            accepted = np.concatenate([accepted, proposed[kept]])
        accepted = accepted[:inner]
        same = np.mean(draws.rival[accepted] == draws.rival[world])
        found[row] = quantity[accepted].mean(), quantity[accepted].var(ddof=1), same, 0.0
        gained[row] = true[accepted].mean(axis=0)
    left = found[:, 1]
    variance = float(np.var(found[:, 0], ddof=1) - left.mean() / inner + left.mean())
    share = 1 - left.mean() / variance
    away_squared = (found[:, 0] - found[:, 0].mean()) ** 2
    influence = ((1 - share) * away_squared - share * left) / variance
    best = gained.max(axis=1) - gained[:, int(gained.mean(axis=0).argmax())]
    return Nested(
        (float(share), float(influence.std() / np.sqrt(outer))),
        (float(best.mean()), float(best.std() / np.sqrt(outer))),
        (float(found[:, 2].mean()), float(found[:, 2].std() / np.sqrt(outer))),
    )


def treat_above(draws: Draws, threshold: float) -> Decision:
    """Return the choice between not treating (worth 0) and treating (worth the effect less a threshold)."""
    payoffs = np.stack([np.zeros_like(draws.quantity), draws.quantity - threshold], axis=2)
    return Decision(("not", "treat"), payoffs)


@one_thread()
def main() -> None:
    """Print the times, and how much longer the nested form takes for one study at the same error."""
    bank = made_up_bank(20, seed=1)
    draws, decision = bank.draws, treat_above(bank.draws, 0.3)
    studies = [bank.study(f"study {index}", 0.1 * 1.05**index) for index in range(50)]
    began = time.process_time()
    resamples = resample(draws, seed=1)
    shares = [share_of_variance(draws, study, resamples) for study in studies]
    ranking = rank(shares)
    shares_took = time.process_time() - began
    worths = [evsi(draws, decision, study, resamples) for study in studies]
    worths_took = time.process_time() - began - shares_took
    for study in studies:
        after = preposterior(draws, study, seed=1)
        rival_probability(draws, after, resamples)
        expected_width(draws, after, resamples)
        decisive(draws, after, Rule(0.5), resamples)
    rest_took = time.process_time() - began - shares_took - worths_took
    one = studies[12]
    began = time.process_time()
    after = preposterior(draws, one, seed=1)
    share = share_by_reweighting(draws, after, resamples)
    worth = evsi_by_reweighting(draws, decision, after, resamples)
    rival = rival_probability(draws, after, resamples)
    one_took = time.process_time() - began
    began = time.process_time()
    nested = nested_monte_carlo(draws, decision, one, outer=1000, inner=1000, seed=1)
    nested_took = time.process_time() - began
    json.dump(
        {
            "fifty studies, 2,400 worlds, 500 resamples: processor seconds": {
                "shares and ranking": round(shares_took, 2),
                "EVSI": round(worths_took, 2),
                "rival, width, decisive": round(rest_took, 2),
            },
            "leading three in resamples": ranking.stability,
            "one study": {
                "EVSI without simulated results": [worths[12].value, worths[12].error],
                "share by reweighting": [share.value, share.error],
                "EVSI by reweighting": [worth.value, worth.error],
                "rival by reweighting": [rival.value, rival.error],
                "nested, 1,000 x 1,000": [nested.share, nested.evsi, nested.rival],
                "processor seconds": {"reweighting": one_took, "nested": nested_took},
                "nested at the same error of EVSI takes longer, times": {
                    "than without simulated results": nested_took
                    * (nested.evsi[1] / worths[12].error) ** 2
                    / (worths_took / len(studies)),
                    "than by reweighting": nested_took * (nested.evsi[1] / worth.error) ** 2 / one_took,
                },
            },
        },
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()
