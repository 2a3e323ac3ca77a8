"""Take the screenshots of every page: `python -m scripts.browser.screenshots`, into docs/images/browser."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image

from scripts.browser.chromium import chromium, server
from scripts.browser.example_runs import DONE, FAILED, FOUND, STOPPED, make_example_runs

THREE = {
    "duration_months": 18,
    "phenotype": "cold",
    "weeks": 26,
    "drug": ["ivig", "prednisolone", "infliximab"],
    "regimen": [
        "0.5 g/kg iv over 6 h at day 1, 22",
        "40 mg oral daily for 14 days",
        "5 mg/kg iv over 2 h at week 0, 2, 6",
    ],
}
PAGES = {
    "home": "/",
    "explore": "/explore",
    "explore-three": "/explore?" + urlencode(THREE, doseq=True),
    "evidence": "/evidence?words=ivig&phase=persistent",
    "evidence-record": "/evidence/goebel-2017-lips",
    "design": "/design?like=multi-arm-multi-stage",
    "runs": "/runs",
    "run": f"/runs/{DONE}",
    "run-size": f"/runs/{FOUND}",
    "run-stopped": f"/runs/{STOPPED}",
    "run-failed": f"/runs/{FAILED}",
    "run-remove": f"/runs/{STOPPED}/remove",
    "next": "/next",
    "next-question": "/next/which-antibody?look=true",
    "model": "/model",
    "model-numbers": "/model/parameters?module=central",
    "model-number": "/model/parameters/glial_loss_rate",
    "model-sensitivity": "/model/sensitivity",
    "claims": "/claims",
    "claim": "/claims/S8",
}
WIDTHS = {"wide": 1280, "narrow": 390}
COLOURS = 64
DOCUMENTED = ("wide", "light")
SHOWN = ("explore", "evidence", "design", "runs", "run", "next-question", "model", "claim")
"""The pages that the documentation shows."""


def main() -> None:
    """Take the screenshots that the documentation shows, or all of them in both themes and widths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/browser"))
    parser.add_argument("--all", action="store_true", help="light and dark, wide and narrow")
    parser.add_argument("--only", choices=PAGES, default=None)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    names = (given.only,) if given.only else PAGES if given.all else SHOWN
    runs = Path(tempfile.mkdtemp(prefix="calor-runs-"))
    make_example_runs(runs)
    with server("--runs", str(runs)) as address, chromium() as browser:
        for width, pixels in WIDTHS.items():
            for theme in ("light", "dark"):
                if not given.all and (width, theme) != DOCUMENTED:
                    continue
                context = browser.new_context(
                    viewport={"width": pixels, "height": 900}, color_scheme=theme, reduced_motion="reduce"
                )
                tab = context.new_page()
                tab.set_default_timeout(120_000)
                for name in names:
                    tab.goto(address + PAGES[name], wait_until="networkidle")
                    ending = "" if not given.all else f"-{width}-{theme}"
                    path = given.out / f"{name}{ending}.png"
                    tab.screenshot(path=path, full_page=given.all)
                    make_small(path)
                context.close()


def make_small(path: Path) -> None:
    """Write a screenshot with as many colours as a page needs: a third of the bytes, and no eye sees it."""
    with Image.open(path) as shown:
        few = shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
