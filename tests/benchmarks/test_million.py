"""A million patients in chunks: neither chunks nor threads change a number, and who fails is counted."""

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.engine.batch import Status
from calor.model.disease import load_disease
from calor.population.patients import draw_patients
from calor.population.simulation import ACCURACY
from calor.population.treated_models import TreatedModels
from calor.population.uncertainty import draw_worlds
from calor.therapy.library import load_drug

ROOT = Path(__file__).parents[2]
COUNT = 45


@pytest.fixture(scope="module")
def million() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        return importlib.import_module("million")


@pytest.fixture(scope="module")
def treated(million: ModuleType) -> Any:
    return million.Treated.load()


@pytest.fixture(scope="module")
def at_once(million: ModuleType, treated: Any) -> Any:
    return tallied(million, treated, COUNT, 1)


def tallied(million: ModuleType, treated: Any, chunk: int, workers: int) -> Any:
    *_, (done, tallies) = million.simulated(treated, COUNT, chunk, workers, million.Clock())
    assert done == COUNT
    return tallies


@pytest.mark.parametrize(("chunk", "workers"), [(7, 1), (32, 2), (1_000, 2)])
def test_chunks_and_threads_change_no_number(
    million: ModuleType, treated: Any, at_once: Any, chunk: int, workers: int
) -> None:
    tallies = tallied(million, treated, chunk, workers)
    assert tallies.digest == at_once.digest
    np.testing.assert_array_equal(tallies.counts, at_once.counts)
    assert tallies.sums == at_once.sums
    assert (tallies.finished, tallies.failed) == (COUNT, 0)


def test_tallies_agree_with_all_summaries_kept(million: ModuleType, treated: Any, at_once: Any) -> None:
    kept = treated.kernel.simulate(treated.drawn(np.arange(COUNT)), ACCURACY).summaries
    for place, tracked in enumerate(million.TRACKED):
        bin_width = tracked.largest / million.BINS
        assert at_once.mean(place) == pytest.approx(kept[:, place].mean(), abs=million.FINEST)
        for share in million.QUANTILES:
            exact = np.quantile(kept[:, place], share, method="inverted_cdf")
            assert at_once.quantile(place, share) == pytest.approx(exact, abs=0.5001 * bin_width)


def test_who_fails_is_counted_and_not_averaged(million: ModuleType, treated: Any) -> None:
    result = treated.kernel.simulate(treated.drawn(np.arange(4)), ACCURACY)
    status, summaries = result.status.copy(), result.summaries.copy()
    status[2], summaries[2] = Status.NON_FINITE, np.nan
    tallies = million.Tallies()
    tallies.add(replace(result, status=status, summaries=summaries))
    assert (tallies.finished, tallies.failed) == (3, 1)
    assert tallies.mean(0) == pytest.approx(result.summaries[[0, 1, 3], 0].mean(), abs=million.FINEST)


def test_leaving_out_parameters_that_the_model_lacks_changes_no_patient(treated: Any) -> None:
    models = TreatedModels(load_disease())
    models.kernel([load_drug("prednisolone")])
    numbers = np.array([3, 141, 59])
    stream = Stream(treated.stream.seed)
    worlds = draw_worlds(models.table, stream, numbers)
    people = draw_patients(models.table, worlds, stream, numbers, np.arange(3))
    batch = treated.drawn(numbers)
    assert len(models.table) > len(batch.parameter_names)
    assert set(batch.parameter_names) == set(treated.kernel.parameter_names) & set(people.values)
    np.testing.assert_array_equal(batch.parameters, people.matrix(batch.parameter_names))


def test_the_year_holds_a_dose_a_day(million: ModuleType, treated: Any) -> None:
    np.testing.assert_array_equal(treated.calendar.times, np.arange(364.0))
    assert set(treated.calendar.values.tolist()) == {20.0}


def test_what_64_cores_take_is_the_serial_part_and_a_share_of_the_engine(million: ModuleType) -> None:
    clock = million.Clock({"loading": 1.0, "drawing": 2.0, "engine": 320.0, "summaries": 1.0})
    # ten times the patients: 1 + 10 x (2 + 1) on one core, 3,200 / 64 on each of 64
    assert million.seconds_for(clock, 100, 1_000, 64) == pytest.approx(1 + 30 + 50)
