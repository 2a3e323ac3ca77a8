"""What every result can do: give its document, and show itself in a notebook."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from calor.core.plain_data import plain

if TYPE_CHECKING:
    from rich.text import Text

    from calor.report.tables import Table


class Result(ABC):
    """A result with one document: the same JSON as the command's `--json`."""

    @abstractmethod
    def _document(self) -> dict[str, Any]:
        """Return the document; it may hold NumPy numbers and arrays."""

    @abstractmethod
    def _parts(self) -> Iterable[str | Text | Table]:
        """Yield the texts and tables that people read, in order."""

    def to_document(self) -> dict[str, Any]:
        """Return the result as JSON-ready data, as the command's `--json` prints it."""
        document: dict[str, Any] = plain(self._document())
        return document

    def to_json(self) -> str:
        """Return the document as JSON text; a number that is not finite is a fault, never written."""
        return json.dumps(self.to_document(), indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the tables and remarks of the command, escaped."""
        from calor.report.html import html_of

        return html_of(self._parts())

    def __repr__(self) -> str:
        """Return the first line that people read, with the class."""
        first = next((str(part) for part in self._parts() if str(part)), "")
        return f"<{type(self).__name__}: {first}>"
