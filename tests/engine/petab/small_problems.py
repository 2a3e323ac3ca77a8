"""Small PEtab problems with closed-form solutions, written into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import antimony

Tables = Mapping[str, str]


def sbml(text: str) -> str:
    """Return Antimony text as SBML."""
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyString(text) >= 0, antimony.getLastError()
    return str(antimony.getSBMLString(antimony.getMainModuleName()))


DECAY = sbml("model decay\n  x = 10; k = 0.5\n  x' = -k*x\nend")

PARAMETERS = """parameterId parameterScale lowerBound upperBound nominalValue estimate
k log10 1e-3 10 0.5 1
sigma lin 1e-3 10 0.3 0
"""
OBSERVABLES = """observableId observableFormula noiseFormula noiseDistribution observableTransformation
seen x sigma normal lin
"""
CONDITIONS = "conditionId\nonce\n"
MEASUREMENTS = """observableId simulationConditionId measurement time
seen once 9 0
seen once 6.5 1
seen once 3.2 2.5
"""
FIRST: Tables = {
    "parameters": PARAMETERS,
    "observables": OBSERVABLES,
    "conditions": CONDITIONS,
    "measurements": MEASUREMENTS,
}

YAML_1 = """format_version: 1
parameter_file: parameters.tsv
problems:
- sbml_files: [model.xml]
  condition_files: [conditions.tsv]
  measurement_files: [measurements.tsv]
  observable_files: [observables.tsv]
"""
YAML_2 = """format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files:
  model:
    location: model.xml
    language: sbml
measurement_files: [measurements.tsv]
observable_files: [observables.tsv]
condition_files: [conditions.tsv]
experiment_files: [experiments.tsv]
"""


def as_tsv(text: str) -> str:
    """Return a table written with blanks as one with tabs; ~ is an empty cell, _ a blank in a formula."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return "".join("\t".join("" if cell == "~" else cell for cell in line) + "\n" for line in lines)


def write_problem(
    folder: Path, tables: Tables, *, model: str = DECAY, yaml: str = YAML_1, **changed: str
) -> Path:
    """Write a problem, some of its tables replaced, and return its YAML file."""
    for name, text in {**tables, **changed}.items():
        (folder / f"{name}.tsv").write_text(as_tsv(text))
    (folder / "model.xml").write_text(model)
    path = folder / "problem.yaml"
    path.write_text(yaml)
    return path
