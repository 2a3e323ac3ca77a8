"""Appendix B: with what a run was made, how to make it again, and the works that it cites."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from calor.core.host import processor_text
from calor.report.blocks import Block, Heading, Items, Paragraph
from calor.report.tables import Table, words
from calor.store.saved_run import Kind, SavedRun

CITATION = (
    "The calor developers. calor: in-silico clinical trials of immunomodulation in complex regional pain "
    "syndrome"
)


def provenance_chapter(run: SavedRun) -> Iterator[Block]:
    """Yield the seed, versions, hashes, processor, command, references and how to cite calor."""
    origin = run.result["provenance"]
    yield Heading("Appendix B. Provenance and references", 2, "provenance")
    yield Table((words(""), words("value", greedy=True)), list(_rows(run)), title="With what this was made")
    yield Paragraph("The same numbers again:")
    yield Items([command_of(run)])
    yield from files_of(run)
    yield Heading("References", 3, "references")
    references = [reference_text(each) for each in run.context.get("references", ())]
    yield Items(references) if references else Paragraph("This run cites no work.")
    yield Paragraph(
        f"To cite calor: {CITATION}, version {origin.get('calor_version', 'not known')}, Apache-2.0."
    )


def origin_table(run: SavedRun) -> Table:
    """Return every single value of a run's origin with its key; lists are left to the JSON document."""
    rows = list(_flat(run.result["provenance"]))
    return Table((words(""), words("value", greedy=True)), rows, title="With what this was made")


def files_of(run: SavedRun) -> Iterator[Table]:
    """Yield the files of a run with their hashes, where it lists any."""
    files = run.manifest.get("files_sha256", {})
    if files:
        yield Table((words("file"), words("SHA-256", greedy=True)), list(files.items()),
                    title="Files of the run, unchanged since it wrote them")  # fmt: skip


def day_of(run: SavedRun) -> str:
    """Return the day on which a run was begun, empty for a calibration, which keeps none."""
    return str(run.result.get("provenance", {}).get("started", ""))[:10]


def command_of(run: SavedRun) -> str:
    """Return the command line that gives the same numbers; a protocol of one's own is named by its id."""
    origin, result = run.result["provenance"], run.result
    trial, posterior = result["trial"]["id"], result["posterior"]
    ships = result["trial"]["role"] in {"held-back", "calibration", "registered"}
    parts = ["calor", "trial", trial if ships else f"{trial}.yaml"]
    parts += ["--seed", f"{origin['seed']}", "--worlds", f"{origin['worlds']}"]
    parts += ["--replicates", f"{origin['replicates']}", "--posterior", posterior["name"]]
    assumed = run.context.get("contrast", {}).get("assumed_effect")
    if assumed is not None:
        parts += ["--assume-effect", f"{assumed:g}"]
    for each in posterior["changed"]:
        parts += ["--set", f"{each['name']}={each['value']:g}"]
    if run.kind is Kind.SEARCH:
        parts += ["--find", "n", "--power", f"{result['target_power']:g}"]
    return shlex.join(parts)


def reference_text(reference: dict[str, Any]) -> str:
    """Return a work as one line, with its DOI, or else its address, where one was read."""
    where = (
        f" doi:{reference['doi']}"
        if reference["doi"]
        else (f" {reference['url']}" if reference["url"] else "")
    )
    return f"{reference['id']}: {reference['citation']}{where}"


def _flat(origin: dict[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in origin.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}: ")
        elif isinstance(value, str | int | float):
            yield f"{before}{key.replace('_', ' ')}", str(value)


def _rows(run: SavedRun) -> Iterator[tuple[str, str]]:
    origin, posterior = run.result["provenance"], run.result["posterior"]
    yield "seed", f"{origin['seed']}"
    yield "worlds under each rival", f"{origin['worlds']:,}"
    yield "simulated trials", f"{origin['replicates']:,}"
    yield "versions", ", ".join(f"{name} {version}" for name, version in origin["versions"].items())
    yield "model, SHA-256", origin["model_sha256"]
    yield "protocol, SHA-256", origin["protocol_sha256"]
    yield "posterior", f"{posterior['name']}, SHA-256 {posterior['file_sha256'] or 'none: the priors'}"
    for each in origin["drug_files"]:
        yield f"drug file {each['path']}", each["sha256"]
    machine = run.context.get("machine", {})
    if machine:
        yield "processor", processor_text(machine)
    yield "threads", f"{origin['workers']}; they change no number"
    yield "begun", f"{origin['started']}, {origin['seconds']:g} s"
