"""How far a prediction rests on each assumed number: worked out when first asked for, then kept."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from calor.app.kept import Kept
from calor.core.progress import SILENT
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.sensitivity import SensitivitySettings, sensitivity_of
from calor.report.sensitivity_document import level_of_output, sensitivity_document

OUTPUT, MONTHS, PEOPLE, SEED = "pain_nrs", 12.0, 480, 1


class SensitivityKept:
    """The sensitivity of long-standing pain without treatment."""

    def __init__(self) -> None:
        self._kept: Kept[None, dict[str, Any]] = Kept(1)

    def document(self) -> dict[str, Any]:
        """Return the document of `calor model sensitivity`."""
        return self._kept.get(None, _made)


def _made() -> dict[str, Any]:
    settings = SensitivitySettings(SEED, PEOPLE)
    settings = replace(settings, options=replace(settings.options, threads=os.cpu_count() or 1))
    prediction, words, unit, table = level_of_output(load_disease(), OUTPUT, MONTHS)
    found = sensitivity_of(prediction, table, load_rivals(), settings, SILENT)
    return sensitivity_document(found, words, unit, settings)
