"""Runs and design as a visitor clicks them: built from an example, run, read; stopped, resumed, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Tab = Any


def expect(found: Any) -> Any:
    """Return what waits for a while until something holds of a part of a page."""
    from playwright.sync_api import expect as expecting

    expecting.set_options(timeout=120_000)
    return expecting(found)


def designed(tab: Tab, start: str, *, trials: str, worlds: str = "2") -> None:
    """Go from the first page to a protocol that starts from an example, and say how it is simulated."""
    tab.goto("/")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Design").click()
    tab.get_by_role("link", name=re.compile(f"^{start}")).click()
    expect(tab.get_by_role("status")).to_contain_text("The protocol holds")
    tab.get_by_label("Simulated trials").fill(trials)
    tab.get_by_label("Worlds under each rival").fill(worlds)


def test_a_trial_is_designed_run_and_read(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    designed(tab, "Immunoglobulin", trials="100")
    editor = tab.get_by_label("Protocol (YAML)")
    holds = editor.input_value()
    editor.fill(holds.replace("patients: 111", "patents: 111"))
    expect(tab.get_by_role("status")).to_contain_text("patents: is not a known key")
    expect(tab.get_by_role("status")).to_contain_text("did you mean patients?")
    editor.fill(holds.replace("patients: 111", "patients: 90"))
    expect(tab.get_by_role("status")).to_contain_text("90")
    tab.get_by_role("button", name="Run the trial").click()
    expect(tab.get_by_role("heading", name="What came out")).to_be_visible()  # the page follows by itself
    expect(tab.locator("#answer")).to_contain_text("A trial of 90 patients")
    assert tab.locator("figure img").evaluate("image => image.naturalWidth") > 0
    with tab.expect_download() as saved:
        tab.get_by_role("link", name="adsl.csv").click()
    assert saved.value.suggested_filename.endswith("adsl.csv")
    tab.get_by_role("link", name="Open the report").click()
    expect(tab.get_by_role("heading", name="Answer", exact=True)).to_be_visible()
    pictures = tab.locator("figure img")
    assert pictures.count() > 0
    assert pictures.first.evaluate("image => image.naturalWidth") > 0


def test_a_run_is_stopped_resumed_and_removed(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    designed(tab, "Parallel", trials="60000")
    tab.get_by_role("button", name="Run the trial").click()
    expect(tab.get_by_role("status")).to_contain_text("running")
    tab.reload()
    tab.get_by_role("button", name="Stop").click()
    resume = tab.get_by_role("button", name="Resume")
    resume.click()
    expect(tab.get_by_role("status")).to_contain_text("running")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Runs").click()
    tab.get_by_role("button", name="Stop my-trial").click()
    expect(tab.get_by_role("button", name="Resume")).to_be_visible()
    tab.get_by_role("link", name="Remove").click()
    tab.get_by_role("button", name="Remove it").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Runs")


def test_the_size_of_an_early_prednisolone_trial_in_three_clicks(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of(java_script_enabled=False)
    tab.goto("/")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Design").click()
    tab.get_by_role("link", name=re.compile("^Early prednisolone")).click()
    tab.get_by_role("button", name="Find the size").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("like-kalita-2006")
    tab.get_by_role("button", name="Stop").click()
