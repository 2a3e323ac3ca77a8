"""Questions that tests ask: immunoglobulin in long-standing CRPS, a few studies."""

from __future__ import annotations

from pathlib import Path

from calor.core.documents import parse_document
from calor.decision.questions.reading import Question, question_of

EFFECT = """
id: mine
title: How much does immunoglobulin help?
question:
  quantity: {like: goebel-2017-lips, benefit_over: 0.5}
"""

CANDIDATES = """
candidates:
  - like: goebel-2017-lips
    vary: {patients: [40, 160]}
  - cohort: {measure: assay-comparison, n: 100}
  - cohort: {measure: antibody-prevalence, n: 100}
"""

ANOTHER = """
  - like: goebel-2017-lips
    vary: {regimen: ["2 g/kg iv at day 1"], population.blister_tnf: [{at_least: 30}]}
"""


def asked(text: str = EFFECT + CANDIDATES, folder: Path = Path()) -> Question:
    """Return the question in a text."""
    return question_of(parse_document(text, "mine.yaml"), folder)
