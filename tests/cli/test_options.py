"""What was written is told from what is a default, and what does nothing is refused by name."""

from __future__ import annotations

import click
import pytest

from calor.cli.options import given, refuse_options, refuse_two_outputs
from calor.core.errors import InputError

OPTIONS = [
    click.Option(["--end"], type=float, default=10.0),
    click.Option(["--events"]),
    click.Option(["--json", "as_json"], is_flag=True),
]


def asked(arguments: list[str]) -> tuple[str, ...]:
    command = click.Command("try", params=OPTIONS, callback=lambda **_: given("--json", "--end", "--events"))
    answer: tuple[str, ...] = command.main(arguments, standalone_mode=False)
    return answer


def test_an_option_counts_as_given_whatever_its_value() -> None:
    assert asked([]) == ()
    assert asked(["--end", "10"]) == ("--end",)
    assert asked(["--json", "--events", ""]) == ("--json", "--events")


def test_options_without_effect_are_named_together() -> None:
    def callback(**_: object) -> None:
        refuse_options(("--end", "--json"), "without --events", hint="give --events")

    command = click.Command("try", params=OPTIONS, callback=callback)
    command.main(["--events", "x"], standalone_mode=False)
    with pytest.raises(
        InputError, match=r"^--end, --json do nothing without --events\n  hint: give --events$"
    ):
        command.main(["--end", "1", "--json"], standalone_mode=False)


def test_an_option_that_a_command_lacks_is_a_fault_of_the_code() -> None:
    command = click.Command("try", params=OPTIONS, callback=lambda **_: given("--nope"))
    with pytest.raises(ValueError, match="has no option --nope"):
        command.main([], standalone_mode=False)


def test_csv_and_json_share_stdout_only_once() -> None:
    refuse_two_outputs("file.csv", True)
    refuse_two_outputs("-", False)
    refuse_two_outputs(None, True)
    with pytest.raises(InputError, match="both write to stdout"):
        refuse_two_outputs("-", True)
