"""One reader of tables: what it accepts in which meaning, and what it refuses at which line."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.core.tables import Table, is_missing, read_table

PLAIN = "ID,TIME,AMT\n1,0,1.5\n2,3,.\n"


def read(tmp_path: Path, text: str | bytes) -> Table:
    path = tmp_path / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path)


def numbers(table: Table, column: str) -> list[float]:
    return [table.number(text) for text in table.texts(column)]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\n\n  \n"),
        PLAIN + ",,\n,,,,,\n",
        PLAIN.replace(",", " ,  "),
        PLAIN.replace("1.5", '"1.5"').replace("ID", '"ID"'),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ";").replace("1.5", "1,5"),
        PLAIN.replace(",", "\t").replace("1.5", "1,5"),
        "sep=,\n" + PLAIN,
        ",ID,TIME,AMT\na,1,0,1.5\nb,2,3,.\n",
        "ID,TIME,AMT,\n1,0,1.5,\n2,3,.,\n",
    ],
    ids=[
        "plain", "bom", "crlf", "cr", "no-last-newline", "blank-lines", "rows-of-commas", "spaces", "quotes",
        "semicolons", "tabs", "decimal-commas", "tabs-and-decimal-commas", "separator-said", "row-names",
        "an-empty-column-at-the-end",
    ],
)  # fmt: skip
def test_ways_of_writing_the_same_table(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)
    assert table.columns == ("ID", "TIME", "AMT")
    assert numbers(table, "TIME") == [0.0, 3.0]
    assert numbers(table, "AMT")[0] == 1.5
    assert math.isnan(numbers(table, "AMT")[1])
    assert table.notes == ()


def test_comments_are_left_out_and_said_and_do_not_move_the_lines(tmp_path: Path) -> None:
    table = read(tmp_path, '# made by hand\nID,TIME\n  # 1,0\n1,2\n"#2",3\n')
    assert table.header_line == 2
    assert table.texts("ID") == ["1", "#2"]
    assert table.lines == (4, 5)
    (note,) = table.notes
    assert note.endswith("lines 1, 3 begin with # and are left out")


def test_a_cell_over_several_lines_keeps_what_follows_at_its_line(tmp_path: Path) -> None:
    table = read(tmp_path, 'ID,NOTE\n1,"a\n# b"\n2,c\n')
    assert table.texts("NOTE") == ["a\n# b", "c"]
    assert table.lines == (2, 4)


@pytest.mark.parametrize("text", ["", ".", "NA", "na", "N/A", "NaN", "null", "None"])
def test_marks_of_a_missing_value(text: str) -> None:
    assert is_missing(text)


@pytest.mark.parametrize("text", ["0", "-", "x", "..", "-99"])
def test_what_is_not_missing(text: str) -> None:
    assert not is_missing(text)


@pytest.mark.parametrize(
    "text", ["1e3x", "0x10", "1_000", "١", "−1", "inf", "nan", "1e999", "1 000", "08:30", "1,5", "1.5.2"]
)
def test_what_is_no_number(tmp_path: Path, text: str) -> None:
    assert math.isnan(read(tmp_path, "a\n1\n").number(text))


@pytest.mark.parametrize("cells", ["1,500;2,250", "1,5;2.5", "1.5;1,500"])
def test_a_comma_that_may_mark_decimals_or_thousands_is_not_guessed(tmp_path: Path, cells: str) -> None:
    table = read(tmp_path, f"a;b\n{cells}\n")
    column = "a" if "," in table.texts("a")[0] else "b"
    assert math.isnan(table.number(table.texts(column)[0]))
    assert "may mark decimals or thousands" in str(table.problem(0, column))


def test_one_number_that_can_only_have_decimals_settles_what_the_comma_means(tmp_path: Path) -> None:
    assert numbers(read(tmp_path, "a;b\n1,500;0,25\n"), "a") == [1.5]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "is empty"),
        ("\n \n# only a comment\n", None, "is empty"),
        ("ID,TIME\n1\n", 2, "has 1 cell\n  allowed: 2, as many as the header on line 1"),
        ("ID,TIME\n1,2\n1,2,3\n", 3, "has 3 cells"),
        ("ID;TIME\n1;2;3\n", 2, "one too many among the semicolons"),
        ("ID,TIME,ID\n1,2,3\n", 1, "ID: names more than one column"),
        ("ID,TIME,\n1,2,\n1,3,x\n", 3, "column 3 has no name, and holds 'x'"),
        ("ID|TIME\n1|2\n", 1, "separated by bars"),
        ("ID TIME\n1 2\n", 1, "separated by blanks"),
        ("a,b;c\n1,2;3\n", 1, "equally many cells"),
        ("sep=|\nID|TIME\n1|2\n", 1, "separated by '|'"),
        ('ID,TIME\n"1,2\n', 2, "unclosed quote"),
        ("ID" + ",a" * 70_000 + "\n1,2\n", 1, "field larger than"),
        ("ID,TIME\n1," + "1" * 140_000 + "\n", 2, "field larger than"),
        ("ID,TIME\nÅ,2\n".encode("latin-1"), 2, "not UTF-8"),
        (PLAIN.encode("utf-16"), 1, "not UTF-8"),
        (b"ID,TIME\n1,2\n1,\0\n", 3, "zero byte"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told_with_its_line(
    tmp_path: Path, text: str | bytes, line: int | None, words: str
) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    assert refused.value.problems[0].place.line == line
    assert words in str(refused.value)


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert len(read(tmp_path, "ID,TIME\n")) == 0


def test_a_header_behind_a_comment_mark_is_pointed_out(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, "#ID,TIME\n1,2\n").absent(["TIME"])
    assert problem.hint == "line 1 begins with #, so it is a comment; take the # off a header"


def test_many_wrong_rows_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="30 more rows are like that"):
        read(tmp_path, "ID,TIME\n" + "1\n" * 50)


def test_a_large_table_is_read_in_seconds_and_a_larger_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("ID,TIME,EVID,AMT\n" + "1,0.5,1,100\n" * 200_000)
    began = time.process_time()
    assert len(read_table(path)) == 200_000
    assert time.process_time() - began < 5.0
    with pytest.raises(InputError, match="at most 1,000 bytes"):
        read_table(path, largest_bytes=1_000)
