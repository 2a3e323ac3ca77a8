"""Targets by name: the widest that is here, or the pinned one, or a refusal by name."""

from __future__ import annotations

import os
import platform

import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.core.host import deciders_of_digits, machine, processor_text
from calor.core.targets import PINNED, TARGETS, named, on_graphics, pin, target
from tests.host_driver import HostDriver, put_in_place


@pytest.fixture(autouse=True)
def nothing_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PINNED, "")


def test_the_widest_target_that_is_here_is_chosen() -> None:
    assert target().lanes == max(each.lanes for each in TARGETS if each.is_here)


def test_a_pinned_target_is_held_to_here_and_by_processes_started_later() -> None:
    pin("baseline")
    assert (target().name, target().lanes) == ("baseline", 2)
    assert os.environ[PINNED] == "baseline"
    assert machine()["target"] == "baseline"
    assert ", target baseline)" in processor_text(machine())


def test_the_processor_of_a_run_from_before_targets_is_told_without_one() -> None:
    before = {"processor": "some", "instruction_set": "haswell", "system": "Linux x86_64"}
    assert processor_text(before) == "some (haswell), Linux x86_64"


def test_a_name_that_is_no_target_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        InputError, match=r"'avx1' is no target\n  allowed: avx512, avx2, neon, baseline, cuda"
    ):
        pin("avx1")
    assert os.environ[PINNED] == ""


def test_a_target_that_this_processor_lacks_is_refused_by_name() -> None:
    lacking = "neon" if platform.machine() == "x86_64" else "avx2"
    with pytest.raises(UnsupportedError, match=rf"lacks {lacking}\n  hint: it has .*baseline") as refused:
        pin(lacking)
    assert refused.value.exit_code == 3


def test_a_target_is_not_here_where_one_of_its_features_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from calor.core import targets

    wide = named("baseline").__class__("wide", 8, "x86-64-v4", (platform.machine(),), ("one", "other"))
    monkeypatch.setattr(targets, "_features_here", lambda: {"one": True, "other": False})
    assert not wide.is_here
    monkeypatch.setattr(targets, "_features_here", lambda: {"one": True, "other": True})
    assert wide.is_here


def test_a_graphics_processor_is_pinned_and_all_else_is_made_for_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_place(monkeypatch, HostDriver())
    assert not on_graphics()
    assert deciders_of_digits()["target"] == named("").name
    pin("cuda")
    assert on_graphics()
    assert target() == named("")
    assert machine()["target"] == f"cuda (this machine, CUDA 13.2) beside {named('').name}"
    assert deciders_of_digits()["target"] == machine()["target"]


def test_a_graphics_processor_that_is_not_there_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, HostDriver(devices=0))
    with pytest.raises(
        UnsupportedError, match=r"--target: this machine has no graphics processor"
    ) as refused:
        pin("cuda")
    assert (refused.value.exit_code, os.environ[PINNED]) == (3, "")
