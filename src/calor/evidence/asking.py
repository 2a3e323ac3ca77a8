"""Which records answer a question in words: `ivig`, `early steroid`, `remicade`, `vitamin C`, `edema`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from calor.core.errors import InputError
from calor.evidence.record import Record
from calor.evidence.vocabulary import DrugClass, Phase
from calor.evidence.words import Meaning, close_words, drugs_of_class, meaning_of


@dataclass(frozen=True)
class Answer:
    """The records that a question is about, what it was understood as, and the drugs of the library in it.

    Where a phase was asked for, `open_phase` names the records that meet the rest of the question and whose
    phase is mixed or could not be read.
    """

    records: tuple[Record, ...]
    open_phase: tuple[str, ...]
    understood: str
    drugs: tuple[str, ...]


def records_about(records: Iterable[Record], words: Sequence[str]) -> Answer:
    """Return the records that all the words are about.

    Words of the table mean a drug, a class or a phase; any other is looked for in the records' text. Raises
    InputError, with the nearest known words and ids, where nothing holds them.
    """
    shown = tuple(records)
    if not " ".join(words).strip():
        raise InputError.of("asks for nothing", allowed="a drug, a class, a phase, or the id of a record")
    terms = _terms(words)
    drugs = dict.fromkeys(drug for _, meaning in terms for drug in _drugs(meaning))
    found = _about(shown, terms)
    if not found and not drugs:
        raise _nothing(words, [record.id for record in shown])
    of_any_phase = [(term, meaning) for term, meaning in terms if meaning is None or meaning.phase is None]
    open_phase = (
        record.id
        for record in _about(shown, of_any_phase)
        if record.population.phase in (Phase.UNCLEAR, Phase.MIXED) and of_any_phase != terms
    )
    said = "; ".join(_understood(term, meaning) for term, meaning in terms)
    return Answer(found, tuple(open_phase), said, tuple(drugs))


def _about(records: tuple[Record, ...], terms: Sequence[tuple[str, Meaning | None]]) -> tuple[Record, ...]:
    """Return the records that all the terms are about; those of a drug's class where none names the drug."""
    for term, meaning in terms:
        found = tuple(record for record in records if _holds(record, term, meaning))
        if meaning is not None and meaning.names and not found:
            found = tuple(record for record in records if record.drug_class is meaning.drug_class)
        records = found
    return records


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
