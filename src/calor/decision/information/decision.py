"""A choice between options, and what each is worth in each world."""

from __future__ import annotations

from dataclasses import dataclass

from calor.decision.information.draws import Numbers


@dataclass(frozen=True)
class Decision:
    """A choice between options: what each is worth to one person, by half of each world's people.

    Arguments: the options' names; payoffs (n_worlds, 2, n_options) in one currency, a person.
    """

    options: tuple[str, ...]
    payoffs: Numbers
