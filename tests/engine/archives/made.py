"""Archives made for tests: a model that decays, and experiments written out in SED-ML."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

SBML = "http://www.sbml.org/sbml/level3/version2/core"
DECAY = f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="{SBML}" level="3" version="2">
  <model id="decay">
    <listOfCompartments>
      <compartment id="C" spatialDimensions="3" size="2" constant="true"/>
    </listOfCompartments>
    <listOfSpecies>
      <species id="S" compartment="C" initialConcentration="8" hasOnlySubstanceUnits="false"
        boundaryCondition="false" constant="false"/>
    </listOfSpecies>
    <listOfParameters>
      <parameter id="k" value="0.5" constant="true"/>
      <parameter id="m" value="7" constant="true"/>
      <parameter id="made" value="0" constant="true"/>
    </listOfParameters>
    <listOfInitialAssignments>
      <initialAssignment symbol="m">
        <math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><cn>4</cn><ci>k</ci></apply></math>
      </initialAssignment>
    </listOfInitialAssignments>
    <listOfReactions>
      <reaction id="J" reversible="false">
        <listOfReactants><speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants>
        <kineticLaw>
          <math xmlns="http://www.w3.org/1998/Math/MathML">
            <apply><minus/>
              <apply><times/><ci>k</ci><ci>S</ci><ci>C</ci></apply>
              <apply><times/><ci>made</ci><ci>C</ci></apply>
            </apply>
          </math>
        </kineticLaw>
      </reaction>
    </listOfReactions>
  </model>
</sbml>
"""
"""dS/dt = made - k S from S = 8 (a concentration), in a compartment of 2; m is 4 k at the start."""

PARAMETERS = "/sbml:sbml/sbml:model/sbml:listOfParameters"
K = f"{PARAMETERS}/sbml:parameter[@id='k']"
M = f"{PARAMETERS}/sbml:parameter[@id='m']"
MADE = f"{PARAMETERS}/sbml:parameter[@id='made']"
S = "/sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='S']"
J = "/sbml:sbml/sbml:model/sbml:listOfReactions/sbml:reaction[@id='J']"

MANIFEST = """<omexManifest xmlns="http://identifiers.org/combine.specifications/omex-manifest">
  <content location="." format="http://identifiers.org/combine.specifications/omex"/>
  <content location="experiment.sedml" format="http://identifiers.org/combine.specifications/sed-ml"/>
</omexManifest>
"""


def math(inner: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{inner}</math>'


def variable(name: str, target: str | None, *, task: str | None = None, model: str | None = None) -> str:
    what = f'target="{target}"' if target else 'symbol="urn:sedml:symbol:time"'
    where = f'taskReference="{task}"' if task else f'modelReference="{model}"'
    return f'<variable id="{name}" {what} {where}/>'


def model(changes: str = "", name: str = "model", source: str = "model.xml") -> str:
    return (
        f'<model id="{name}" language="urn:sedml:language:sbml" source="{source}">'
        f"<listOfChanges>{changes}</listOfChanges></model>"
    )


COURSE = (
    '<uniformTimeCourse id="course" initialTime="0" outputStartTime="0" outputEndTime="2" numberOfSteps="4">'
    '<algorithm kisaoID="KISAO:0000019"/></uniformTimeCourse>'
)
TASK = '<task id="task" modelReference="model" simulationReference="course"/>'
SEEN = {"time": None, "S": S, "k": K, "m": M}


def generators(task: str, targets: Mapping[str, str | None]) -> str:
    """Return a generator for each target, of the variable alone."""
    return "".join(
        f'<dataGenerator id="d_{name}"><listOfVariables>{variable(name, target, task=task)}</listOfVariables>'
        f"{math(f'<ci>{name}</ci>')}</dataGenerator>"
        for name, target in targets.items()
    )


def report(names: list[str]) -> str:
    sets = "".join(f'<dataSet id="{name}" label="{name}" dataReference="d_{name}"/>' for name in names)
    return f'<report id="report"><listOfDataSets>{sets}</listOfDataSets></report>'


def sedml(
    *, models: str = "", simulations: str = COURSE, tasks: str = TASK, data: str = "", outputs: str = "",
    version: int = 4,
) -> str:  # fmt: skip
    """Return a document: what is left out is the decay seen at 0, 0.5, ..., 2."""
    return (
        f'<sedML xmlns="http://sed-ml.org/sed-ml/level1/version{version}" level="1" version="{version}"'
        f' xmlns:sbml="{SBML}">'
        f"<listOfModels>{models or model()}</listOfModels>"
        f"<listOfSimulations>{simulations}</listOfSimulations>"
        f"<listOfTasks>{tasks}</listOfTasks>"
        f"<listOfDataGenerators>{data or generators('task', SEEN)}</listOfDataGenerators>"
        f"<listOfOutputs>{outputs or report(list(SEEN))}</listOfOutputs></sedML>"
    )


def archive(
    folder: Path, experiment: str, parts: Mapping[str, str | bytes] | None = None, manifest: str = MANIFEST
) -> Path:
    """Return an archive of an experiment; without parts its model is the decay."""
    path = folder / "made.omex"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.xml", manifest)
        file.writestr("experiment.sedml", experiment)
        for name, text in (parts if parts is not None else {"model.xml": DECAY}).items():
            file.writestr(name, text)
    return path
