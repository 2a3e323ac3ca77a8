"""Mutated tables of events and effects, and SBML, through the commands that read them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import antimony
from hypothesis import given

from tests.fuzz.harness import campaign, judge_command, mutated

MODEL = """\
model one
  central = 0; k = 0.1; V = 10
  central' = -k*central
  CP := central/V
end
"""
DECAY = """\
model decay
  compartment c = 2
  species S in c = 10, P in c = 0
  k = 0.3; n = 0
  J: S -> P; k*S
  total := S + P
  at (time > 0.5): n = n + 1
end
"""
EVENTS = [
    "ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS\n1,0,1,100,1,0,12,3,0\n1,5,0,.,.,.,.,.,.\n2,1,1,50,1,10,0,0,0\n2,9,0,.,.,.,.,.,.\n",
    "ID,TIME,AMT,EVID\n1,0,100,1\n1,2,.,0\n1,2,0,3\n1,3,50,4\n1,4,.,0\n",
    "ID;TIME;AMT;EVID\n1;0;100;1\n1;2;.;0\n",
]
EFFECTS = [
    "study,yi,vi,months,route\nAdams,-0.5,0.04,3,oral\nBrown 2004,0.1,0.09,12,iv\nClark,-0.2,0.01,24,oral\n",
    "study,yi,sei\nA,-0.5,0.2\nB,0.1,0.3\nC,-0.2,0.1\nD,0.4,0.5\n",
    "study,n1i,m1i,sd1i,n2i,m2i,sd2i\nA,20,3.1,1.2,20,4.0,1.3\nB,15,2.8,1.0,16,3.9,1.4\n",
    "study,ai,bi,ci,di\nA,4,16,9,11\nB,0,20,5,15\nC,10,10,12,8\n",
]


def sbml_of(text: str) -> str:
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyString(text) >= 0
    return str(antimony.getSBMLString(antimony.getMainModuleName()))


SBML = [sbml_of(MODEL), sbml_of(DECAY)]


@contextmanager
def file_of(text: str, name: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
        (Path(folder) / "one.ant").write_text(MODEL)
        yield str(path)


@campaign(25)
@given(text=mutated(EVENTS, 3))
def test_tables_of_events(text: str) -> None:
    with file_of(text, "rows.csv") as path:
        model = str(Path(path).with_name("one.ant"))
        judge_command(
            "simulate", model, "--events", path, "--compartments", "central", "--outputs", "CP", "--csv", "-"
        )


@campaign(60)
@given(text=mutated(EFFECTS, 3))
def test_tables_of_effects(text: str) -> None:
    with file_of(text, "effects.csv") as path:
        judge_command("meta", path, "--knapp-hartung", "--small-study", "--json")


@campaign(25)
@given(text=mutated(SBML, 3))
def test_sbml(text: str) -> None:
    with file_of(text, "model.xml") as path:
        judge_command("simulate", path, "--end", "2", "--steps", "4", "--csv", "-")
