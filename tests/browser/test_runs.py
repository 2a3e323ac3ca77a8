"""Runs and design as a visitor clicks them: built from an example, run, read; stopped, resumed, removed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
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


def test_a_size_is_found_and_shown_as_the_command_line_shows_it(
    tab_of: Callable[..., Tab], tmp_path: Path
) -> None:
    tab = tab_of()
    designed(tab, "Parallel", trials="100")
    tab.get_by_label("Assumed effect").fill("-1")
    tab.get_by_label("Power to reach").fill("0.7")
    tab.get_by_role("button", name="Find the size").click()
    expect(tab.get_by_role("heading", name="What came out")).to_be_visible()
    with tab.expect_download() as saved:
        tab.get_by_role("link", name="protocol.yaml").click()
    saved.value.save_as(tmp_path / "protocol.yaml")
    words = tab.locator(".same code").inner_text().split()
    assert words[:4] == ["calor", "trial", "protocol.yaml", "--worlds"]
    command = [sys.executable, "-m", "calor", *words[1:], "--out", "found"]
    printed = subprocess.run(
        command,
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    ).stdout
    found = json.loads((tmp_path / "found" / "result.json").read_text())
    expect(tab.locator("#answer")).to_contain_text(
        f"{found['patients']} patients reach a power of {found['target_power']:g}."
    )
    shown = " ".join((tab.locator("#answer").text_content() or "").split())
    cells = [
        cell.strip() for line in printed.splitlines() if line.startswith("│") for cell in line.split("│")
    ]
    assert len([cell for cell in cells if cell]) >= 2 * len(found["tried"]) > 0
    assert [cell for cell in cells if cell not in shown] == []


def test_the_size_of_an_early_prednisolone_trial_in_three_clicks(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of(java_script_enabled=False)
    tab.goto("/")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Design").click()
    tab.get_by_role("link", name=re.compile("^Early prednisolone")).click()
    tab.get_by_role("button", name="Find the size").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("like-kalita-2006")
    tab.get_by_role("button", name="Stop").click()
