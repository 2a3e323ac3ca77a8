"""The published contrasts that trials compare with: as printed, and nothing that is only recalled."""

from __future__ import annotations

import pytest

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.library import numbers_of, recalled_numbers_of, record
from calor.evidence.published import published_contrast
from calor.evidence.vocabulary import Direction, Role


def test_goebel_2010_is_positive_with_an_interval_that_is_not_between_patients() -> None:
    contrast = published_contrast(record("goebel-2010"))
    assert (contrast.value, contrast.interval95) == (-1.55, (-1.82, -1.29))
    assert contrast.direction is Direction.FAVOURS_ACTIVE
    assert contrast.grade is Grade.VERIFIED
    assert not contrast.interval_reliable
    assert "not patient-level" in (contrast.note or "")


def test_lips_shows_its_direction_while_its_numbers_are_recalled() -> None:
    lips = record("goebel-2017-lips")
    contrast = published_contrast(lips)
    assert contrast.value is None
    assert contrast.interval95 is None
    assert (contrast.direction, contrast.grade) == (Direction.NONE, Grade.SECONDARY)
    assert lips.model_use.role is Role.HELD_BACK
    recalled = {located.words for located in recalled_numbers_of(lips)}
    assert any("0.27" in words for words in recalled)
    assert not any("0.27" in located.words for located in numbers_of(lips))


def test_an_unknown_id_names_the_nearest_ones() -> None:
    with pytest.raises(InputError, match="goebel-2017-lips"):
        record("goebel-2017")
