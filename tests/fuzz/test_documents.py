"""Mutated protocols, drugs, studies and evidence records are read or refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given

from calor.calibration.own_study import load_own_study
from calor.evidence.library import RECORDS_FOLDER, read_folder
from calor.therapy.library import read_drug
from calor.trial.protocols.reading import read_protocol
from tests.fuzz.harness import campaign, judge_reading, mutated

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "calor"


def texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))]


PROTOCOLS = [*texts(SOURCE / "study" / "library" / "trials"), *texts(ROOT / "examples" / "protocols")]
DRUGS = texts(SOURCE / "therapy" / "library")
STUDIES = texts(ROOT / "examples" / "studies")
RECORDS = texts(RECORDS_FOLDER)[::6]


def written(folder: str, text: str) -> Path:
    path = Path(folder) / "input.yaml"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    return path


@campaign(60)
@given(text=mutated(PROTOCOLS))
def test_protocols(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judge_reading(lambda: read_protocol(written(folder, text)))


@campaign(40)
@given(text=mutated(DRUGS))
def test_drugs(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judge_reading(lambda: read_drug(written(folder, text)))


@campaign(40)
@given(text=mutated(STUDIES))
def test_studies(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judge_reading(lambda: load_own_study(written(folder, text)))


@campaign(40)
@given(text=mutated(RECORDS))
def test_evidence_records(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judge_reading(lambda: read_folder(written(folder, text).parent))
