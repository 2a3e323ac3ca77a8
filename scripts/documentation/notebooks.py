"""Run the notebooks of the documentation and keep their outputs in them.

    python -m scripts.documentation.notebooks [NAME ...]

A notebook is run as Jupyter would show it, in this process and without a kernel: cells of code share one
namespace, lines that begin with `!` go to a program, and the last expression of a cell is shown.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
from matplotlib.figure import Figure
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
SIZES = "sizes"
"""The tag of the cell that says how large everything is, which a test makes small."""

PROGRAM_LINE = re.compile(r"^!(?P<words>.*)$", re.MULTILINE)
DOTS_PER_INCH = 90


def notebooks() -> list[Path]:
    """Return the notebooks of the documentation."""
    return sorted(FOLDER.glob("*.ipynb"))


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook."""
    return nbformat.read(path, as_version=4)


def run(notebook: NotebookNode, sizes: Mapping[str, int] | None = None) -> None:
    """Run a notebook in an empty folder and put what its cells show into them.

    Arguments: the notebook, which is changed; sizes to take instead of those of its cell of sizes.
    """
    matplotlib.use("Agg")
    names: dict[str, Any] = {"__name__": "__main__", "_program": _program}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for number, cell in enumerate(cells, start=1):
            cell.outputs = list(_outputs(cell.source, names, number))
            cell.execution_count = number
            if sizes is not None and SIZES in cell.metadata.get("tags", ()):
                unknown = set(sizes) - set(names)
                assert not unknown, f"the cell of sizes does not say {unknown}"
                names.update(sizes)


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, without what differs from run to run."""
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def _outputs(source: str, names: dict[str, Any], number: int) -> Iterator[NotebookNode]:
    """Run a cell; yield what it prints, then what its last line is worth."""
    code = PROGRAM_LINE.sub(lambda found: f"_program({found['words']!r})", source)
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, f"cell {number}", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    if printed.getvalue():
        yield nbformat.v4.new_output("stream", name="stdout", text=printed.getvalue())
    if value is not None:
        yield nbformat.v4.new_output("execute_result", data=_data(value), execution_count=number)


def _data(value: Any) -> dict[str, str]:
    """Return what a notebook shows of a value, by kind."""
    if isinstance(value, Figure):
        image = io.BytesIO()
        value.savefig(image, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
        return {"image/png": base64.b64encode(image.getvalue()).decode(), "text/plain": repr(value)}
    if hasattr(value, "_repr_html_"):
        return {"text/html": value._repr_html_(), "text/plain": repr(value)}
    return {"text/plain": repr(value)}


def _program(words: str) -> None:
    """Run a program and print what it prints. Raises CalledProcessError where it fails."""
    arguments = shlex.split(words)
    if arguments[0] == "calor":
        arguments[:1] = [sys.executable, "-m", "calor"]
    done = subprocess.run(
        arguments, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "100"}
    )
    print(done.stdout, end="")


def main(chosen: list[str]) -> None:
    """Run the notebooks of some names, or all."""
    for path in notebooks():
        if not chosen or path.stem in chosen:
            notebook = read_notebook(path)
            run(notebook)
            write_notebook(notebook, path)
            print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
