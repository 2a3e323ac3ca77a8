"""Simulations as a COMBINE archive that other programs run: models in SBML, the experiment in SED-ML.

The models hold the doses as events; what is set, scanned or differs from person to person are changes of the
model in the experiment. The archive has the same bytes each time.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import libsbml

from calor.core.errors import InputError, UnsupportedError
from calor.core.versions import versions
from calor.engine.archives.sbml_doses import DosedModel
from calor.engine.archives.sbml_values import attribute_for, document_of
from calor.engine.archives.sedml_writing import ModelChanges, UniformCourse, sedml_of
from calor.engine.calendar import Calendar
from calor.engine.symbolic.system import System

MOST_RUNS = 1_000
"""Courses in one archive: each is a model and a report of the experiment."""

EXPERIMENT, METADATA, MANIFEST = "simulation.sedml", "metadata.rdf", "manifest.xml"
_FORMATS = "http://identifiers.org/combine.specifications/"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every part: the first that a zip file can have."""


@dataclass(frozen=True)
class Run:
    """One course: what it is called, the values given by name, what is given when, and when it begins."""

    label: str
    values: Mapping[str, float]
    calendar: Calendar
    start: float


@dataclass(frozen=True)
class Simulations:
    """What was simulated.

    Arguments: the model as SBML and its system; the runs; the columns' names and the quantity of the system
    behind each; the course that all are seen in; a title; and the name of the model's file.
    """

    sbml: str
    system: System
    runs: Sequence[Run]
    columns: Sequence[str]
    quantities: Sequence[str]
    course: UniformCourse
    title: str
    source: str


def write_archive(simulations: Simulations, path: Path) -> None:
    """Write simulations as an archive.

    Raises UnsupportedError for what has no place in an archive, with its name, and InputError where the file
    cannot be written.
    """
    if len(simulations.runs) > MOST_RUNS:
        raise UnsupportedError.of(
            f"{len(simulations.runs):,} courses in one archive are not supported", key="--omex",
            hint=f"up to {MOST_RUNS:,}",
        )  # fmt: skip
    models: dict[str, str] = {}
    files: dict[tuple[bytes, float], str] = {}
    changes: list[ModelChanges] = []
    for run in simulations.runs:
        key = (_bytes_of(run.calendar), run.start)
        document, targets = _prepared(simulations, run)
        if key not in files:
            files[key] = "model.xml" if not files else f"model_{len(files) + 1}.xml"
            models[files[key]] = str(libsbml.writeSBMLToString(document))
        changes.append(ModelChanges(run.label, files[key], targets, run.start))
    first = libsbml.readSBMLFromString(models["model.xml"])
    sedml = sedml_of(
        simulations.system, first, changes, simulations.columns, simulations.quantities, simulations.course,
        simulations.title,
    )  # fmt: skip
    parts = {**models, EXPERIMENT: sedml, METADATA: _metadata(simulations)}
    _write(path, {MANIFEST: _manifest(tuple(models)), **parts})


def _prepared(simulations: Simulations, run: Run) -> tuple[libsbml.SBMLDocument, Mapping[str, float]]:
    """Return the model of a run, ready to be changed, and its changes by the attribute that they set."""
    document = document_of(simulations.sbml, level_3=any(len(each.calendar) for each in simulations.runs))
    targets = {
        attribute_for(document.getModel(), simulations.system, name, value): value
        for name, value in run.values.items()
    }
    DosedModel(document, simulations.system).give(run.calendar, run.start)
    return document, targets


def _bytes_of(calendar: Calendar) -> bytes:
    parts = (calendar.times, calendar.actions, calendar.targets, calendar.values)
    return b"|".join([*(part.tobytes() for part in parts), "|".join(calendar.states).encode()])


def _manifest(models: Sequence[str]) -> str:
    entries = [
        (".", "omex", False),
        (MANIFEST, "omex-manifest", False),
        (EXPERIMENT, "sed-ml.level-1.version-4", True),
        *((name, "sbml", False) for name in models),
        (METADATA, "omex-metadata", False),
    ]
    lines = [
        f'  <content location="{location}" format="{_FORMATS}{kind}" master="{str(master).lower()}"/>'
        for location, kind, master in entries
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<omexManifest xmlns="{_FORMATS}omex-manifest">',
            *lines,
            "</omexManifest>\n",
        ]
    )


def _metadata(simulations: Simulations) -> str:
    about = (
        f"Written by calor {versions()['calor']} from {simulations.source}; calor solved it with its own "
        "Rosenbrock method (Rodas5P)"
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
            ' xmlns:dcterms="http://purl.org/dc/terms/">',
            '  <rdf:Description rdf:about=".">',
            f"    <dcterms:title>{escape(simulations.title)}</dcterms:title>",
            f"    <dcterms:description>{escape(about)}</dcterms:description>",
            "  </rdf:Description>",
            "</rdf:RDF>\n",
        ]
    )


def _write(path: Path, parts: Mapping[str, str]) -> None:
    """Write the archive whole or not at all."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, date_time=_LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, text.encode())
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content.getvalue())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError.of(f"cannot be written: {error.strerror}", file=path, key="--omex") from None
