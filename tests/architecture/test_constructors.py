"""A dataclass of many fields is made by keyword: in a long row of values nobody sees which is which."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
MOST_BY_POSITION = 6


def is_dataclass(node: ast.ClassDef) -> bool:
    names = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    return any(isinstance(name, ast.Name) and name.id == "dataclass" for name in names)


def fields_of(node: ast.ClassDef) -> list[str]:
    return [
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and "ClassVar" not in ast.unparse(each.annotation)
    ]


def large_dataclasses(tree: ast.Module) -> set[str]:
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and is_dataclass(node) and len(fields_of(node)) > MOST_BY_POSITION
    }


def homes(module: str, tree: ast.Module) -> dict[str, str]:
    """Return where each name of a module comes from: another module or package, or itself."""
    found = {node.name: module for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.update({alias.asname or alias.name: node.module for alias in node.names})
    return found


def calls_by_position(
    module: str, tree: ast.Module, large: dict[str, set[str]]
) -> list[tuple[ast.Call, str]]:
    """Return every call that hands a large dataclass values by their position, and the class.

    Arguments: a module by name and tree, and the names of large dataclasses by their module.
    """
    own, found = homes(module, tree), []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name = node.func.id
        home = own.get(name)
        is_large = home is not None and any(
            name in names and (where == home or where.startswith(f"{home}."))
            for where, names in large.items()
        )
        if is_large and node.args:
            found.append((node, name))
    return found


def modules() -> dict[str, ast.Module]:
    paths = sorted(SOURCE.rglob("*.py"))
    return {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in paths
    }


def test_dataclasses_of_many_fields_are_made_by_keyword() -> None:
    trees = modules()
    large = {name: large_dataclasses(tree) for name, tree in trees.items()}
    assert sum(len(names) for names in large.values()) > 50
    found = [
        f"{module}:{call.lineno}: {name}"
        for module, tree in trees.items()
        for call, name in calls_by_position(module, tree, large)
    ]
    assert not found, "\n".join(found)


def test_a_call_by_position_is_found() -> None:
    fields = "\n".join(f"    f{place}: int" for place in range(7))
    tree = ast.parse(f"@dataclass(frozen=True)\nclass Large:\n{fields}\n\nLarge(1, f1=2)\nLarge(f0=1)\n")
    large = {"calor.a.b": large_dataclasses(tree)}
    assert [call.lineno for call, _ in calls_by_position("calor.a.b", tree, large)] == [11]
    other = ast.parse("from calor.a import Large\nLarge(*row)\n")
    assert [call.lineno for call, _ in calls_by_position("calor.c", other, large)] == [2]
    stranger = ast.parse("from rich.table import Large\nLarge('title')\n")
    assert not calls_by_position("calor.c", stranger, large)
