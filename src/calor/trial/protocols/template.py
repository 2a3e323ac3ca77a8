"""The text of a commented protocol to start from: a design's template, or a published trial's own text."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from calor.core.errors import InputError
from calor.study.library import blocks_of, path_of, trial_ids

_PUBLISHED_ONLY = ("record", "role", "provenance", "fitted")
"""Top-level keys that belong to the published trial and not to a new one."""


_TEMPLATES = Path(str(files("calor.trial.protocols"))) / "templates"


def template_names() -> list[str]:
    """Return the designs of which there is a protocol to start from; the one for parallel arms shows most."""
    return sorted(path.stem for path in _TEMPLATES.glob("*.yaml"))


def protocol_text(like: str | None = None, design: str = "parallel") -> str:
    """Return a protocol as commented YAML that is valid as it stands.

    Arguments: the id of a published trial to start from, or None for the template of a design. Raises
    InputError for an id that is not published, or a design without a template.
    """
    if like is None:
        if design not in template_names():
            raise InputError.of(f"is {design!r}", key="--design", allowed=", ".join(template_names()))
        return (_TEMPLATES / f"{design}.yaml").read_text(encoding="utf-8")
    if like not in trial_ids():
        raise InputError.of(
            f"{like!r} is no published trial",
            key="--like",
            allowed=", ".join(trial_ids()),
            hint="calor trials lists them",
        )
    text = path_of(like).read_text(encoding="utf-8")
    kept = [block for block in blocks_of(text) if _key_of(block) not in _PUBLISHED_ONLY]
    own = re.sub(r"^id: .*$", f"id: like-{like}", "".join(kept), count=1, flags=re.MULTILINE)
    return f"# Started from the published trial {like}; change what you want to know about.\n{own.rstrip()}\n"


def _key_of(block: str) -> str:
    return block.split(":", 1)[0]
