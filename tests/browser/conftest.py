"""A server and Debian's Chromium; a tab that fails on errors, foreign requests and broken policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("playwright", reason="make test-browser installs it")

from scripts.browser.chromium import chromium, server
from scripts.browser.example_runs import make_example_runs

WATCH = """
window.brokenPolicies = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.brokenPolicies.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs = tmp_path_factory.mktemp("runs")
    make_example_runs(runs)
    with server("--runs", str(runs)) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab_of(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Give tabs; at the end none may have said an error, asked another machine or broken the policy."""
    opened: list[tuple[Any, Any, list[str]]] = []

    def open_tab(*, may_be_refused: bool = False, **settings: Any) -> Any:
        context = browser.new_context(base_url=address, reduced_motion="reduce", **settings)
        context.set_default_timeout(60_000)
        tab, wrong = context.new_page(), []

        def heard(said: Any) -> None:
            refused = may_be_refused and "status of 422" in said.text
            if said.type == "error" and not refused:
                wrong.append(said.text)

        tab.on("console", heard)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on(
            "request",
            lambda asked: None if asked.url.startswith(address) else wrong.append(f"asked {asked.url}"),
        )
        if settings.get("java_script_enabled", True):
            tab.add_init_script(WATCH)
        opened.append((context, tab, wrong))
        return tab

    yield open_tab
    for context, tab, wrong in opened:
        broken = tab.evaluate("window.brokenPolicies ?? []") if not tab.is_closed() else []
        context.close()
        assert wrong == []
        assert broken == []
