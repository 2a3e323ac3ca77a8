"""A run that would not fit a machine is refused before it begins, with the size that would."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calor.core.errors import UnsupportedError
from calor.model.disease import load_disease
from calor.study.protocol import Protocol
from calor.trial.bank.courses import Courses, prepare_courses
from calor.trial.bank.settings import RunSettings
from calor.trial.bank.size_limits import check_size, replicates_that_fit, worlds_that_fit
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.published import published_protocol

RIVALS = 6


@pytest.fixture(scope="module")
def lips() -> tuple[Protocol, Courses]:
    protocol = published_protocol("goebel-2017-lips")
    return protocol, prepare_courses(plan_of(protocol), load_disease())


def test_the_usual_run_fits_with_room(lips: tuple[Protocol, Courses]) -> None:
    protocol, courses = lips
    check_size(plan_of(protocol), RunSettings(), courses, RIVALS)
    check_size(plan_of(protocol), RunSettings(replicates=1_000_000, worlds=500), courses, RIVALS)


def test_worlds_beyond_the_memory_are_refused(lips: tuple[Protocol, Courses]) -> None:
    # 6 rivals x 60 patients x (2,000 + 16 x courses x days) bytes each, in 8 GB.
    protocol, courses = lips
    each = RIVALS * 60 * (2_000 + 16 * len(courses.courses) * courses.days)
    most = int(8e9 / each)
    assert worlds_that_fit(RunSettings(), courses, RIVALS) == most
    check_size(plan_of(protocol), RunSettings(worlds=most), courses, RIVALS)
    with pytest.raises(UnsupportedError, match=r"--worlds: .* more than 8 GB") as refusal:
        check_size(plan_of(protocol), RunSettings(worlds=most + 1), courses, RIVALS)
    assert f"at most {most:,}" in str(refusal.value)


def test_more_than_a_day_of_a_core_is_refused(lips: tuple[Protocol, Courses]) -> None:
    # 86,400 s x 1.6e7 patient days a second / (42 days x 6 passes x 100,000 patients)
    protocol, courses = lips
    large = protocol.model_copy(update={"patients": 100_000})
    assert protocol.endpoint.to_day == 42
    assert replicates_that_fit(plan_of(large)) == 54_857
    with pytest.raises(UnsupportedError, match="100,000 patients take about 438 hours"):
        check_size(plan_of(large), replace(RunSettings(), replicates=1_000_000), courses, RIVALS)
