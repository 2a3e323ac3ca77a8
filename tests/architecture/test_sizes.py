"""Files and functions stay short enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "calor"
MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 50
"""From `def` to the last line, with the docstring and without decorators."""


def functions_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every function of a module with its lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{node.name} (line {node.lineno})", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCE.rglob("*.py")}
    assert len(sizes) > 300
    assert not {str(path): size for path, size in sizes.items() if size > MOST_LINES_OF_A_FILE}


def test_no_function_is_too_long_to_be_read_at_once() -> None:
    long = [
        f"{path.relative_to(SOURCE)}: {name}, {size} lines"
        for path in sorted(SOURCE.rglob("*.py"))
        for name, size in functions_of(ast.parse(path.read_text("utf-8")))
        if size > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_a_function_s_lines_are_counted() -> None:
    two = "class A:\n    @property\n    def two(self):\n        '''x\n\n        y'''\n"
    tree = ast.parse(f"def one():\n    pass\n\n\n{two}")
    assert [size for _, size in functions_of(tree)] == [2, 4]
