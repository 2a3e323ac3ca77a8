"""Ways in which people keep tables of events: each gives the right value, or a refusal that says why.

One compartment: 100 into `central` with k = 0.1 and V = 10, so a bolus gives CP(t) = 10 exp(-0.1 t), and an
infusion over T of 100 gives (100/T)/0.1/10 (1 - exp(-0.1 t)) until T.
"""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest

from tests.cli.conftest import Calor

MODEL = """model one
  central = 0; k = 0.1; V = 10
  central' = -k*central
  CP := central/V
end
"""
TWO = """model two
  compartment body = 10
  species gut in body, blood in body
  substanceOnly species gut
  J: gut -> blood; ka*gut
  J2: blood -> ; CL*blood
  gut = 0; blood = 0; ka = 1; CL = 1
end
"""
CENTRAL = ["--compartments", "central"]


def bolus(*times: float) -> list[float]:
    return [10 * math.exp(-0.1 * time) for time in times]


def infused(time: float, lasting: float, k: float = 0.1) -> float:
    during = min(time, lasting)
    return (100 / lasting) / k / 10 * (1 - math.exp(-k * during)) * math.exp(-k * (time - during))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.ant").write_text(MODEL)
    (tmp_path / "two.ant").write_text(TWO)
    return tmp_path


def values_of(out: str, column: str = "CP") -> list[float]:
    return [float(row[column]) for row in csv.DictReader(io.StringIO(out))]


PLAIN = "ID,TIME,EVID,AMT\n1,0,1,100\n1,1,0,.\n"
EVERY_12 = [10 * (math.exp(-0.1 * 25) + math.exp(-0.1 * 13) + math.exp(-0.1))]

