"""Options: numbers are read strictly, and what would have no effect is refused."""

from __future__ import annotations

import click
import pytest

from calor.cli.options import SEED, Number, Whole, excludes, needs, rules_of
from calor.core.errors import InputError


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


@click.command()
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--forest")
@click.option("--out", default=".")
@click.option("--csv")
@click.option("--json", "as_json", is_flag=True)
@needs("--out", "--forest")
@excludes("--csv", "--json")
@excludes("--forest", "ID")
def example(**settings: object) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "."], "--out: has no effect without --forest"),
        (["--csv", "-", "--json"], "--csv: has no effect beside --json"),
        (["S1", "--forest", "x"], "--forest: has no effect beside ID"),
    ],
)
def test_an_option_without_effect_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        example.main(arguments, standalone_mode=False)


@pytest.mark.parametrize("arguments", [[], ["--forest", "x", "--out", "."], ["--csv", "-"], ["S1"]])
def test_options_that_go_together_pass(arguments: list[str]) -> None:
    assert example.main(arguments, standalone_mode=False) is None


def test_the_rules_of_a_command_can_be_listed() -> None:
    assert [(rule.option, rule.partners) for rule in rules_of(example)] == [
        ("--out", ("--forest",)),
        ("--csv", ("--json",)),
        ("--forest", ("ID",)),
    ]
