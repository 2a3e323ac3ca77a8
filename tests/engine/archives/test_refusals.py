"""What is hostile or broken is one error, what is not supported is named; nothing is fetched or unpacked."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.engine.archives import archive as reading
from calor.engine.archives.results import run_archive
from tests.engine.archives.made import (
    COURSE,
    DECAY,
    MANIFEST,
    SEEN,
    TASK,
    K,
    S,
    archive,
    generators,
    math,
    model,
    report,
    sedml,
    variable,
)

EVENT = """<listOfEvents><event useValuesFromTriggerTime="true">
  <trigger initialValue="true" persistent="true"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><geq/><ci>S</ci><cn>99</cn></apply></math></trigger>
  <listOfEventAssignments><eventAssignment variable="S"><math xmlns="http://www.w3.org/1998/Math/MathML">
  <cn>1</cn></math></eventAssignment></listOfEventAssignments></event></listOfEvents>"""
PIECES = (
    '<repeatedTask id="many" range="r" resetModel="false"><listOfRanges><vectorRange id="r"><value>1</value>'
    "<value>2</value></vectorRange></listOfRanges><listOfSubTasks>"
    '<subTask task="task" order="0"/></listOfSubTasks></repeatedTask>'
)
LOOP = '<repeatedTask id="task" range="r" resetModel="true">' + PIECES.partition(">")[2]
ROOT = math("<apply><ln/><apply><minus/><ci>S</ci></apply></apply>")
AGO = "http://example.org/model.xml"


def generator(formula: str) -> str:
    return (
        f'<dataGenerator id="d_x"><listOfVariables>{variable("S", S, task="task")}</listOfVariables>{formula}'
        "</dataGenerator>"
    )


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        ("<sedML", "not well-formed XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><sedML/>", "declares a document type"),
        (f"<a>{'<b>' * 300}{'</b>' * 300}</a>", "nested too deep"),
        ("<sbml/>", "<sbml> begins the document"),
        (sedml(models=model(source="absent.xml")), "holds no absent.xml"),
        (sedml(models=model(source="../../etc/passwd")), "leads out of the archive"),
        (sedml(models=model(source="/etc/passwd")), "leads out of the archive"),
        (sedml(models=model(source="#model")), "come from each other in a loop"),
        (sedml(models=model(source="#other")), "there is no model other"),
        (sedml(tasks=TASK.replace('"course"', '"other"')), "there is no simulation other"),
        (sedml(data=generators("other", SEEN)), "there is no task other"),
        (sedml(outputs=report(["other"])), "there is no data generator d_other"),
        (sedml(simulations=COURSE.replace('"0"', '"soon"')), "initialTime 'soon'"),
        (sedml(simulations=COURSE.replace('outputEndTime="2"', 'outputEndTime="-2"')), "that do not fall"),
        (sedml(simulations=COURSE.replace('"4"', '"many"')), "numberOfSteps 'many'"),
        (sedml(simulations=COURSE.replace("numberOfSteps", "steps")), "has no numberOfSteps"),
        (sedml(simulations=COURSE.replace("0000019", "19")), "KISAO: and seven digits"),
        (sedml(simulations=COURSE + COURSE), "has the id course, which stands before"),
        (sedml(data=generators("task", {**SEEN, "S": S.replace("'S'", "'T'")})), "selects nothing"),
        (sedml(data=generators("task", {**SEEN, "S": "/other:sbml"})), "prefix other"),
        (sedml(data=generator(math("<ci>T</ci>")), outputs=report(["x"])), "uses T, which is not defined"),
        (sedml(data=generator(ROOT), outputs=report(["x"])), "no finite number at point 1"),
        (
            sedml(models=model(f'<changeAttribute target="{K}" newValue="1"/>')),
            "a target that ends in /@NAME",
        ),
        (
            sedml(models=model(f'<changeAttribute target="{K}/@value" newValue="soon"/>')),
            "line",
        ),
    ],
)
def test_what_is_broken_is_one_error(tmp_path: Path, experiment: str, message: str) -> None:
    refused(tmp_path, experiment, InputError, message)


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        (sedml(models=model(source=AGO)), f"the source {AGO} of the model model lies outside"),
        (sedml(models=model(source="urn:miriam:biomodels.db:BIOMD0000000012")), "calor fetches nothing"),
        (sedml(models=model().replace("sbml", "cellml", 1)), "urn:sedml:language:cellml"),
        (sedml(simulations=COURSE.replace("0000019", "0000029")), "KISAO:0000029"),
        (sedml(version=4).replace('version="4"', 'version="5"'), "version 5"),
        (sedml(simulations=COURSE.replace("uniformTimeCourse", "analysis")), "<analysis>"),
        (sedml(tasks=TASK.replace("<task ", "<parameterEstimationTask ")), "<parameterEstimationTask>"),
        (sedml(tasks=LOOP), "tasks inside tasks deeper than"),
        (sedml(data=generators("task", {"S": "//*[position()=1]"})), "the condition"),
        (sedml(data=generators("task", {"S": "id('S')"})), "the part of XPath"),
        (sedml(data=generators("task", {"S": "#data"})), "data from files"),
        (sedml(data=generators("task", {"S": S}).replace("target=", 'term="KISAO:1" target=')), "term"),
        (
            sedml(data=generators("task", {"time": None}).replace("urn:sedml:symbol:time", "KISAO:0000834")),
            "the symbol KISAO:0000834",
        ),
    ],
)
def test_what_is_not_supported_is_named(tmp_path: Path, experiment: str, message: str) -> None:
    refused(tmp_path, experiment, UnsupportedError, message)


def refused(folder: Path, experiment: str, kind: type[ReportedError], message: str) -> None:
    with pytest.raises(kind) as caught:
        run_archive(archive(folder, experiment))
    assert message in str(caught.value)
    assert "made.omex" in str(caught.value)


def test_a_model_with_events_is_not_simulated_in_pieces(tmp_path: Path) -> None:
    with_event = DECAY.replace("</model>", EVENT + "</model>")
    experiment = sedml(tasks=TASK + PIECES, data=generators("many", SEEN))
    with pytest.raises(UnsupportedError, match="has events and is simulated in pieces"):
        run_archive(archive(tmp_path, experiment, {"model.xml": with_event}))


def test_a_model_that_grows_comes_to_no_rest(tmp_path: Path) -> None:
    rest = '<steadyState id="course"><algorithm kisaoID="KISAO:0000019"/></steadyState>'
    grows = model(f'<changeAttribute target="{K}/@value" newValue="-0.001"/>')
    experiment = sedml(models=grows, simulations=rest)
    with pytest.raises(InputError, match="not a finite number"):
        run_archive(archive(tmp_path, experiment))


@pytest.mark.parametrize("name", ["../outside.xml", "/etc/passwd", "a/../../b", "C:\\x", "c:x", "..\\x"])
def test_parts_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="leads out of the archive"):
        run_archive(archive(tmp_path, sedml(), {"model.xml": DECAY, name: "x"}))


def test_links_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, sedml())
    link = zipfile.ZipInfo("link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="is a link"):
        run_archive(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_parts_that_stand_twice_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, sedml())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("./model.xml", "<other/>")
    with pytest.raises(InputError, match="stands twice"):
        run_archive(path)


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, sedml(), {"model.xml": b" " * 5_000_000})
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(reading, "LARGEST_PART", 1_000_000)
    with pytest.raises(InputError, match="unpacks to more than 1,000,000 bytes"):
        run_archive(path)
    monkeypatch.setattr(reading, "LARGEST_ARCHIVE", 2_000_000)
    with pytest.raises(InputError, match="at most 2,000,000"):
        run_archive(path)


def test_a_size_that_lies_unpacks_to_no_more_than_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path, sedml(), {"model.xml": b" " * 5_000_000})
    content = path.read_bytes()
    path.write_bytes(content.replace((5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    monkeypatch.setattr(reading, "LARGEST_PART", 1_000_000)
    with pytest.raises(InputError):
        run_archive(path)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (MANIFEST.replace("experiment.sedml", "../experiment.sedml"), "leads out of the archive"),
        (MANIFEST.replace("sed-ml", "sbml"), "holds no simulation experiment"),
        (MANIFEST.replace(' format="http://identifiers.org/combine.specifications/sed-ml"', ""), "lacks"),
        ("<omexManifest", "not well-formed"),
        ("<!DOCTYPE a><omexManifest/>", "declares a document type"),
    ],
)
def test_a_broken_manifest_is_one_error(tmp_path: Path, manifest: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run_archive(archive(tmp_path, sedml(), manifest=manifest))


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_one_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "made.omex"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"made\.omex"):
        run_archive(path)


def test_a_damaged_part_is_one_error(tmp_path: Path) -> None:
    path = archive(tmp_path, sedml())
    content = bytearray(path.read_bytes())
    place = content.index(b"model.xml") + 60
    content[place : place + 20] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        run_archive(path)


def test_models_of_other_levels_are_targeted_alike(tmp_path: Path) -> None:
    other = sedml().replace("sbml/level3/version2/core", "sbml/level2/version4")
    assert run_archive(archive(tmp_path, other)).reports
