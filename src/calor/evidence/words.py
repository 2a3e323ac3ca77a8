"""The words that people type: which drug, drug class or phase of disease they mean.

`words.yaml` is the one table of other names. Case, plural s, spaces and hyphens do not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from calor.core.documents import read_document, validate
from calor.core.errors import InputError
from calor.evidence.quantity import Entry, Text
from calor.evidence.vocabulary import DrugClass, Phase

TABLE = Path(__file__).with_name("words.yaml")


class DrugNames(Entry):
    """A drug of the library, its class in the evidence where there is one, and its other names."""

    id: Text
    drug_class: DrugClass | None
    names: tuple[Text, ...]


class MissingDrug(Entry):
    """A treatment that the library does not hold, why, its class and its other names."""

    name: Text
    drug_class: DrugClass
    because: Text
    names: tuple[Text, ...]


class ClassNames(Entry):
    """Other names of a drug class."""

    drug_class: DrugClass
    names: tuple[Text, ...]


class PhaseNames(Entry):
    """Other names of a phase of disease."""

    phase: Phase
    names: tuple[Text, ...]


class Words(Entry):
    """The whole table."""

    drugs: tuple[DrugNames, ...]
    not_in_library: tuple[MissingDrug, ...]
    classes: tuple[ClassNames, ...]
    phases: tuple[PhaseNames, ...]


@dataclass(frozen=True)
class Meaning:
    """What a word means.

    Arguments: the drug's id in the library (None where it means no single one), its class in the evidence,
    the phase of disease; every name of what was meant; and why the library does not hold it, where it lacks.
    """

    drug: str | None = None
    drug_class: DrugClass | None = None
    phase: Phase | None = None
    names: tuple[str, ...] = ()
    not_in_library: str | None = None


def plain(word: str) -> str:
    """Return a word as it is looked up: lower case, no space, hyphen or plural s."""
    letters = re.sub(r"[\s_\-\u2010-\u2015]+", "", word.casefold())
    return letters.removesuffix("s") if len(letters) > SHORTEST_WITH_PLURAL else letters


SHORTEST_WITH_PLURAL = 4
"""Up to so many letters a last s is no plural (SCS, DMSOs are rare)."""


@cache
def load_words() -> Words:
    """Return the table that ships with calor."""
    return validate(read_document(TABLE), Words)


def meaning_of(word: str) -> Meaning | None:
    """Return what a word means, or None for one that is not in the table."""
    return _meanings().get(plain(word))


def close_words(word: str, further: tuple[str, ...] = ()) -> list[str]:
    """Return up to three known words that a typing error may mean, of the table and of further ones."""
    spelled = {plain(name): name for name in (*_spellings(), *further)}
    return [spelled[near] for near in get_close_matches(plain(word), spelled, n=3, cutoff=0.75)]


def class_named(name: str, key: str) -> DrugClass:
    """Return the drug class that a word names. Raises InputError placed at `key`."""
    meaning = meaning_of(name)
    if meaning is not None and meaning.drug_class is not None:
        return meaning.drug_class
    raise _unknown(name, key, [member.value for member in DrugClass])


def phase_named(name: str, key: str) -> Phase:
    """Return the phase of disease that a word names. Raises InputError placed at `key`."""
    meaning = meaning_of(name)
    if meaning is not None and meaning.phase is not None:
        return meaning.phase
    raise _unknown(name, key, [member.value for member in Phase])


def drugs_of_class(drug_class: DrugClass) -> tuple[str, ...]:
    """Return the ids of the library's drugs of a class."""
    return tuple(drug.id for drug in load_words().drugs if drug.drug_class is drug_class)


def _unknown(name: str, key: str, allowed: list[str]) -> InputError:
    near = close_words(name)
    hint = f"did you mean {', '.join(near)}?" if near else None
    return InputError.of(f"is {name!r}", key=key, allowed=", ".join(allowed), hint=hint)


@cache
def _meanings() -> dict[str, Meaning]:
    """Return every meaning by plain word; ids of drugs come before classes of the same name."""
    words, found = load_words(), dict[str, Meaning]()
    for drug in words.drugs:
        meaning = Meaning(drug.id, drug.drug_class, None, (drug.id, *drug.names))
        found |= {plain(name): meaning for name in meaning.names}
    for missing in words.not_in_library:
        names = (missing.name, *missing.names)
        meaning = Meaning(None, missing.drug_class, None, names, missing.because)
        found |= {plain(name): meaning for name in names}
    for group in words.classes:
        meaning = Meaning(drug_class=group.drug_class)
        found |= {plain(name): meaning for name in group.names}
    for phase in words.phases:
        meaning = Meaning(phase=phase.phase)
        found |= {plain(name): meaning for name in phase.names}
    for member in DrugClass:
        found.setdefault(plain(member), Meaning(drug_class=member))
    for named in Phase:
        found.setdefault(plain(named), Meaning(phase=named))
    return found


@cache
def _spellings() -> tuple[str, ...]:
    """Return every word of the table as it is written."""
    words = load_words()
    drugs = [name for drug in words.drugs for name in (drug.id, *drug.names)]
    missing = [name for drug in words.not_in_library for name in (drug.name, *drug.names)]
    groups = [name for group in words.classes for name in (group.drug_class.value, *group.names)]
    phases = [name for phase in words.phases for name in (phase.phase.value, *phase.names)]
    return (*drugs, *missing, *groups, *phases)
