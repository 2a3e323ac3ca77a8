"""What was written is told from what is a default, and what does nothing is refused by name."""

from __future__ import annotations

import platform
from pathlib import Path

import click
import pytest

from calor.cli.options import excludes, given, needs, refuse_options, refuse_two_outputs, rules_of
from calor.cli.root import name_of_command
from calor.core.errors import InputError
from calor.core.targets import PINNED, target
from tests.cli.conftest import Calor
from tests.host_driver import HostDriver, put_in_place

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
        (["--out", "."], "--out does nothing without --forest"),
        (["--csv", "-", "--json"], "--csv does nothing beside --json"),
        (["S1", "--forest", "x"], "--forest does nothing beside ID"),
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


def test_a_target_holds_for_the_whole_command_and_is_refused_by_name(
    calor: Calor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PINNED, "")
    Path("decay.ant").write_text("model decay; S1 = 1; k = 2; S1' = -k*S1; end")
    simulated = ("simulate", "decay.ant", "--start", "0", "--end", "1", "--steps", "1", "--csv", "-")
    outcome = calor("--target", "baseline", *simulated)
    assert (outcome.code, target().name) == (0, "baseline")
    assert outcome.out.splitlines()[-1].startswith("1.0,0.1353352")  # exp(-2) = 0.1353352832
    refused = calor("--target", "avx1", *simulated)
    assert (refused.code, refused.out) == (2, "")
    assert "allowed: avx512, avx2, neon, baseline, cuda" in refused.err
    lacking = "neon" if platform.machine() == "x86_64" else "avx2"
    assert calor("--target", lacking, *simulated).code == 3


def test_a_graphics_processor_holds_for_the_whole_command_and_is_refused_where_there_is_none(
    calor: Calor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PINNED, "")
    Path("decay.ant").write_text("model decay; S1 = 1; k = 2; S1' = -k*S1; end")
    simulated = ("simulate", "decay.ant", "--start", "0", "--end", "1", "--steps", "1", "--csv", "-")
    driver = HostDriver()
    put_in_place(monkeypatch, driver)
    outcome = calor("--target", "cuda", *simulated)
    assert (outcome.code, outcome.out.splitlines()[-1][:13], len(driver.launched)) == (0, "1.0,0.1353352", 1)
    put_in_place(monkeypatch, HostDriver(devices=0))
    refused = calor("--target", "cuda", *simulated)
    assert (refused.code, refused.out) == (3, "")
    assert "error: --target: this machine has no graphics processor" in refused.err


@pytest.mark.parametrize("before", [(), ("--target", "avx2"), ("--target=avx2",)])
def test_the_command_of_a_line_is_found_after_options_of_calor_itself(before: tuple[str, ...]) -> None:
    assert name_of_command((*before, "trial", "goebel-2017-lips", "--worlds", "2")) == "trial"
