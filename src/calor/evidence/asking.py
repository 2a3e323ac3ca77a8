"""Which records answer a question in words: `ivig`, `early steroid`, `remicade`, `vitamin C`, `edema`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from calor.core.errors import InputError
from calor.evidence.record import Record
from calor.evidence.vocabulary import DrugClass
from calor.evidence.words import Meaning, close_words, drugs_of_class, meaning_of


@dataclass(frozen=True)
class Answer:
    """The records that a question is about, what it was understood as, and the drugs of the library in it."""

    records: tuple[Record, ...]
    understood: str
    drugs: tuple[str, ...]


def records_about(records: Iterable[Record], words: Sequence[str]) -> Answer:
    """Return the records that all the words are about.

    Words of the table mean a drug, a class or a phase; any other is looked for in the records' text. Raises
    InputError, with the nearest known words and ids, where nothing holds them.
    """
    shown = tuple(records)
    ids = [record.id for record in shown]
    said: list[str] = []
    drugs: dict[str, None] = {}
    for term, meaning in _terms(words):
        found = tuple(record for record in shown if _holds(record, term, meaning))
        if meaning is not None and meaning.names and not found:
            found = tuple(record for record in shown if record.drug_class is meaning.drug_class)
        shown = found
        said.append(_understood(term, meaning))
        drugs |= dict.fromkeys(_drugs(meaning))
    if not shown and not drugs:
        raise _nothing(words, ids)
    return Answer(shown, "; ".join(said), tuple(drugs))


def _terms(words: Sequence[str]) -> list[tuple[str, Meaning | None]]:
    """Return the question's terms with their meanings: the whole phrase where it has one, else each word."""
    phrase = " ".join(words)
    whole = meaning_of(phrase)
    return [(phrase, whole)] if whole is not None else [(word, meaning_of(word)) for word in phrase.split()]


def _holds(record: Record, term: str, meaning: Meaning | None) -> bool:
    if meaning is None:
        return _mentions(record, (term,))
    if meaning.phase is not None:
        return record.population.phase is meaning.phase
    if not meaning.names:
        return record.drug_class is meaning.drug_class
    near = meaning.drug_class is None or record.drug_class in (meaning.drug_class, DrugClass.SEVERAL)
    return near and _mentions(record, meaning.names)


def _mentions(record: Record, names: Iterable[str]) -> bool:
    """Say whether a record holds one of the names, each from where a word begins."""
    pattern = "|".join(rf"(?<!\w){re.escape(name.casefold())}" for name in names)
    return re.search(pattern, record.model_dump_json().casefold()) is not None


def _understood(term: str, meaning: Meaning | None) -> str:
    if meaning is None:
        return f"records that hold {term!r}"
    if meaning.phase is not None:
        return f"{term}: phase {meaning.phase.value}"
    of_class = f", class {meaning.drug_class.value}" if meaning.drug_class else ", in no class of its own"
    if meaning.names:
        return f"{term}: {meaning.names[0]}{of_class}"
    return f"{term}: class {meaning.drug_class.value}" if meaning.drug_class else term


def _drugs(meaning: Meaning | None) -> tuple[str, ...]:
    if meaning is None or meaning.not_in_library is not None:
        return ()
    if meaning.drug is not None:
        return (meaning.drug,)
    return drugs_of_class(meaning.drug_class) if meaning.drug_class is not None else ()


def _nothing(words: Sequence[str], ids: Sequence[str]) -> InputError:
    phrase = " ".join(words)
    near = dict.fromkeys([*get_close_matches(phrase, ids, n=3), *close_words(phrase)])
    return InputError.of(
        f"there is no evidence record {phrase!r}, and no record that holds these words",
        hint=f"did you mean {', '.join(near)}?" if near else "`calor evidence` lists the records",
    )
