"""The notebooks run, at small sizes, and show what a page of the documentation can show."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from scripts.documentation.notebook_pages import write_page
from scripts.documentation.notebooks import SIZES, notebooks, read_notebook, run

SMALL = {
    "clinician": {"COHORT": 12},
    "pharmacometrician": {"POPULATION": 20, "COHORT": 12},
    "trial-designer": {"WORLDS": 2, "REPLICATES": 100, "QUESTION_WORLDS": 10, "PEOPLE": 8},
}


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return of each cell the kinds of what it shows."""
    return [
        [", ".join(sorted(out.get("data", {"text": ""}))) for out in cell.outputs] for cell in code(notebook)
    ]


def test_there_is_a_notebook_for_everybody() -> None:
    assert [path.stem for path in notebooks()] == sorted(SMALL)


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_keeps(path: Path) -> None:
    """The outputs that are kept are of larger sizes; cell by cell they are of the same kinds."""
    kept, fresh = read_notebook(path), read_notebook(path)
    run(fresh, SMALL[path.stem])
    assert kinds(fresh) == kinds(kept)
    assert [cell.execution_count for cell in code(kept)] == list(range(1, len(code(kept)) + 1))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_page_holds_all_of_a_notebook(path: Path, tmp_path: Path) -> None:
    notebook = read_notebook(path)
    write_page(notebook, tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert all(cell.source.replace("!calor", "calor") in text for cell in notebook.cells)
    pictures = sum(kind.startswith("image/png") for shown in kinds(notebook) for kind in shown)
    assert pictures == len(list(tmp_path.glob("page-*.png"))) == text.count("](page-") > 0


def test_sizes_that_a_notebook_does_not_say_are_refused() -> None:
    cell = nbformat.v4.new_code_cell("N = 3", metadata={"tags": [SIZES]})
    notebook = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_code_cell("N * 2")])
    run(notebook, {"N": 5})
    assert notebook.cells[1].outputs[0]["data"] == {"text/plain": "10"}
    with pytest.raises(AssertionError, match="does not say"):
        run(notebook, {"M": 5})


def test_a_cell_that_fails_ends_the_run() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("!calor trial none-such")])
    with pytest.raises(Exception, match="none-such"):
        run(notebook)
