"""The report of a trial: order, valid HTML, no script, figures with data, and the same bytes each time."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.text import Text

from calor.core.errors import InputError
from calor.report.credibility_file import TEMPLATE, Credibility, Judged, read_credibility
from calor.report.figures import PAGE_WIDTH, picture_bytes, small_svg
from calor.report.page import page_html
from calor.report.pictures import KINDS
from calor.report.style import TEXT_PAIRS
from calor.report.verification import verification
from calor.report.writing import page_of
from calor.store.saved_run import SavedRun, read_run
from tests.report.html_rules import Page
from tests.report.saved_trial import HOSTILE, half_dose, lips, one_after_another, three_drugs

CHAPTERS = [
    "Answer",
    "What rests on data, what on assumption",
    "Question, protocol and estimand",
    "The virtual patients",
    "Results",
    "Rival explanations and sensitivity",
    "What would change the answer",
    "Evidence",
    "Benefit and harm",
    "Limits",
    "Appendix A. Credibility",
    "Appendix B. Provenance and references",
]


ITEMS_OF_M15 = [
    "question of interest", "context of use", "model influence", "consequence of wrong decision",
    "model risk", "model impact", "technical criteria", "appropriateness of proposed MIDD",
    "evaluation of model and model outcomes", "outcome of the MIDD evidence assessment",
]  # fmt: skip
"""The items of the assessment table of ICH M15 (Step 4, January 2026), Appendix 1, in its order."""


def html_of(run: SavedRun, said: Credibility | None = None) -> str:
    return page_html(page_of(run, said or Credibility()))


@cache
def page() -> tuple[str, Page]:
    html = html_of(lips())
    return html, Page.of(html)


def test_the_chapters_stand_in_their_order() -> None:
    _, found = page()
    assert [text for level, text in found.headings if level == 2] == CHAPTERS
    levels = [level for level, _ in found.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(second <= first + 1 for first, second in pairwise(levels)), "a level is left out"


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    html, found = page()
    assert len(html.encode()) < 2_000_000
    assert "<script" not in html
    assert "http" not in found.style
    assert all(link.startswith(("#", "data:text/csv;base64,")) for link in found.links)
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert "{" not in "".join(found.text), "a format that was never filled"


def test_html5lib_finds_no_error() -> None:
    html5lib = pytest.importorskip("html5lib")
    html5lib.HTMLParser(strict=True).parse(page()[0])


def test_every_figure_has_words_and_data() -> None:
    _, found = page()
    data = [link for link in found.links if link.startswith("data:text/csv")]
    assert len(found.images) == len(data) > 8
    for image in found.images:
        assert len(str(image["alt"])) > 20
        assert str(image["src"]).startswith("data:image/svg+xml;base64,")
    for link in data:
        header, *rows = base64.b64decode(link.split(",", 1)[1]).decode().splitlines()
        assert header
        assert rows


@pytest.mark.parametrize("kind", KINDS)
def test_no_lettering_is_below_seven_points_on_paper(kind: str) -> None:
    for picture in KINDS[kind](lips()):
        width = float(picture.figure.get_size_inches()[0])
        shrinks = min(1.0, PAGE_WIDTH / width)
        sizes = [text.get_fontsize() for text in picture.figure.findobj(Text) if text.get_text()]
        assert min(sizes) * shrinks >= 7.0, picture.name


def test_text_can_be_read_on_its_ground() -> None:
    """WCAG 2.2, 1.4.3: the contrast (L1 + 0.05) / (L2 + 0.05) of relative luminances is at least 4.5."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ink, paper in TEXT_PAIRS:
        dark, light = sorted((luminance(ink), luminance(paper)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_the_same_run_gives_the_same_bytes() -> None:
    assert page()[0] == html_of(read_run(lips().folder))


def test_the_credibility_table_has_the_items_of_ich_m15_in_their_order() -> None:
    html = page()[0]
    places = [html.find(f'<th scope="row">{item}</th>') for item in ITEMS_OF_M15]
    assert min(places) > 0
    assert places == sorted(places)


def test_the_forecasts_that_failed_are_counted_where_validation_is_said() -> None:
    """Every held-back trial of the list of failures is among those that Appendix A counts."""
    run = lips()
    held = run.context["forecasts"]["held_back"]
    listed = {
        lines[0].split(" ")[0] for lines in run.context["forecasts"]["failures"] if "(held-back)" in lines[0]
    }
    over_all = {name for key in held for name in held[key]}
    assert over_all
    assert over_all <= listed
    text = "".join(page()[1].text)
    assert f"{len(held['worse_than_no_effect'])} did worse than predicting no effect" in text


@pytest.mark.parametrize("made", [three_drugs, half_dose, one_after_another])
def test_reports_of_other_designs_are_whole(made: Callable[[], SavedRun]) -> None:
    html5lib = pytest.importorskip("html5lib")
    html = html_of(made())
    html5lib.HTMLParser(strict=True).parse(html)
    found = Page.of(html)
    assert [text for level, text in found.headings if level == 2] == CHAPTERS
    assert len(html.encode()) < 2_000_000
    assert not re.search(r"<h[23][^>]*>[^<]*</h[23]>\s*(<h2|</main>)", html), "a section is empty"
    assert "nan" not in "".join(found.text).replace("finance", "").split()


def test_a_figure_in_a_page_is_drawn_within_a_hundredth_of_a_point() -> None:
    figure = next(KINDS["within-person"](lips())).figure
    whole, small = picture_bytes(figure, ".svg").decode(), small_svg(figure).decode()
    assert len(small) < 0.95 * len(whole)
    paths = [
        [float(each) for each in re.findall(r"-?[\d.]+", " ".join(re.findall(r' d="([^"]*)"', text)))]
        for text in (whole, small)
    ]
    assert len(paths[0]) > 1000
    assert paths[1] == pytest.approx(paths[0], abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [three_drugs, one_after_another])
def test_figures_of_other_designs_can_be_read_on_paper(made: Callable[[], SavedRun], kind: str) -> None:
    for picture in KINDS[kind](made()):
        width = float(picture.figure.get_size_inches()[0])
        sizes = [text.get_fontsize() for text in picture.figure.findobj(Text) if text.get_text()]
        assert min(sizes) * min(1.0, PAGE_WIDTH / width) >= 7.0, picture.name


def test_a_course_of_people_who_get_several_arms_is_one_of_a_sequence() -> None:
    (in_turn,), (apart,) = (KINDS["courses"](made()) for made in (one_after_another, three_drugs))
    assert "sequence, named by the arm that it begins with" in in_turn.caption
    assert "Mean pain of each arm" in apart.caption


def test_few_worlds_are_said_to_be_few() -> None:
    text = "".join(page()[1].text)
    assert "lowest to highest world" in text
    assert (
        "every interval of the effect runs from the lowest to the highest world: a rival has 2 worlds" in text
    )


def test_text_of_people_is_never_markup() -> None:
    run = lips()
    result, protocol = json.loads(json.dumps(run.result)), json.loads(json.dumps(run.protocol))
    result["trial"]["title"] = result["trial"]["id"] = protocol["question"] = HOSTILE
    result["trial"]["assumed"] = {HOSTILE: HOSTILE}
    result["warnings"] = [HOSTILE]
    result["contrast"]["label"] = result["rivals"][0]["name"] = result["arms"][0]["name"] = HOSTILE
    for arm in protocol["arms"]:
        arm["name"] = HOSTILE
    context = json.loads(json.dumps(run.context))
    context["within_person"][0]["arm"] = context["responders"][0]["arm"] = HOSTILE
    hostile = dataclasses.replace(run, result=result, protocol=protocol, context=context)
    html = html_of(hostile, Credibility(context_of_use=HOSTILE))
    found = Page.of(html)
    assert "<script" not in html
    assert "\u202e" not in html
    assert found.headings[0][1].startswith("<script>alert(1)</script>")


def test_what_only_a_person_can_say_is_blank_or_marked(tmp_path: Path) -> None:
    blank = "".join(page()[1].text)
    assert blank.count("Blank: only a person can say this") == 8
    said = Credibility(
        context_of_use="to choose the size",
        model_influence=Judged(level="low", because="other evidence leads"),
        consequence_of_wrong_decision=Judged(level="high", because="people are exposed"),
    )
    text = "".join(Page.of(html_of(lips(), said)).text)
    assert "to choose the size (said by a person)" in text
    assert "Blank: influence is low and consequence high; a person weighs them (model_risk)." in text
    assert text.count("Blank: only a person can say this") == 4
    judged = Judged(level="high", because="people are exposed")
    alike = Credibility(model_influence=judged, consequence_of_wrong_decision=judged)
    assert "high: influence and consequence are both high" in "".join(Page.of(html_of(lips(), alike)).text)
    weighed = said.model_copy(update={"model_risk": judged})
    assert "high: people are exposed (said by a person)" in "".join(Page.of(html_of(lips(), weighed)).text)
    template = tmp_path / "use.yaml"
    template.write_text(TEMPLATE, encoding="utf-8")
    assert read_credibility(template) == Credibility()
    template.write_text("model_influence: {level: huge, because: x}", encoding="utf-8")
    with pytest.raises(InputError, match="model_influence"):
        read_credibility(template)


def test_the_template_is_valid_with_every_key_in_use(tmp_path: Path) -> None:
    lines = [line[2:] if (line[:2] == "# " and ":" in line.split(" ", 2)[1]) or line[:4] == "#   " else ""
             for line in TEMPLATE.splitlines()]  # fmt: skip
    used = tmp_path / "use.yaml"
    used.write_text("\n".join(lines), encoding="utf-8")
    said = read_credibility(used)
    assert [name for name in Credibility.model_fields if not getattr(said, name)] == []


def test_the_summary_of_tests_names_every_oracle() -> None:
    folder = Path(__file__).parents[1] / "oracles"
    named = {each["checks"] for each in verification()["oracles"]}
    assert named == {path.stem.replace("_", " ") for path in folder.glob("*.json")}, "make verification"


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(lips().folder, copy)
    assert read_run(copy).result == lips().result
    (copy / "result.json").write_text((copy / "result.json").read_text().replace("111", "112", 1))
    with pytest.raises(InputError, match=r"result\.json: has changed since the run wrote it"):
        read_run(copy)
    (copy / "result.json").unlink()
    with pytest.raises(InputError, match=r"result\.json: is missing from the run"):
        read_run(copy)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_run(tmp_path / "nothing")
    with pytest.raises(InputError, match="holds no run"):
        read_run(tmp_path)
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(InputError, match="is not JSON"):
        read_run(tmp_path)


def test_a_run_of_another_calor_is_refused() -> None:
    for context in ({}, {**lips().context, "version": 1}):
        old = dataclasses.replace(lips(), context=context)
        with pytest.raises(InputError, match="another version of calor"):
            page_of(old, Credibility())
