"""What a written report is made of: headings, paragraphs, lists, tables, figures; never markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from matplotlib.figure import Figure

from calor.report.tables import Table


class Tone(StrEnum):
    """How a paragraph is meant."""

    PLAIN = "plain"
    ANSWER = "answer"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Heading:
    """A heading. Arguments: its text, its level (2 is a chapter), and the name by which links reach it."""

    text: str
    level: int
    anchor: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Items:
    """A list of plain texts."""

    entries: Sequence[str]


@dataclass(frozen=True)
class Picture:
    """A figure with its data.

    Arguments: a name for files; the caption; what it shows in words, for who cannot see it; the figure, drawn
    at its size on paper; and its data.
    """

    name: str
    caption: str
    says: str
    figure: Figure
    data: pd.DataFrame


Block = Heading | Paragraph | Items | Table | Picture
