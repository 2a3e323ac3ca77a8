"""The questions that ship, by id, and the text of one to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from calor.core.documents import read_document, validate
from calor.core.errors import InputError
from calor.decision.questions.question import QuestionFile

FOLDER = Path(str(files("calor.decision.questions"))) / "library"
TEMPLATE = FOLDER.parent / "template.yaml"
YAML_ENDINGS = {".yaml", ".yml"}


def question_ids() -> tuple[str, ...]:
    """Return the ids of the questions that ship, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def shipped_questions() -> tuple[QuestionFile, ...]:
    """Return the questions that ship."""
    return tuple(validate(read_document(FOLDER / f"{each}.yaml"), QuestionFile) for each in question_ids())


def question_path(name: str) -> Path:
    """Return the file of a question that ships, or the user's own. Raises InputError for anything else."""
    if name in question_ids():
        return FOLDER / f"{name}.yaml"
    if Path(name).suffix.lower() in YAML_ENDINGS or Path(name).exists():
        return Path(name)
    raise InputError.of(
        f"{name!r} is neither a question that ships nor a file",
        key="QUESTION",
        allowed=f"a .yaml file, or {', '.join(question_ids())}",
        hint="calor next --list shows the questions that ship",
    )


def question_text(like: str | None = None) -> str:
    """Return a commented question that runs as it stands: the template, or one that ships.

    Raises InputError for an id that does not ship.
    """
    if like is None:
        return TEMPLATE.read_text(encoding="utf-8")
    if like not in question_ids():
        raise InputError.of(
            f"{like!r} does not ship",
            key="--like",
            allowed=", ".join(question_ids()),
            hint="calor next --list",
        )
    return (FOLDER / f"{like}.yaml").read_text(encoding="utf-8")
