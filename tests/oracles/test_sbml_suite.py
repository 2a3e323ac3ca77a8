"""The SBML semantic test suite 3.3.0, where its cases are present: passed, refused by name, wrong.

A case passes when |C - U| <= absolute + relative |C| at every point. None may be wrong, and those that are
refused are known by name. The cases are not part of calor (LGPL data).
"""

from __future__ import annotations

import csv
import io
import os
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import ReportedError
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Options

ROOT = Path(__file__).parents[2]
PEERS = Path(os.environ.get("CALOR_PEERS", ROOT.parent / "shared" / "peers"))
CASES = PEERS / "sbml-semantic-suite" / "cases.tar.xz"
REFUSED = {
    "00951": "a parameter that is not a number (NaN), which SBML allows and calor takes for a mistake",
    "01787": "an algebraic rule S2 - S1 that may as well determine the one species as the other",
}
TEN_THOUSAND_EVENTS = {
    *("00953", "00963", "00965", "00967", "01589"),
    *("01591", "01593", "01599", "01605", "01627"),
}
"""Cases that take the reference backend most of a minute each, or some."""
ON_REFERENCE_ONLY = {"01593"}
"""Those of them that no other backend solves."""
OPTIONS = Options(rtol=1e-9, atol=1e-13, max_steps=1_000_000)


@dataclass(frozen=True)
class Case:
    name: str
    model: str
    settings: dict[str, str]
    expected: np.ndarray
    columns: tuple[str, ...]


def read_cases() -> list[Case]:
    if not CASES.exists():
        pytest.skip(f"{CASES} is not present")
    files: dict[str, dict[str, str]] = {}
    with tarfile.open(CASES) as archive:
        for member in archive:
            path, file = Path(member.name), archive.extractfile(member)
            if file is not None:
                files.setdefault(path.parent.name, {})[path.name] = file.read().decode("utf-8-sig")
    return [case_of(name, found) for name, found in sorted(files.items())]


def case_of(name: str, files: dict[str, str]) -> Case:
    lines = [line.partition(":") for line in files["settings.txt"].splitlines()]
    rows = [row for row in csv.reader(io.StringIO(files["results.csv"])) if row]
    return Case(
        name,
        files["model.xml"],
        {key.strip(): value.strip() for key, _, value in lines},
        np.array([[float(cell) for cell in row] for row in rows[1:]]),
        tuple(cell.strip() for cell in rows[0][1:]),
    )


def outcome(case: Case, backend: str | None) -> str:
    settings = case.settings
    try:
        system = load_sbml(case.model)
    except ReportedError:
        return "refused"
    amounts, concentrations = (
        {name.strip() for name in settings.get(key, "").split(",")} for key in ("amount", "concentration")
    )
    names = [
        system.amount_of(name)
        if name in amounts
        else system.concentration_of(name)
        if name in concentrations
        else name
        for name in case.columns
    ]
    start, duration, steps = float(settings["start"]), float(settings["duration"]), int(settings["steps"])
    batch = Batch(save_at=start + duration * np.arange(steps + 1) / steps, outputs=tuple(names), start=start)
    values = compile_kernel(system, backend).simulate(batch, OPTIONS).outputs[0]
    expected = case.expected[:, 1:]
    with np.errstate(invalid="ignore"):
        close = abs(values - expected) <= float(settings["absolute"]) + float(settings["relative"]) * abs(
            expected
        )
    same = (values == expected) | (np.isnan(values) & np.isnan(expected))
    return "passed" if np.all(close | same) else "wrong"


def judge(cases: list[Case], backend: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {case.name: outcome(case, backend) for case in cases}
    counts = Counter(outcomes.values())
    with capsys.disabled():
        print(f"\nSBML suite, {len(cases)} cases, {backend or 'usual'} backend:", end=" ")
        print(*(f"{counts[kind]} {kind}" for kind in ("passed", "refused", "wrong")), sep=", ")
    assert [name for name, kind in outcomes.items() if kind == "wrong"] == []
    refused = {name for name, kind in outcomes.items() if kind == "refused"}
    assert refused == REFUSED.keys() & outcomes.keys()


def test_every_ninth_case_on_the_usual_backend(capsys: pytest.CaptureFixture[str]) -> None:
    judge([case for case in read_cases() if case.name not in ON_REFERENCE_ONLY][::9], None, capsys)


def test_every_ninth_case_on_the_reference_backend(capsys: pytest.CaptureFixture[str]) -> None:
    judge([case for case in read_cases() if case.name not in TEN_THOUSAND_EVENTS][4::9], "reference", capsys)


@pytest.mark.slow
@pytest.mark.parametrize("backend", [None, "reference"], ids=["usual", "reference"])
def test_all_cases(backend: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    judge(read_cases(), backend, capsys)
