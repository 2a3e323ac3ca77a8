"""Answers to the questions that ship: the newest saved run of each, or a first look worked out here."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from calor.app.kept import Kept
from calor.app.lookups import question_named
from calor.core.errors import ReportedError
from calor.core.executors import Threads
from calor.core.plain_data import plain
from calor.core.progress import SILENT
from calor.decision.asking import Asking, answer, origin_of
from calor.decision.believed import Size
from calor.decision.money.figures import money_with
from calor.decision.questions.shipped import question_path
from calor.store.saved_run import Kind, read_run
from calor.trial.bank.scenario import Scenario
from calor.trial.runs.named import posterior_of

WORLDS, PEOPLE, SEED = 40, 8, 1
"""The size of a first look: seconds. The command's own is minutes."""

MOST_FOLDERS = 500
"""Run folders that are looked at, the newest first."""


class NextAnswers:
    """Answers by question. Arguments: the folder that holds run folders."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._looks: Kept[str, dict[str, Any]] = Kept(20)

    def saved(self, identifier: str) -> tuple[str, dict[str, Any]] | None:
        """Return the name of the newest run folder that answers a question, and its document."""
        for folder in _newest(self._runs):
            if _question_in(folder) != identifier:
                continue
            try:
                run = read_run(folder)
            except ReportedError:
                continue
            if run.kind is Kind.NEXT:
                return folder.name, run.result
        return None

    def look(self, identifier: str) -> dict[str, Any]:
        """Return a first look at a question. Raises AbsentError for one that does not ship."""
        question = question_named(identifier)

        def make() -> dict[str, Any]:
            asking = Asking(
                question=question,
                scenario=Scenario(posterior_of(None)),
                money=money_with(question.file.money, {}),
                size=Size(seed=SEED, executor=Threads(os.cpu_count() or 1), worlds=WORLDS, people=PEOPLE),
                budget=question.file.budget,
                portfolio=False,
                observed=None,
            )
            origin = origin_of(asking, question_path(identifier))
            found: dict[str, Any] = plain(answer(asking, SILENT).document(origin))
            return found

        return self._looks.get(identifier, make)


def _newest(runs: Path) -> list[Path]:
    if not runs.is_dir():
        return []
    folders = [path for path in runs.iterdir() if (path / "question.json").is_file()]
    return sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_FOLDERS]


def _question_in(folder: Path) -> str | None:
    try:
        found = json.loads((folder / "question.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("id") if isinstance(found, dict) else None
