"""Reports as a reader's browser shows them: no violations, nothing cut off, no letter under 7 pt on paper."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

EXAMPLES = Path(__file__).parents[2] / "examples"
TRIALS = {
    "lips": ("goebel-2017-lips",),
    "early-prednisolone": ("kalita-2006",),
    "three-drugs": (str(EXAMPLES / "protocols" / "three-drugs-two-looks.yaml"),),
    "n-of-1": (str(EXAMPLES / "designs" / "n-of-1.yaml"),),
    "half-dose": (str(EXAMPLES / "designs" / "non-inferiority.yaml"),),
}
SMALL = ("--worlds", "2", "--replicates", "100")
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
PAPER_PX = 210 / 25.4 * 96
"""The width of A4 in CSS pixels, 96 to an inch."""
SMALLEST_PX = 7 / 72 * 96
SMALL_LETTERS = """(smallest) => [...document.querySelectorAll("main *")]
  .filter((each) => each.checkVisibility())
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((each) => [each.textContent.slice(0, 40), parseFloat(getComputedStyle(each).fontSize)])
  .filter(([words, size]) => size < smallest - 0.01)"""
CUT_OFF = """() => [...document.querySelectorAll("table, figure, img")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the reports by name: of each trial the whole one, and one in plain words."""
    folder, found = tmp_path_factory.mktemp("reports"), {}
    for name, asked in TRIALS.items():
        _calor(folder, "trial", *asked, *SMALL, "--out", name)
        for kind, options in (("whole", ()), ("plain", ("--plain",))):
            page = folder / f"{name}-{kind}.html"
            _calor(folder, "report", name, *options, "--html", page.name)
            found[f"{name}-{kind}"] = page
    return found


@pytest.mark.parametrize("kind", ["whole", "plain"])
@pytest.mark.parametrize("name", TRIALS)
def test_a_report_has_no_violations_and_nothing_is_cut_off(
    browser: Any, reports: dict[str, Path], name: str, kind: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": round(PAPER_PX), "height": 1100})
    tab, wrong = context.new_page(), []
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    tab.goto(reports[f"{name}-{kind}"].as_uri())
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(tab)
    assert found.response["passes"]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3])
            for each in found.response["violations"]] == []  # fmt: skip
    assert tab.evaluate(CONTRAST) == []
    assert tab.evaluate(CUT_OFF) == []
    assert tab.evaluate(SMALL_LETTERS, SMALLEST_PX) == []
    context.close()
    assert wrong == []


def _calor(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "calor", *arguments], cwd=folder, check=True, capture_output=True)
