"""The YAML file of a PEtab problem: its version and the files it names, all on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from calor.core.documents import Document, Key, read_document, validate
from calor.core.errors import InputError, Place, UnsupportedError
from calor.core.part import Part
from calor.engine.petab.problem import ModelFile


class _Extension(BaseModel):
    version: str | int | float
    required: bool = False


class _Subproblem(Part):
    """One of the problems of a file of version 1."""

    sbml_files: tuple[str, ...] | None = None
    model_files: dict[str, Any] | None = None
    condition_files: tuple[str, ...] = Field(min_length=1)
    measurement_files: tuple[str, ...] = Field(min_length=1)
    observable_files: tuple[str, ...] = Field(min_length=1)
    visualization_files: tuple[str, ...] = ()
    mapping_files: tuple[str, ...] = ()


class _First(Part):
    format_version: Any
    parameter_file: str | tuple[str, ...]
    problems: list[_Subproblem] = Field(min_length=1)
    extensions: dict[str, _Extension] = Field(default_factory=dict)


class _Model(Part):
    location: str
    language: str


class _Second(Part):
    format_version: Any
    id: str | None = None
    parameter_files: tuple[str, ...] = Field(min_length=1)
    model_files: dict[str, _Model] = Field(min_length=1)
    measurement_files: tuple[str, ...] = Field(min_length=1)
    observable_files: tuple[str, ...] = Field(min_length=1)
    condition_files: tuple[str, ...] = ()
    experiment_files: tuple[str, ...] = ()
    mapping_files: tuple[str, ...] = ()
    extensions: dict[str, _Extension] = Field(default_factory=dict)


@dataclass(frozen=True)
class ProblemFiles:
    """The files of a problem by what they hold."""

    yaml: str
    version: Literal[1, 2]
    model: ModelFile
    parameters: tuple[Path, ...]
    observables: tuple[Path, ...]
    measurements: tuple[Path, ...]
    conditions: tuple[Path, ...]
    experiments: tuple[Path, ...]
    mappings: tuple[Path, ...]


def read_problem_files(path: Path) -> ProblemFiles:
    """Return the files that a problem's YAML file names.

    Raises InputError for a malformed one or a file that is not on this machine; UnsupportedError, with its
    name, for another version, several models, a model that is not SBML, and a required extension.
    """
    document = read_document(path)
    data = document.data if isinstance(document.data, dict) else {}
    version = str(data.get("format_version", "")).split(".")[0]
    if version == "1":
        return _first(document, path)
    if version == "2":
        return _second(document, path)
    problem = document.problem(
        ("format_version",) if "format_version" in data else (),
        f"format_version is {data['format_version']!r}"
        if "format_version" in data
        else "has no format_version",
        allowed="1 or 2.0.0",
        hint="is it the YAML file of a PEtab problem?",
    )
    raise (UnsupportedError if version.isdigit() else InputError)([problem])


def _first(document: Document, path: Path) -> ProblemFiles:
    read = validate(document, _First)
    _refuse_required(document, read.extensions)
    if len(read.problems) > 1:
        raise _several(document, ("problems", 1), "problems")
    part, key = read.problems[0], ("problems", 0)
    if part.model_files is not None:
        raise UnsupportedError(
            [document.problem((*key, "model_files"), "model_files in version 1 are not supported",
                              hint="name the SBML model in sbml_files")]
        )  # fmt: skip
    models = part.sbml_files or ()
    if not models:
        raise InputError([document.problem(key, "names no model", allowed="sbml_files: [model.xml]")])
    if len(models) > 1:
        raise _several(document, (*key, "sbml_files", 1), "models")
    parameters = read.parameter_file
    files = _Files(document, path.parent)
    return ProblemFiles(
        yaml=str(path),
        version=1,
        model=files.model(models[0], (*key, "sbml_files", 0)),
        parameters=files.named([parameters] if isinstance(parameters, str) else parameters, "parameter_file"),
        observables=files.named(part.observable_files, *key, "observable_files"),
        measurements=files.named(part.measurement_files, *key, "measurement_files"),
        conditions=files.named(part.condition_files, *key, "condition_files"),
        experiments=(),
        mappings=files.named(part.mapping_files, *key, "mapping_files"),
    )


def _second(document: Document, path: Path) -> ProblemFiles:
    read = validate(document, _Second)
    _refuse_required(document, read.extensions)
    if len(read.model_files) > 1:
        raise _several(document, ("model_files", list(read.model_files)[1]), "models")
    ((name, model),) = read.model_files.items()
    if model.language != "sbml":
        raise UnsupportedError(
            [document.problem(("model_files", name, "language"),
                              f"models in {model.language} are not supported", allowed="sbml")]
        )  # fmt: skip
    files = _Files(document, path.parent)
    return ProblemFiles(
        yaml=str(path),
        version=2,
        model=files.model(model.location, ("model_files", name, "location")),
        parameters=files.named(read.parameter_files, "parameter_files"),
        observables=files.named(read.observable_files, "observable_files"),
        measurements=files.named(read.measurement_files, "measurement_files"),
        conditions=files.named(read.condition_files, "condition_files"),
        experiments=files.named(read.experiment_files, "experiment_files"),
        mappings=files.named(read.mapping_files, "mapping_files"),
    )


def _several(document: Document, key: Key, what: str) -> UnsupportedError:
    return UnsupportedError(
        [document.problem(key, f"several {what} in one file are not supported", allowed="one",
                          hint="write a YAML file for each; log-likelihoods add up")]
    )  # fmt: skip


def _refuse_required(document: Document, extensions: dict[str, _Extension]) -> None:
    for name, extension in extensions.items():
        if extension.required:
            raise UnsupportedError(
                [document.problem(("extensions", name), f"the extension {name} is not supported")]
            )


@dataclass(frozen=True)
class _Files:
    """Names of files beside a document, as paths."""

    document: Document
    folder: Path

    def named(self, names: Sequence[str], *key: str | int) -> tuple[Path, ...]:
        """Return the paths of files; raises InputError for an address instead of a file."""
        return tuple(self._path(name, key, position) for position, name in enumerate(names))

    def model(self, name: str, key: Key) -> ModelFile:
        """Return the model's file and where it is named."""
        path = self._path(name, key, None)
        return ModelFile(str(path), Place(self.document.file, self.document.line_of(key)))

    def _path(self, name: str, key: Key, position: int | None) -> Path:
        where = (*key, position) if position is not None and (*key, position) in self.document.lines else key
        if "://" in name:
            raise InputError(
                [self.document.problem(where, f"is the address {name}", allowed="a file on this machine",
                                       hint="fetch it yourself: nothing is fetched here")]
            )  # fmt: skip
        path = self.folder / name
        if not path.is_file():
            raise InputError([self.document.problem(where, f"names {name}, and there is no such file")])
        return path
