"""The main task of each page, by clicking and typing as a visitor does."""

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

    expecting.set_options(timeout=30_000)
    return expecting(found)


def test_immunoglobulin_in_long_standing_crps_in_three_clicks(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    tab.goto("/")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Evidence").click()
    tab.get_by_role("link", name=re.compile("^Immunoglobulin")).click()
    tab.get_by_role("link", name="long-standing", exact=True).click()
    expect(tab.get_by_role("status")).to_contain_text("3 studies")
    expect(tab.locator("#answer")).to_contain_text("Nothing is pooled")
    tab.get_by_role("link", name="goebel-2017-lips").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("goebel-2017-lips")
    expect(tab.get_by_role("heading", name="Every number, with its source and grade")).to_be_visible()


def test_evidence_answers_while_one_types_and_keeps_the_focus(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of(may_be_refused=True)
    tab.goto("/evidence")
    words = tab.get_by_label("In your own words")
    words.click()
    words.press_sequentially("remicade", delay=20)
    expect(tab.get_by_role("status")).to_contain_text("infliximab")
    expect(words).to_be_focused()
    assert "words=remicade" in tab.url
    words.fill("immunoglobbulin")
    tab.get_by_role("alert").wait_for()
    expect(tab.get_by_role("alert")).to_contain_text("did you mean immunoglobulin")


def test_explore_follows_the_form(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of(may_be_refused=True)
    tab.goto("/")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Explore").click()
    answer = tab.locator("#answer")
    expect(answer).to_contain_text("Prednisolone, 40 mg oral daily for 14 days")
    regimen = tab.get_by_label("Regimen 1")
    regimen.fill("20 mg oral daily for 7 days")
    expect(answer).to_contain_text("Prednisolone, 20 mg oral daily for 7 days")
    expect(regimen).to_be_focused()
    tab.get_by_role("radio", name="cold").check()
    expect(answer.get_by_text("--phenotype cold")).to_be_visible()
    tab.get_by_label("Treatment 2").select_option("ivig")
    expect(tab.get_by_role("alert")).to_contain_text("ivig has no regimen")
    tab.get_by_label("Regimen 2").fill("0.5 g/kg iv over 6 h at day 1, 22")
    expect(answer.get_by_role("heading", name=re.compile("IVIG")).first).to_be_visible()
    assert answer.locator("svg.changes").count() == 2 + 6
    tab.reload()
    expect(tab.get_by_label("Regimen 1")).to_have_value("20 mg oral daily for 7 days")


def test_explore_by_keyboard_alone(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    tab.goto("/explore")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    expect(tab.get_by_label("Months since the injury")).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_role("radio", name="cold")).to_be_checked()
    expect(tab.locator("#answer").get_by_text("--phenotype cold")).to_be_visible()


def test_model_from_a_number_to_its_source(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    tab.goto("/model")
    expect(tab.get_by_role("img", name=re.compile("Who influences whom"))).to_be_visible()
    tab.get_by_role("link", name="Every number, with its source").click()
    tab.wait_for_load_state("networkidle")  # what is typed before the script is there changes nothing
    tab.get_by_label("Holds these letters").fill("glial_loss")
    expect(tab.get_by_role("status")).to_contain_text("1 number")
    tab.get_by_role("link", name="glial_loss_rate").click()
    expect(tab.get_by_role("term").filter(has_text="Source").first).to_be_visible()


def test_claims_say_what_would_settle_them(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    tab.goto("/claims")
    tab.get_by_role("link", name=re.compile("Immunoglobulin, often by vein")).click()
    expect(tab.get_by_role("heading", name="What would settle it")).to_be_visible()
    tab.get_by_role("link", name="goebel-2017-lips").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("goebel-2017-lips")


def test_next_ranks_the_studies_of_a_question(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of()
    tab.goto("/")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Next").click()
    tab.get_by_role("link", name=re.compile("antibody")).first.click()
    tab.get_by_role("link", name=re.compile("Take a first look")).click()
    expect(tab.get_by_role("heading", name="The studies, best first")).to_be_visible()
    expect(tab.get_by_role("img", name=re.compile("What each study would teach"))).to_be_visible()


def test_a_visitor_with_the_token_gets_in(browser: Any, tmp_path: Any) -> None:
    from scripts.browser.chromium import server

    token = "a-token-that-nobody-guesses"
    with server("--token", token, "--runs", str(tmp_path)) as guarded:
        context = browser.new_context(base_url=guarded)
        tab = context.new_page()
        tab.goto("/evidence")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("asks for its token")
        tab.get_by_label("Token").fill("wrong")
        tab.get_by_role("button", name="Sign in").click()
        expect(tab.get_by_role("alert")).to_contain_text("not the token")
        tab.get_by_label("Token").fill(token)
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_role("link", name="Evidence", exact=True).first.click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("What was tried in CRPS")
        context.close()
