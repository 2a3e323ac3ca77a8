"""Times to an event: the log-rank test and the Cox model against other tools and closed forms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import Contrast, Estimability
from calor.trial.analysis.data import TimesData
from calor.trial.analysis.survival import Cox, LogRank

LESS = Contrast()
ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "survival.json").read_text())


def exponential(
    replicates: int, n: int, log_ratio: float, seed: int = 3, whole_days: bool = False
) -> TimesData:
    """Return two equal arms, exponential times of mean 20 in the control, censored on days 10 to 60."""
    stream = Stream(seed)
    arm = np.broadcast_to(np.arange(n) % 2, (replicates, n))
    time = -20 * np.log(stream.child("event").uniforms(replicates, n)) * np.exp(-log_ratio * arm)
    until = 10 + 50 * stream.child("censored").uniforms(replicates, n)
    if whole_days:
        time, until = np.ceil(time), np.ceil(until)
    return TimesData(np.minimum(time, until), time <= until, arm)


def one(time: list[float], event: list[int], arm: list[int]) -> TimesData:
    return TimesData(np.array([time]), np.array([event], dtype=bool), np.array([arm]))


@pytest.mark.parametrize("whole_days", [False, True])
@pytest.mark.parametrize("n", [10, 30, 120])
def test_the_log_rank_test_is_that_of_scipy(n: int, whole_days: bool) -> None:
    """SciPy 1.17 (`scipy.stats.logrank`), with and without ties."""
    data = exponential(6, n, -0.5, whole_days=whole_days)
    found = LogRank().estimate(data, LESS)
    for row in range(6):
        arms = []
        for arm in (1, 0):
            mine = data.arm[row] == arm
            time, event = data.time[row, mine], data.event[row, mine]
            arms.append(stats.CensoredData(uncensored=time[event], right=time[~event]))
        expected = stats.logrank(*arms)
        assert found.p_value_two_sided[row] == pytest.approx(expected.pvalue, rel=1e-9)
        assert found.p_value_one_sided[row] == pytest.approx(stats.norm.cdf(expected.statistic), rel=1e-9)


@pytest.mark.parametrize("case", ORACLE["cases"])
def test_the_cox_model_is_that_of_another_tool(case: dict[str, list[float]]) -> None:
    """Ties by Efron's method; tool and version stand in survival.json."""
    data = one(case["time"], case["event"], case["arm"])  # type: ignore[arg-type]
    found = Cox().estimate(data, LESS)
    assert found.effect[0] == pytest.approx(case["log_hazard_ratio"], rel=1e-6)
    assert found.standard_error[0] == pytest.approx(case["standard_error"], rel=1e-6)
    assert LogRank().estimate(data, LESS).p_value_two_sided[0] == pytest.approx(case["log_rank_p"], rel=1e-6)


def test_exponential_times_give_their_rates_ratio() -> None:
    """The mean of the estimates is the log ratio of the rates, their variance about 1/d1 + 1/d0."""
    data = exponential(400, 400, -0.7)
    found = Cox().estimate(data, LESS)
    assert found.effect.mean() == pytest.approx(-0.7, abs=4 * found.effect.std() / 20)
    deaths = [(data.event & (data.arm == arm)).sum(axis=1).mean() for arm in (0, 1)]
    assert found.effect.var() == pytest.approx(1 / deaths[0] + 1 / deaths[1], rel=0.2)
    covered = (found.lower <= -0.7) & (found.upper >= -0.7)
    assert covered.mean() == pytest.approx(0.95, abs=0.035)


def test_power_is_that_of_schoenfeld() -> None:
    """Φ(√d |log ratio| / 2 - z) for d events in equal arms; Schoenfeld (1981), Biometrika 68:316-9."""
    data = exponential(2000, 80, -0.6)
    found = LogRank().estimate(data, LESS)
    power = stats.norm.cdf(np.sqrt(data.event.sum(axis=1).mean()) * 0.3 - stats.norm.ppf(0.975))
    assert (found.p_value_one_sided < 0.025).mean() == pytest.approx(power, abs=0.04)
    null = LogRank().estimate(exponential(4000, 40, 0.0), LESS).p_value_one_sided
    assert (null < 0.025).mean() == pytest.approx(0.025, abs=3 * np.sqrt(0.025 * 0.975 / 4000) + 0.002)


def test_where_one_arm_has_no_event_the_estimate_is_peto_s() -> None:
    """At risk 3 and 3, 3 and 2: O - E = 0 - (1/2 + 3/5), V = 1/4 + 6/25."""
    data = one([9, 9, 9, 1, 2, 9], [0, 0, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0])
    for estimator in (Cox(), LogRank()):
        found = estimator.estimate(data, LESS)
        assert found.effect[0] == pytest.approx(-1.1 / 0.49, rel=1e-12)
        assert found.standard_error[0] == pytest.approx(1 / 0.7, rel=1e-12)
        assert found.estimated[0]
        assert found.p_value_one_sided[0] == pytest.approx(stats.norm.cdf(-1.1 / 0.7), rel=1e-9)


def test_without_any_event_there_is_no_estimate() -> None:
    found = LogRank().estimate(one([5, 5, 5, 5], [0, 0, 0, 0], [0, 1, 0, 1]), LESS)
    assert found.estimability[0] == Estimability.TOO_FEW
    assert found.p_value_one_sided[0] == found.p_value_two_sided[0] == 1


def test_replicates_and_people_of_other_arms_change_nothing() -> None:
    data = exponential(5, 30, -0.5, whole_days=True)
    arm = data.arm.copy()
    arm[:, ::5], arm[:, 1::5] = 2, -1
    together = LogRank().estimate(TimesData(data.time, data.event, arm), LESS)
    for row in range(5):
        kept = arm[row] >= 0
        kept &= arm[row] < 2
        alone = TimesData(
            data.time[row : row + 1, kept], data.event[row : row + 1, kept], arm[row : row + 1, kept]
        )
        found = LogRank().estimate(alone, LESS)
        for name in ("effect", "standard_error", "p_value_one_sided", "lower", "upper"):
            assert getattr(found, name)[0] == pytest.approx(getattr(together, name)[row], rel=1e-9)


def test_shapes_are_checked() -> None:
    with pytest.raises(InputError, match="event"):
        TimesData(np.ones((1, 3)), np.ones((1, 2), dtype=bool), np.zeros((1, 3), dtype=np.int64))