RIGHT: dict[str, tuple[str, list[str], list[float]]] = {
    # how the table is kept: (the table, options, CP at its observations)
    "as NONMEM has it": (PLAIN, [], bolus(1)),
    "lower-case names": (PLAIN.replace("ID,TIME,EVID,AMT", "id,time,evid,amt"), [], bolus(1)),
    "DOSE for AMT": (PLAIN.replace("AMT", "DOSE"), [], bolus(1)),
    "no EVID": ("ID,TIME,AMT\n1,0,100\n1,1,.\n1,2,0\n", [], bolus(1, 2)),
    "semicolons": (PLAIN.replace(",", ";"), [], bolus(1)),
    "tabs": (PLAIN.replace(",", "\t"), [], bolus(1)),
    "semicolons and decimal commas": ("ID;TIME;EVID;AMT\n1;0;1;100,0\n1;1,5;0;.\n", [], bolus(1.5)),
    "a separator said first": ("sep=;\n" + PLAIN.replace(",", ";"), [], bolus(1)),
    "byte-order mark": ("\ufeff" + PLAIN, [], bolus(1)),
    "Windows line ends": (PLAIN.replace("\n", "\r\n"), [], bolus(1)),
    "blank lines and rows of commas": (PLAIN.replace("\n", "\n\n") + ",,,\n", [], bolus(1)),
    "quoted cells": (PLAIN.replace("100", '"100"').replace("ID,", '"ID",', 1), [], bolus(1)),
    "blanks around cells": (PLAIN.replace(",", " , "), [], bolus(1)),
    "row names of R": (",ID,TIME,EVID,AMT\n1,1,0,1,100\n2,1,1,0,NA\n", [], bolus(1)),
    "comment lines": ("# mine\n" + PLAIN + "#1,2,0,.\n", [], bolus(1)),
    "a comment column": ("C,ID,TIME,EVID,AMT\n.,1,0,1,100\nC,1,0,1,900\n.,1,1,0,.\n", [], bolus(1)),
    "missing marks of all kinds": (
        "ID,TIME,EVID,AMT,RATE,II,ADDL,SS\n1,0,1,100,.,NA,,nan\n1,1,0,,.,.,.,.\n",
        [],
        bolus(1),
    ),
    "names for IDs": (PLAIN.replace("\n1,", "\nAda,"), [], bolus(1)),
    "DV and MDV": ("ID,TIME,EVID,AMT,MDV,DV\n1,0,1,100,1,.\n1,1,0,.,0,8.8\n1,2,0,.,1,.\n", [], bolus(1, 2)),
    "measured values of an output": ("ID,TIME,AMT,CP_MEASURED,CP\n1,0,100,.,.\n1,1,.,9,9\n", [], bolus(1)),
    "a column to pass over": ("ID,TIME,AMT,SEX\n1,0,100,f\n1,1,.,f\n", ["--ignore", "SEX"], bolus(1)),
    "a date beside elapsed time": (
        "ID,DATE,TIME,AMT\n1,1/2/26,0,100\n1,2/2/26,1,.\n",
        ["--ignore", "DATE"],
        bolus(1),
    ),
    "DUR": ("ID,TIME,EVID,AMT,DUR\n1,0,1,100,10\n1,5,0,.,.\n", [], [infused(5, 10)]),  # 3.9347
    "tinf": ("ID,time,evid,amt,tinf\n1,0,1,100,10\n1,5,0,0,0\n", [], [infused(5, 10)]),
    "DUR that agrees with RATE": (
        "ID,TIME,EVID,AMT,RATE,DUR\n1,0,1,100,10,10\n1,5,0,.,.,.\n",
        [],
        [infused(5, 10)],
    ),
    "DUR where RATE is -2": (
        "ID,TIME,EVID,AMT,RATE,DUR\n1,0,1,100,-2,10\n1,5,0,.,.,.\n",
        [],
        [infused(5, 10)],
    ),
    "DUR keeps the duration of the half that arrives": (
        "ID,TIME,EVID,AMT,DUR,F\n1,0,1,100,10,0.5\n1,12,0,.,.,.\n",
        ["--bioavailability", "central=F"],
        [0.5 * infused(12, 10)],
    ),
    "TINF keeps the rate of the half that arrives": (
        "ID,TIME,EVID,AMT,TINF,F\n1,0,1,100,10,0.5\n1,12,0,.,.,.\n",
        ["--bioavailability", "central=F"],
        [infused(5, 10) * math.exp(-0.7)],
    ),
    "ADDL": ("ID,TIME,EVID,AMT,II,ADDL\n1,0,1,100,12,2\n1,25,0,.,.,.\n", [], EVERY_12),
    "II on every row": ("ID,TIME,EVID,AMT,II,ADDL\n1,0,1,100,12,2\n1,25,0,.,12,0\n", [], EVERY_12),
    "total": ("ID,time,evid,amt,ii,total\n1,0,1,100,12,3\n1,25,0,.,.,.\n", [], EVERY_12),
    "until": ("ID,time,evid,amt,ii,until\n1,0,1,100,12,25\n1,25,0,.,.,.\n", [], EVERY_12),
    "until leaves out a dose at that time": (
        "ID,time,evid,amt,ii,until\n1,0,1,100,12,36\n1,36,0,.,.,.\n",
        [],
        [10 * (math.exp(-3.6) + math.exp(-2.4) + math.exp(-1.2))],
    ),
    "doses without an end": ("ID,TIME,AMT,II,ADDL\n1,0,100,12,1000000000\n1,25,.,.,.\n", [], EVERY_12),
    "steady state": (
        "ID,TIME,EVID,AMT,II,SS\n1,0,1,100,12,1\n1,1,0,.,.,.\n",
        [],
        [10 * math.exp(-0.1) / (1 - math.exp(-1.2))],
    ),
    "a steady infusion without an amount": (
        "ID,TIME,EVID,AMT,RATE,SS\n1,0,1,.,10,1\n1,1,0,.,.,.\n",
        [],
        bolus(1),
    ),
    "an amount of zero is a dose of nothing": (PLAIN.replace("100", "0"), [], [0.0]),
    "compartments by name": ("ID,TIME,AMT,CMT\n1,0,100,central\n1,1,.,.\n", [], bolus(1)),
    "a covariate with a parameter's name": (
        "ID,TIME,AMT,k\n1,0,100,0.1\n1,1,.,0.3\n1,2,.,0.3\n",
        ["--covariates", "k"],
        [10 * math.exp(-0.1), 10 * math.exp(-0.4)],
    ),
    "the same, the next value carried backward": (
        "ID,TIME,AMT,k\n1,0,100,0.1\n1,1,.,0.3\n1,2,.,0.3\n",
        ["--covariates", "k", "--covariate-rule", "nocb"],
        [10 * math.exp(-0.3), 10 * math.exp(-0.6)],
    ),
    "a covariate under another name": (
        "ID,TIME,AMT,KE\n1,0,100,0.2\n1,1,.,.\n",
        ["--covariates", "k=KE"],
        [10 * math.exp(-0.2)],
    ),
    "only doses, with times to observe": (
        "ID,TIME,AMT\n1,0,100\n1,12,100\n",
        ["--end", "24", "--steps", "2"],
        [10.0, 10 * math.exp(-1.2) + 10, (10 * math.exp(-1.2) + 10) * math.exp(-1.2)],
    ),
    "observations of both kinds": (PLAIN, ["--end", "2", "--steps", "1"], [*bolus(0), *bolus(1), *bolus(2)]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_table_gives_the_right_values(calor: Calor, folder: Path, name: str) -> None:
    text, options, expected = RIGHT[name]
    (folder / "rows.csv").write_bytes(text.encode())
    compartments = [] if "by name" in name else CENTRAL
    outcome = calor(
        "simulate",
        "one.ant",
        "--events",
        "rows.csv",
        *compartments,
        *options,
        "--outputs",
        "CP",
        "--csv",
        "-",
    )
    assert outcome.code == 0, outcome.err
    assert values_of(outcome.out) == pytest.approx(expected, rel=1e-6, abs=1e-12)


REFUSED: dict[str, tuple[str | bytes, list[str], int, str]] = {
    # what is wrong: (the table, options, exit code, words of the message)
    "EVID 0 with an amount": (
        PLAIN.replace("0,1,100", "0,0,100"),
        [],
        2,
        "line 2: AMT: AMT is 100 where EVID is 0",
    ),
    "EVID missing with an amount": (
        PLAIN.replace("0,1,100", "0,.,100"),
        [],
        2,
        "line 2: AMT: AMT is 100 where EVID is .",
    ),
    "EVID 2 with an amount": (
        PLAIN.replace("0,1,100", "0,2,100"),
        [],
        2,
        "line 2: AMT: AMT is 100 where EVID is 2",
    ),
    "EVID 0 with a duration": ("ID,TIME,EVID,AMT,DUR\n1,0,0,.,3\n", [], 2, "DUR is 3 where EVID is 0"),
    "no EVID, ADDL without an amount": (
        "ID,TIME,AMT,II,ADDL\n1,0,.,12,3\n",
        [],
        2,
        "ADDL is 3 in a row without an amount",
    ),
    "a dose without an amount": (PLAIN.replace("100", "."), [], 2, "line 2: AMT: AMT is missing"),
    "a dose whose amount is NA": (PLAIN.replace("100", "NA"), [], 2, "AMT is NA"),
    "a dose with a rate alone": ("ID,TIME,EVID,AMT,RATE\n1,0,1,.,5\n1,1,0,.,.\n", [], 2, "AMT is missing"),
    "a rate with an amount of zero": (
        "ID,TIME,EVID,AMT,RATE\n1,0,1,0,5\n1,1,0,.,.\n",
        [],
        2,
        "an amount above 0 in a row with a RATE",
    ),
    "no AMT": ("ID,TIME,EVID\n1,0,1\n1,1,0\n", [], 2, "no column AMT (or DOSE), so nothing says how much"),
    "neither AMT nor EVID": ("ID,TIME\n1,0\n1,1\n", [], 2, "nothing says whether a row is a dose"),
    "an amount in words": (PLAIN.replace("100", "hundred"), [], 2, "line 2: AMT: AMT is hundred"),
    "an amount with a unit": (PLAIN.replace("100", "100 mg"), [], 2, "AMT is 100 mg"),
    "a negative amount": (PLAIN.replace("100", "-100"), [], 2, "line 2: AMT is -100"),
    "a row too short": ("ID,TIME,EVID,AMT\n1,0,1\n1,1,0,.\n", [], 2, "line 2: has 3 cells\n  allowed: 4"),
    "a row too long": (
        "ID,TIME,AMT,EVID\n1,0,100,1\n1,1,5,.,0\n",
        [],
        2,
        "line 3: has 5 cells\n  allowed: 4",
    ),
    "quoted decimal commas": (PLAIN.replace("1,1,0", '1,"1,5",0'), [], 2, "write decimals with a point"),
    "thousands or decimals": (
        "ID;TIME;EVID;AMT\n1;0;1;1,000\n1;1;0;.\n",
        [],
        2,
        "may mark decimals or thousands",
    ),
    "a column twice": ("ID,TIME,AMT,AMT\n1,0,100,5\n", [], 2, "AMT: names more than one column"),
    "a column twice in other letters": ("ID,TIME,AMT,amt\n1,0,100,5\n", [], 2, "AMT and amt both mean AMT"),
    "DOSE beside AMT": ("ID,TIME,AMT,DOSE\n1,0,100,100\n", [], 2, "the table has AMT as well: --ignore DOSE"),
    "an unknown column": ("ID,TIME,AMT,ROUTE\n1,0,100,iv\n", [], 2, "ROUTE: is neither known nor declared"),
    "a covariate that is not declared": (
        "ID,TIME,AMT,k\n1,0,100,0.3\n",
        [],
        2,
        "--covariates k uses it as the parameter k",
    ),
    "the same in other letters": ("ID,TIME,AMT,K\n1,0,100,0.3\n", [], 2, "--covariates k=K uses it"),
    "a covariate that is no parameter": (
        "ID,TIME,AMT,WT\n1,0,100,70\n",
        ["--covariates", "WT"],
        2,
        "no parameter WT",
    ),
    "a covariate that is not there": (PLAIN, ["--covariates", "k=KE"], 2, "KE: the table has no such column"),
    "a covariate that is missing at first": (
        "ID,TIME,AMT,k\n1,0,100,.\n1,1,.,1\n",
        ["--covariates", "k"],
        2,
        "line 2: k: k is missing in the first row",
    ),
    "a covariate in words": (
        "ID,TIME,AMT,k\n1,0,100,fast\n1,1,.,1\n",
        ["--covariates", "k"],
        2,
        "line 2: k: k is fast",
    ),
    "DATE": ("ID,DATE,TIME,AMT\n1,1,8,100\n1,2,9,.\n", [], 3, "the column DATE: dates are not read"),
    "DAT2": ("ID,DAT2,TIME,AMT\n1,1,8,100\n", [], 3, "the column DAT2"),
    "clock times": ("ID,TIME,AMT\n1,08:30,100\n", [], 2, "line 2: TIME: TIME is 08:30"),
    "dates as times": ("ID,TIME,AMT\n1,2026-02-01,100\n", [], 2, "clock times and dates are not read"),
    "no time": ("ID,TIME,AMT\n1,.,100\n", [], 2, "line 2: TIME: TIME is missing"),
    "no ID": ("ID,TIME,AMT\n,0,100\n", [], 2, "line 2: ID: ID is missing"),
    "no column ID": ("SUBJ,TIME,AMT\n1,0,100\n", ["--ignore", "SUBJ"], 2, "ID: the table has no such column"),
    "one ID in two writings": (
        "ID,TIME,AMT\n1,0,100\n1.0,1,.\n",
        [],
        2,
        "line 3: ID 1.0 and ID 1 are one number",
    ),
    "a comment before an ID": (
        "ID,TIME,AMT\n1,0,100\n1,1,.\nC1,2,.\n",
        [],
        2,
        "line 4: ID C1 stands beside ID 1",
    ),
    "numbers in C": ("C,ID,TIME,AMT\n3,1,0,100\n", [], 2, "line 2: C: is '3'"),
    "a commented header": ("#ID,TIME,AMT\n1,0,100\n", [], 2, "take the # off a header"),
    "DUR against RATE": (
        "ID,TIME,EVID,AMT,RATE,DUR\n1,0,1,100,10,5\n",
        [],
        2,
        "DUR is 5\n  allowed: 10, which is AMT / RATE",
    ),
    "DUR and TINF": ("ID,TIME,EVID,AMT,TINF,DUR\n1,0,1,100,5,5\n", [], 2, "either DUR or TINF"),
    "a negative duration": ("ID,TIME,EVID,AMT,DUR\n1,0,1,100,-5\n", [], 2, "DUR is -5"),
    "RATE -1 that nothing explains": (
        "ID,TIME,EVID,AMT,RATE\n1,0,1,100,-1\n",
        [],
        2,
        "--rate central=COLUMN",
    ),
    "RATE -2 that nothing explains": (
        "ID,TIME,EVID,AMT,RATE\n1,0,1,100,-2\n",
        [],
        2,
        "--duration central=COLUMN",
    ),
    "a lag that is missing": (
        "ID,TIME,AMT,L\n1,0,100,.\n",
        ["--lag", "central=L"],
        2,
        "L is missing in a row with a dose into central",
    ),
    "ADDL and TOTAL": ("ID,TIME,AMT,II,ADDL,TOTAL\n1,0,100,12,1,2\n", [], 2, "either ADDL or TOTAL"),
    "UNTIL in the past": ("ID,TIME,AMT,II,UNTIL\n1,5,100,12,3\n", [], 2, "a time after TIME"),
    "ADDL without II": ("ID,TIME,AMT,ADDL\n1,0,100,3\n1,9,.,.\n", [], 2, "line 2: II is 0"),
    "an unknown EVID": (PLAIN.replace("0,1,100", "0,101,100"), [], 2, "EVID is 101"),
    "an unknown compartment": ("ID,TIME,AMT,CMT\n1,0,100,gut\n", [], 2, "CMT is gut\n  allowed: 1 (central)"),
    "doses without observations": ("ID,TIME,AMT\n1,0,100\n", [], 2, "--end and --steps add observations"),
    "a header alone": ("ID,TIME,AMT\n", [], 2, "line 1: has no rows"),
    "an empty file": ("", [], 2, "rows.csv: is empty"),
    "blanks between the columns": ("ID TIME AMT\n1 0 100\n", [], 2, "separated by blanks"),
    "Latin-1": ("ID,TIME,AMT\nÅsa,0,100\n".encode("latin-1"), [], 2, "line 2: is not UTF-8"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00", [], 2, "zero byte"),
    "patients mixed": (
        "ID,TIME,AMT\n1,0,100\n2,0,100\n1,1,.\n",
        [],
        2,
        "line 4: the rows of ID 1 do not stand together",
    ),
    "too many doses": (
        "ID,TIME,AMT,II,ADDL\n1,0,100,1e-6,1000000000\n1,99,.,.,.\n",
        [],
        2,
        "are more than 2,000,000",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_is_refused_with_what_is_wrong_and_where(calor: Calor, folder: Path, name: str) -> None:
    text, options, code, words = REFUSED[name]
    (folder / "rows.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    outcome = calor(
        "simulate", "one.ant", "--events", "rows.csv", *CENTRAL, *options, "--outputs", "CP", "--csv", "-"
    )
    assert (outcome.code, outcome.out) == (code, ""), outcome.err
    assert words in outcome.err


def test_compartments_may_be_species_by_name(calor: Calor, folder: Path) -> None:
    (folder / "rows.csv").write_text("ID,TIME,AMT,CMT\n1,0,100,blood\n1,2,.,.\n")
    outcome = calor("simulate", "two.ant", "--events", "rows.csv", "--outputs", "blood", "--csv", "-")
    assert values_of(outcome.out, "blood") == pytest.approx([10 * math.exp(-0.2)], rel=1e-6)


def test_what_was_left_out_is_said_to_people_and_to_scripts(calor: Calor, folder: Path) -> None:
    (folder / "rows.csv").write_text("# mine\nC,ID,TIME,AMT,DV\n.,1,0,100,.\nC,1,0,5,.\n.,1,1,.,9\n")
    outcome = calor("simulate", "one.ant", "--events", "rows.csv", *CENTRAL, "--outputs", "CP", "--json")
    notes = json.loads(outcome.out)["notes"]
    assert [note.split(": ", 1)[1] for note in notes] == [
        "line 1 begins with # and is left out",
        "comments by the column C are left out: lines 4",
        "DV has no effect on a simulation",
    ]
    assert all(f"note: {note}" in outcome.err for note in notes)
