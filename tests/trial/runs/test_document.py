"""The documents of runs, key by key, as they were printed before; and that nobody's threads change them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.trial.runs.document import result_document, search_document
from calor.trial.runs.enough import Enough
from calor.trial.runs.pipeline import conclude
from calor.trial.runs.sizing import find_size
from calor.trial.runs.stages import simulate
from tests.trial.runs.made_up_runs import SCENARIOS, made_up

BEFORE: dict[str, Any] = json.loads(Path(__file__).with_name("documents.json").read_text("utf-8"))


def leaves(document: Any, path: str = "") -> dict[str, Any]:
    """Return every value of a document by its path."""
    if isinstance(document, dict):
        parts = [leaves(value, f"{path}.{key}") for key, value in document.items()]
    elif isinstance(document, list | tuple):
        parts = [leaves(value, f"{path}[{place}]") for place, value in enumerate(document)]
    else:
        return {path: document}
    return {path: type(document).__name__, **{key: value for part in parts for key, value in part.items()}}


def check_same(found: dict[str, Any], name: str) -> None:
    if "parameters" in found:
        found["parameters"]["share_by_status"] = None  # of the model at hand
    found = json.loads(json.dumps(found, allow_nan=False))
    now, before = leaves(found), leaves(BEFORE[name])
    assert set(now) == set(before)
    for path, value in before.items():
        if isinstance(value, float):
            assert now[path] == pytest.approx(value, rel=1e-9, abs=1e-12), path
        else:
            assert now[path] == value, path
            assert type(now[path]) is type(value), path


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_document_of_a_run_is_what_it_was(name: str) -> None:
    watcher = Silent()
    run = conclude(Enough(simulate(made_up(name), watcher), ()), watcher)
    check_same(result_document(run, {"seed": 1}), name)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_document_of_a_search_is_what_it_was(workers: int) -> None:
    ready = made_up("assumed")
    ready = replace(ready, settings=replace(ready.settings, executor=Threads(workers)))
    check_same(search_document(ready, find_size(ready, 0.8, Silent()), {"seed": 1}), "search")
