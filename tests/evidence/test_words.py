"""The words that people type: one table, each word with one meaning, used by every command."""

from __future__ import annotations

from collections import Counter

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.evidence.asking import records_about
from calor.evidence.library import load_records
from calor.evidence.table import Filter, table_rows
from calor.evidence.vocabulary import DrugClass, Phase
from calor.evidence.words import class_named, close_words, load_words, meaning_of, phase_named, plain
from calor.study.library import path_of
from calor.study.treatments import treatments_of
from calor.therapy import drug_ids, load_drug
from calor.trial.protocols.reading import check_protocol


def ids_about(*words: str) -> set[str]:
    return {record.id for record in records_about(load_records(), words).records}


def test_every_word_stands_in_the_table_once() -> None:
    words = load_words()
    names = [name for drug in words.drugs for name in (drug.id, *drug.names)]
    names += [name for drug in words.not_in_library for name in (drug.name, *drug.names)]
    names += [name for group in words.classes for name in group.names]
    names += [name for phase in words.phases for name in phase.names]
    repeated = [word for word, count in Counter(map(plain, names)).items() if count > 1]
    assert not repeated


def test_every_drug_of_the_library_has_its_row_and_no_other() -> None:
    assert sorted(drug.id for drug in load_words().drugs) == list(drug_ids())


@pytest.mark.parametrize(
    ("word", "drug"),
    [
        ("Remicade", "infliximab"), ("HUMIRA", "adalimumab"), ("enbrel", "etanercept"), ("ivig", "ivig"),
        ("Privigen", "ivig"), ("hizentra", "scig"), ("plasmapheresis", "plasma-exchange"),
        ("plasma exchange", "plasma-exchange"), ("Solu-Medrol", "methylprednisolone"),
        ("esketamine", "s-ketamine"), ("mycophenolate mofetil", "mycophenolate"), ("kineret", "anakinra"),
        ("Nerixia", "neridronate"), ("Ajovy", "fremanezumab"), ("MabThera", "rituximab"),
        ("decadron", "dexamethasone"),
    ],
)  # fmt: skip
def test_another_name_is_the_same_drug(word: str, drug: str) -> None:
    assert load_drug(word).id == drug


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("steroid", "prednisolone, prednisone, methylprednisolone"),
        ("cortisone", "names a class of drugs"),
        ("immunoglobulin", "ivig, scig"),
        ("ketamine", "holds the S-form alone"),
        ("ldn", "no potency at levels that people reach"),
        ("alendronate", "the library holds neridronate"),
        ("inflximab", "did you mean infliximab?"),
        ("remicaid", "did you mean remicade?"),
    ],
)
def test_no_dose_is_given_of_what_means_no_single_drug(word: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        load_drug(word)
    assert says in str(caught.value)


def test_classes_and_phases_have_other_names() -> None:
    assert class_named("steroids", "--class") is DrugClass.GLUCOCORTICOID
    assert class_named("anti TNF", "--class") is DrugClass.ANTI_TNF
    assert phase_named("early", "--phase") is Phase.ACUTE
    with pytest.raises(InputError, match="glucocorticoid") as caught:
        class_named("steriods", "--class")
    assert "did you mean steroid?" in str(caught.value)
    with pytest.raises(InputError):
        phase_named("steroid", "--phase")
    assert table_rows(load_records(), Filter(drug_class="steroid")) == table_rows(
        load_records(), Filter(drug_class="glucocorticoid")
    )


def test_words_find_the_records_they_are_about() -> None:
    assert ids_about("ivig") >= {"goebel-2010", "goebel-2017-lips"}
    assert ids_about("remicade") == {"bernateck-2007", "dirckx-2013", "huygen-2004"}
    assert ids_about("piroxicam") == {"kalita-2006"}
    of_class = {one.id for one in load_records() if one.drug_class is DrugClass.GLUCOCORTICOID}
    acute = {one.id for one in load_records() if one.population.phase is Phase.ACUTE}
    assert ids_about("cortisone") == of_class
    assert ids_about("early", "steroid") == ids_about("early steroid") == of_class & acute
    assert ids_about("plex") == {one.id for one in load_records() if one.drug_class == "plasma-exchange"}


def test_a_drug_without_a_study_has_none_and_nonsense_is_refused() -> None:
    answer = records_about(load_records(), ["efgartigimod"])
    assert (answer.records, answer.drugs) == ((), ("efgartigimod",))
    with pytest.raises(InputError, match="goebel-2010"):
        records_about(load_records(), ["golbel-2010"])
    with pytest.raises(InputError, match="no record that holds these words"):
        records_about(load_records(), ["xyzzy"])


def test_nothing_known_is_close_to_nonsense() -> None:
    assert close_words("qqqqqq") == []
    assert meaning_of("qqqqqq") is None


def test_a_protocol_may_name_a_drug_as_people_do() -> None:
    text = path_of("dirckx-2013").read_text(encoding="utf-8")
    assert "drug: infliximab" in text
    renamed = parse_document(text.replace("drug: infliximab", "drug: Remicade"), "mine.yaml")
    protocol = check_protocol(renamed)
    drugs = {given.drug.id for arm in protocol.arms for given in treatments_of(arm)}
    assert drugs == {"infliximab"}
