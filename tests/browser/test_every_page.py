"""Every page in light and dark, wide and narrow: no errors, no violations, readable, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.browser.screenshots import PAGES, WIDTHS

pytestmark = pytest.mark.browser

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
TOO_SMALL = """() => [...document.querySelectorAll("svg text")]
  .filter((text) => text.checkVisibility())
  .map((text) => [text.textContent, text.getBoundingClientRect().height])
  .filter(([words, height]) => height && height < 8.5)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_violations_and_contrast(tab_of: Callable[..., Any], name: str, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = tab_of(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    tab.goto(PAGES[name])
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(tab)
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3])
            for each in found.response["violations"]] == []  # fmt: skip
    assert tab.evaluate(CONTRAST) == []


@pytest.mark.parametrize("name", PAGES)
def test_narrow_pages_scroll_down_alone(tab_of: Callable[..., Any], name: str) -> None:
    tab = tab_of(viewport={"width": WIDTHS["narrow"], "height": 800}, has_touch=True)
    tab.goto(PAGES[name])
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert tab.evaluate("document.documentElement.scrollWidth") <= WIDTHS["narrow"]
    assert tab.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_whole_without_script(tab_of: Callable[..., Any], name: str) -> None:
    tab = tab_of(java_script_enabled=False)
    answered = tab.goto(PAGES[name])
    assert answered.status == 200
    assert tab.locator("#answer, .cards").first.inner_text()
