"""Numbers of options are read strictly."""

from __future__ import annotations

import click
import pytest

from calor.cli.number_types import SEED, Number, Whole


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "inf", "-inf", "1e999", "1_0", "0x1", "", "1,5", "٣", "1e300"]
)
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="allowed: 0 to 10"):
        Number(0, 10).convert(text, None, None)


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), (" 7 ", 7.0), ("+1e-3", 0.001), (".25", 0.25)])
def test_a_plain_number_is_read(text: str, value: float) -> None:
    assert Number(0, 10).convert(text, None, None) == value


def test_the_lowest_value_may_be_excluded() -> None:
    assert Number(0, 1).convert("0", None, None) == 0.0
    with pytest.raises(click.BadParameter, match="above 0, at most 1"):
        Number(0, 1, above=True).convert("0", None, None)


@pytest.mark.parametrize("text", ["1.5", "1e3", "-1", "9" * 40, "9" * 5000, "1_0", "nan"])
def test_what_is_no_sensible_whole_number_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="allowed: 0 to"):
        SEED.convert(text, None, None)


def test_a_whole_number_is_read() -> None:
    assert Whole(2, 10_000).convert("40", None, None) == 40
