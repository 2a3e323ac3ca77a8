"""People's text is never markup: one console decides it, and nothing goes round that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import calor

SOURCES = sorted(Path(next(iter(calor.__path__))).rglob("*.py"))


def offences(tree: ast.Module) -> Iterator[str]:
    """Yield what would read text as markup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "rich.markup":
            yield "rich.markup"
        if isinstance(node, ast.Attribute) and node.attr in {"from_markup", "from_ansi"}:
            yield node.attr
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            yield from {"Console", "RichConsole"} & {name}
            for keyword in node.keywords:
                if keyword.arg in {"markup", "emoji"} and getattr(keyword.value, "value", True):
                    yield f"{keyword.arg}=True"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (tag for tag in ("[bold]", "[/bold]", "[dim]", "[red]", "[/]") if tag in node.value)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SOURCES[0].parent)))
def test_nothing_reads_text_as_markup(path: Path) -> None:
    assert list(offences(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_check_sees_what_it_looks_for() -> None:
    text = "from rich.markup import escape\nConsole()\nText.from_markup(x)\n"
    text += "print(f'[bold]{x}[/bold]', markup=True)"
    assert set(offences(ast.parse(text))) == {
        "rich.markup", "Console", "from_markup", "markup=True", "[bold]", "[/bold]",
    }  # fmt: skip
