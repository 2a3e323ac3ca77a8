"""What tables of effects may look like, and what each kind of wrong table is told (file, line, column)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.evidence.synthesis.table import EffectTable, read_effect_table

GOOD = """study,yi,vi,months,route
Adams 2001,-0.5,0.04,3,oral
Brown 2004,0.1,0.09,12,injected
Clark 2010,-0.2,0.01,24,oral
"""


def read(tmp_path: Path, text: str | bytes, *moderators: str) -> EffectTable:
    path = tmp_path / "effects.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_effect_table(path, moderators)


def test_a_table_is_read_as_it_stands(tmp_path: Path) -> None:
    table = read(tmp_path, GOOD, "months", "route")
    assert table.studies == ("Adams 2001", "Brown 2004", "Clark 2010")
    assert table.estimates == (-0.5, 0.1, -0.2)
    assert table.variances == (0.04, 0.09, 0.01)
    assert table.moderators == {"months": (3.0, 12.0, 24.0), "route=oral": (1.0, 0.0, 1.0)}
    assert table.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        "\n\n" + GOOD.replace("\n", "\n\n") + "  \n,,,,\n",
        GOOD.replace(",", " , "),
        GOOD.replace("Adams 2001", '"Adams 2001"').replace("-0.5", '"-0.5"'),
        GOOD.replace("-0.5", "-5e-1").replace("0.04", "+.04").replace("0.09", "9E-2"),
        "\n".join(f"{number},{line}" for number, line in enumerate(GOOD.splitlines())).replace("0,", ",", 1),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", ";").replace(".", ","),
        "sep=;\n" + GOOD.replace(",", ";"),
    ],
    ids=[
        "crlf",
        "cr",
        "bom",
        "no-last-newline",
        "blank-lines",
        "spaces",
        "quotes",
        "exponents",
        "row-names",
        "semicolons",
        "tabs",
        "semicolons-and-decimal-commas",
        "separator-said",
    ],
)
def test_harmless_ways_of_writing_change_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text, "months", "route") == read(tmp_path, GOOD, "months", "route")


def test_columns_may_stand_in_any_order_and_others_are_ignored(tmp_path: Path) -> None:
    text = "note,vi,study,yi\nx,0.1,A,1\n,0.2,B,2\n"
    assert read(tmp_path, text).variances == (0.1, 0.2)


def test_labels_may_hold_commas_quotes_and_line_breaks(tmp_path: Path) -> None:
    table = read(tmp_path, 'study,yi,vi\n"Adams, ""A""\n2001",1,0.1\nÅberg,2,0.2\n')
    assert table.studies == ('Adams, "A"\n2001', "Åberg")


def test_a_line_after_a_label_with_a_line_break_keeps_its_number(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, 'study,yi,vi\n"Adams\n2001",1,0.1\nB,x,0.2\n')
    assert refused.value.problems[0].place.line == 4


def test_text_is_compared_with_its_first_value_in_the_alphabet(tmp_path: Path) -> None:
    text = "study,yi,vi,route\nA,1,1,oral\nB,2,1,depot\nC,3,1,iv\nD,4,1,depot\n"
    table = read(tmp_path, text, "route")
    assert table.moderators == {"route=iv": (0.0, 0.0, 1.0, 0.0), "route=oral": (1.0, 0.0, 0.0, 0.0)}


def test_a_study_with_several_effects_is_pointed_out(tmp_path: Path) -> None:
    table = read(tmp_path, "study,yi,vi\nA,1,0.1\nB,2,0.2\nA,3,0.3\n")
    assert len(table.warnings) == 1
    assert table.warnings[0].startswith("A stands on lines 2, 4: ")


def test_a_moderator_asked_for_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names months twice"):
        read(tmp_path, GOOD, "months", "months")


HEAD = "study,yi,vi\n"
REST = "B,1,0.2\nC,2,0.3\n"
WRONG: dict[str, tuple[str | bytes, tuple[str, ...], int | None, str | None, str]] = {
    # what is wrong: (the table, moderators asked for, line, column, words of the message)
    "empty file": ("", (), None, None, "is empty"),
    "blank lines only": ("\n \n\n", (), None, None, "is empty"),
    "header only": (HEAD, (), 1, None, "only a header"),
    "header below a blank line, no row": ("\n" + HEAD, (), 2, None, "only a header"),
    "one study": (HEAD + "A,1,0.1\n", (), 2, None, "one study"),
    "no header": ("A,1,0.1\n" + REST, (), 1, "study", "no such column"),
    "no study column": ("yi,vi\n1,0.1\n2,0.2\n", (), 1, "study", "no such column"),
    "no yi column": ("study,vi\nA,0.1\nB,0.2\n", (), 1, "yi", "no such column"),
    "no vi column": ("study,yi\nA,1\nB,2\n", (), 1, "vi", "square of the standard error"),
    "standard errors instead": ("study,yi,sei\nA,1,0.1\nB,2,0.2\n", (), 1, "vi", "no such column"),
    "capital letters": ("study,YI,vi\nA,1,0.1\nB,2,0.2\n", (), 1, "yi", "did you mean YI?"),
    "moderator not there": (GOOD, ("dose",), 1, "dose", "no such column"),
    "moderator misspelt": (GOOD, ("month",), 1, "month", "did you mean months?"),
    "column twice": ("study,yi,vi,yi\nA,1,0.1,1\nB,2,0.2,2\n", (), 1, "yi", "more than one column"),
    "moderator column twice": ("study,yi,vi,x,x\nA,1,1,1,1\nB,2,1,2,2\n", ("x",), 1, "x", "more than one"),
    "outcome as moderator": (GOOD, ("yi",), 1, "yi", "cannot be a moderator"),
    "variance as moderator": (GOOD, ("vi",), 1, "vi", "cannot be a moderator"),
    "label as moderator": (GOOD, ("study",), 1, "study", "cannot be a moderator"),
    "bars": ("study|yi|vi\nA|1|0.1\n", (), 1, None, "separated by bars"),
    "row too short": (HEAD + "A,1\n" + REST, (), 2, None, "has 2 cells"),
    "row too long": (HEAD + "A,1,0.1,9\n" + REST, (), 2, None, "has 4 cells"),
    "comma as decimal point": (HEAD + "A,1,5,0,1\n" + REST, (), 2, None, "decimals with a point"),
    "quoted decimal comma": (HEAD + 'A,"1,5",0.1\n' + REST, (), 2, "yi", "decimals with a point"),
    "empty effect": (HEAD + "A,,0.1\n" + REST, (), 2, "yi", "is empty"),
    "empty variance": (HEAD + "A,1,\n" + REST, (), 2, "vi", "is empty"),
    "empty label": (HEAD + REST + ",1,0.1\n", (), 4, "study", "is empty"),
    "NA effect": (HEAD + REST + "A,NA,0.1\n", (), 4, "yi", "missing values are not guessed"),
    "NA variance": (HEAD + REST + "A,1,NA\n", (), 4, "vi", "missing values are not guessed"),
    "nan": (HEAD + "A,nan,0.1\n" + REST, (), 2, "yi", "is 'nan'"),
    "infinite effect": (HEAD + "A,inf,0.1\n" + REST, (), 2, "yi", "is 'inf'"),
    "infinite variance": (HEAD + "A,1,Infinity\n" + REST, (), 2, "vi", "is 'Infinity'"),
    "word": (HEAD + "A,big,0.1\n" + REST, (), 2, "yi", "is 'big'"),
    "number with unit": (HEAD + "A,1 NRS,0.1\n" + REST, (), 2, "yi", "is '1 NRS'"),
    "percent": (HEAD + "A,10%,0.1\n" + REST, (), 2, "yi", "is '10%'"),
    "hexadecimal": (HEAD + "A,0x10,0.1\n" + REST, (), 2, "yi", "is '0x10'"),
    "underscores": (HEAD + "A,1_000,0.1\n" + REST, (), 2, "yi", "is '1_000'"),
    "other digits": (HEAD + "A,١,0.1\n" + REST, (), 2, "yi", "is '١'"),
    "typographic minus": (HEAD + "A,−1,0.1\n" + REST, (), 2, "yi", "is '−1'"),
    "formula": (HEAD + "A,=1+1,0.1\n" + REST, (), 2, "yi", "is '=1+1'"),
    "interval": (HEAD + "A,1 (0.5 to 1.5),0.1\n" + REST, (), 2, "yi", "is '1 (0.5"),
    "truth value": (HEAD + "A,TRUE,0.1\n" + REST, (), 2, "yi", "is 'TRUE'"),
    "zero variance": (HEAD + "A,1,0\n" + REST, (), 2, "vi", "a variance above 0"),
    "negative variance": (HEAD + "A,1,-0.1\n" + REST, (), 2, "vi", "a variance above 0"),
    "negative zero": (HEAD + "A,1,-0.0\n" + REST, (), 2, "vi", "a variance above 0"),
    "vanishing variance": (HEAD + "A,1,1e-300\n" + REST, (), 2, "vi", "a variance above 0"),
    "huge effect": (HEAD + "A,1e60,0.1\n" + REST, (), 2, "yi", "is '1e60'"),
    "overflowing effect": (HEAD + "A,1e999,0.1\n" + REST, (), 2, "yi", "is '1e999'"),
    "huge variance": (HEAD + "A,1,1e60\n" + REST, (), 2, "vi", "is '1e60'"),
    "same row twice": (HEAD + REST + "B,1,0.2\n", (), 4, "study", "same yi and vi on line 2"),
    "same row three times": (HEAD + "B,1,0.2\n" * 3, (), 3, "study", "same yi and vi on line 2"),
    "moderator empty": (HEAD.replace("vi", "vi,x") + "A,1,1,1\nB,2,1,\n", ("x",), 3, "x", "is empty"),
    "moderator NA": (HEAD.replace("vi", "vi,x") + "A,1,1,1\nB,2,1,NA\n", ("x",), 3, "x", "is 'NA'"),
    "moderator missing throughout": (
        HEAD.replace("vi", "vi,x") + "A,1,1,\nB,2,1,\n", ("x",), 2, "x", "is empty"
    ),
    "moderator half text": (
        HEAD.replace("vi", "vi,x") + "A,1,1,1\nB,2,1,long\n", ("x",), 3, "x", "text in every row"
    ),
    "moderator infinite": (HEAD.replace("vi", "vi,x") + "A,1,1,1\nB,2,1,inf\n", ("x",), 3, "x", "is 'inf'"),
    "moderator huge": (HEAD.replace("vi", "vi,x") + "A,1,1,1\nB,2,1,1e60\n", ("x",), 3, "x", "is '1e60'"),
    "moderator constant": (
        HEAD.replace("vi", "vi,x") + "A,1,1,7\nB,2,1,7\n", ("x",), None, "x", "is '7' in every row"
    ),
    "moderator constant in other words": (
        HEAD.replace("vi", "vi,x") + "A,1,1,7\nB,2,1,7.0\n", ("x",), None, "x", "is '7' in every row"
    ),
    "moderator constant text": (
        HEAD.replace("vi", "vi,x") + "A,1,1,oral\nB,2,1,oral\n", ("x",), None, "x", "is 'oral' in every row"
    ),
    "unclosed quote": (HEAD + '"A,1,0.1\n' + REST, (), 2, None, "unclosed quote"),
    "text after a quote": (HEAD + '"A"x,1,0.1\n' + REST, (), 2, None, "is not CSV"),
    "Latin-1": ("study,yi,vi\nÅ,1,0.1\n".encode("latin-1"), (), 2, None, "not UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), (), 1, None, "not UTF-8"),
    "zero byte": (b"study,yi,vi\nA,1,0.1\nB\0,2,0.2\n", (), 3, None, "zero byte"),
    "spreadsheet file": (b"PK\x03\x04\x14\x00\x06\x00\x08", (), 1, None, "zero byte"),
    "too large": ((HEAD + "A,1,0.1\n" * 600_000), (), None, None, "bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_told_what_and_where(name: str, tmp_path: Path) -> None:
    text, moderators, line, column, words = WRONG[name]
    with pytest.raises(InputError) as refused:
        read(tmp_path, text, *moderators)
    first = refused.value.problems[0]
    assert (first.place.file, first.place.line, first.place.key) == (
        str(tmp_path / "effects.csv"),
        line,
        column,
    )
    assert words in str(first)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, HEAD + "A,x,0.1\nB,1,-1\nC,2,y\n,3,0.1\n")
    places = {(problem.place.line, problem.place.key) for problem in refused.value.problems}
    assert places == {(2, "yi"), (3, "vi"), (4, "vi"), (5, "study")}


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_effect_table(tmp_path / "nothing.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_effect_table(tmp_path)


@settings(max_examples=200)
@given(
    raw=st.one_of(
        st.binary(max_size=80), st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_no_bytes_whatever_raise_anything_but_an_input_error(
    raw: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    for content in (raw, b"study,yi,vi\nA,1,0.1\n" + raw):
        path.write_bytes(content)
        with suppress(InputError):
            assert len(read_effect_table(path).studies) >= 2
