"""`calor report` and `calor figure`: files, names, what is refused and how."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from calor.cli.figure import KINDS
from calor.population.posteriors import Shipped, shipped_report
from calor.report import pictures
from tests.cli.conftest import Calor
from tests.report.html_rules import Page
from tests.report.saved_trial import lips


@pytest.fixture
def run(tmp_path: Path) -> str:
    shutil.copytree(lips().folder, tmp_path / "my-run")
    return "my-run"


def test_a_report_goes_beside_its_run(calor: Calor, run: str) -> None:
    assert calor("report", run).code == 0
    assert Path("my-run.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    outcome = calor("report", run, "--plain", "--json")
    assert outcome.document == {"run": run, "kind": "trial", "files": {"html": "my-run-plain.html"}}
    assert calor("report", run, "--sap", "--html", "out/sap.html").code == 0
    assert Path("out/sap.html").exists()


def test_a_run_can_be_the_folder_at_hand(calor: Calor, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run)
    assert calor("report", ".", "--sap").code == 0
    assert Path("../my-run-sap.html").exists()


def test_options_that_would_do_nothing_are_refused(calor: Calor, run: str) -> None:
    assert calor("report", run, "--plain", "--sap").code == 2
    assert calor("report", run, "--plain", "--credibility", "use.yaml").code == 2


def test_a_missing_folder_is_said(calor: Calor) -> None:
    outcome = calor("report", "nowhere")
    assert outcome.code == 2
    assert "nowhere: no such folder" in outcome.err


def test_a_pdf_without_weasyprint_names_the_command(
    calor: Calor, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    outcome = calor("report", run, "--pdf", "report.pdf")
    assert outcome.code == 3
    assert "pip install 'calor[pdf]'" in outcome.err
    assert not Path("report.pdf").exists()


@pytest.mark.skipif(importlib.util.find_spec("weasyprint") is None, reason="the pdf extra is not installed")
def test_a_pdf_is_tagged_and_the_same_each_time(calor: Calor, run: str) -> None:
    for name in ("first.pdf", "second.pdf"):
        assert calor("report", run, "--plain", "--pdf", name).code == 0
    assert Path("first.pdf").read_bytes() == Path("second.pdf").read_bytes()
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open("first.pdf") as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "en"
        assert list(document.attachments) == ["benefit-1.csv"]
        tags = [each for each in document.objects if isinstance(each, pikepdf.Dictionary) and "/S" in each]
        figures = [each for each in tags if each.S == "/Figure"]
        assert len(figures) == 1
        assert all("/Alt" in each for each in figures)


@pytest.mark.skipif(importlib.util.find_spec("weasyprint") is None, reason="the pdf extra is not installed")
def test_the_tags_of_a_whole_report_are_those_that_readers_need(calor: Calor, run: str) -> None:
    """What PDF/UA-1 (ISO 14289-1) asks of tags, as far as a program can tell."""
    pikepdf = pytest.importorskip("pikepdf")
    assert calor("report", run, "--pdf", "whole.pdf").code == 0
    with pikepdf.open("whole.pdf") as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en"
        assert root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as said:
            assert said["pdfuaid:part"] == "1"
            assert "(LIPS)" in said["dc:title"]
        assert all(page.Tabs == "/S" for page in document.pages if "/Annots" in page)
        tags = list(tags_below(root.StructTreeRoot))
        assert {str(tag.S) for tag, _ in tags} >= {
            "/Document",
            "/H1",
            "/H2",
            "/Table",
            "/Figure",
            "/L",
            "/Link",
        }
        levels = [int(str(tag.S)[2:]) for tag, _ in tags if re.fullmatch(r"/H\d", str(tag.S))]
        assert levels[0] == 1
        assert all(second <= first + 1 for first, second in pairwise(levels))
        assert all(len(str(tag.get("/Alt", ""))) > 20 for tag, _ in tags if tag.S == "/Figure")
        heads = [(str(tag.A.get("/Scope")), "/THead" in above) for tag, above in tags if tag.S == "/TH"]
        assert heads.count(("/Column", True)) > 20
        assert heads.count(("/Row", False)) > 50
        assert set(heads) == {("/Column", True), ("/Row", False)}
        assert all("/TR" in above for tag, above in tags if tag.S in {"/TH", "/TD"})


def tags_below(tag: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield every structure element below one, in reading order, with the names of those above it."""
    import pikepdf

    below = tag.get("/K", [])
    for child in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child, above
            yield from tags_below(child, (*above, str(child.S)))


def test_every_figure_can_be_named() -> None:
    assert tuple(pictures.KINDS) == KINDS


def test_a_figure_comes_with_its_data_in_three_formats(calor: Calor, run: str) -> None:
    for ending, begin in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")):
        assert calor("figure", "basis", run, "--out", f"basis{ending}").code == 0
        assert Path(f"basis{ending}").read_bytes().startswith(begin)
    assert Path("basis.csv").read_text(encoding="utf-8").startswith("bar,kind,share\n")
    outcome = calor("figure", "basis", run, "--out", "basis.jpg")
    assert outcome.code == 2
    assert ".svg, .png, .pdf" in outcome.err


def test_a_figure_that_a_run_does_not_hold_is_refused_with_those_that_it_does(calor: Calor, run: str) -> None:
    outcome = calor("figure", "power", run)
    assert outcome.code == 3
    assert "this trial holds nothing for the figure power" in " ".join(outcome.err.split())
    assert "within-person" in outcome.err


def test_new_credibility_writes_a_template_that_can_be_used(calor: Calor, run: str) -> None:
    assert calor("new", "credibility", "--out", "use.yaml").code == 0
    assert calor("report", run, "--credibility", "use.yaml").code == 0
    assert calor("new", "credibility", "--out", "use.yaml").code == 2


def test_a_fit_has_a_report_that_begins_with_what_it_misses(calor: Calor) -> None:
    document = shipped_report(Shipped.VALIDATION)
    assert document is not None
    Path("fit").mkdir()
    Path("fit/report.json").write_text(json.dumps(document), encoding="utf-8")
    assert calor("report", "fit").code == 0
    page = Page.of(Path("fit.html").read_text(encoding="utf-8"))
    missed = document["outside_95"]
    assert f"{len(missed)} of {len(document['targets'])} published numbers lie outside" in "".join(page.text)
    assert len(page.images) == 2
    assert calor("figure", "targets", "fit", "--out", "targets.png").code == 0
    assert calor("figure", "within-person", "fit").code == 3
    assert calor("new", "credibility", "--out", "use.yaml").code == 0
    Path("use.yaml").write_text("context_of_use: to choose a size", encoding="utf-8")
    assert calor("report", "fit", "--credibility", "use.yaml").code == 3


def test_a_size_search_and_a_comparison_have_reports(calor: Calor) -> None:
    settings = ("--worlds", "2", "--replicates", "100", "--assume-effect", "-2")
    assert calor("trial", "goebel-2010", "--find", "n", *settings, "--out", "size").code == 0
    assert calor("report", "size").code == 0
    assert "patients reach a power of 0.8" in Path("size.html").read_text(encoding="utf-8")
    assert calor("figure", "power", "size").code == 0
    designs = ("goebel-2010", "goebel-2010")
    assert calor("compare", *designs, *settings, "--out", "designs").code == 0
    assert calor("report", "designs", "--html", "designs.html").code == 0
    assert "Designs side by side" in Path("designs.html").read_text(encoding="utf-8")
    assert calor("report", "designs", "--plain").code == 3
