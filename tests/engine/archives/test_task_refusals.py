"""Tasks, targets and formulas that are broken or not supported: each is one error with a place."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.engine.archives.results import run_archive
from tests.engine.archives.made import (
    COURSE,
    DECAY,
    PARAMETERS,
    SEEN,
    TASK,
    K,
    M,
    S,
    archive,
    generators,
    math,
    model,
    report,
    sedml,
    variable,
)

R = math("<ci>r</ci>")
VECTOR = '<vectorRange id="r"><value>1</value><value>2</value></vectorRange>'
TIME_NOW = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
AGO = (
    '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/delay">d</csymbol>'
    "<ci>S</ci><cn>1</cn>"
)
SEED = '<parameter id="ruled" value="3" constant="false"/></listOfParameters>'


def ruled(formula: str) -> str:
    """Return the decay with a parameter `ruled` that a rule assigns."""
    rule = f'<listOfRules><assignmentRule variable="ruled">{math(formula)}</assignmentRule></listOfRules>'
    return DECAY.replace("</listOfParameters>", SEED).replace("<listOfReactions>", f"{rule}<listOfReactions>")


RULED = f"{PARAMETERS}/sbml:parameter[@id='ruled']"
WITH_DELAY = ruled(f"<apply>{AGO}</apply>")
LOCAL = DECAY.replace("<ci>k</ci><ci>S</ci>", "<ci>q</ci><ci>S</ci>").replace(
    "</kineticLaw>",
    '<listOfLocalParameters><localParameter id="q" value="0.5"/></listOfLocalParameters></kineticLaw>',
)
Q = "//sbml:localParameter[@id='q']"


def repeated(ranges: str = VECTOR, sets: str = "", *, over: str = "r", parts: str = "task") -> str:
    listed = "".join(f'<subTask order="0" task="{part}"/>' for part in parts.split())
    return (
        f'<repeatedTask id="many" range="{over}" resetModel="true"><listOfRanges>{ranges}</listOfRanges>'
        f"<listOfChanges>{sets}</listOfChanges><listOfSubTasks>{listed}</listOfSubTasks></repeatedTask>"
    )


def setting(target: str, formula: str = R, variables: str = "", attributes: str = 'range="r"') -> str:
    return (
        f'<setValue modelReference="model" target="{target}" {attributes}>'
        f"<listOfVariables>{variables}</listOfVariables>{formula}</setValue>"
    )


def many(task: str, seen: dict[str, str | None] | None = None) -> str:
    return sedml(tasks=TASK + task, data=generators("many", seen or SEEN), outputs=report(list(seen or SEEN)))


def functional(name: str, of: str, variables: str = "") -> str:
    formula = math(f"<ci>{of}</ci>")
    return (
        f'<functionalRange id="{name}" range="r"><listOfVariables>{variables}</listOfVariables>{formula}'
        "</functionalRange>"
    )


def seen(target: str) -> str:
    return sedml(data=generators("task", {"x": target}), outputs=report(["x"]))


def generator(inside: str) -> str:
    return sedml(data=f'<dataGenerator id="d_x">{inside}</dataGenerator>', outputs=report(["x"]))


def taking(*variables: str, formula: str = math("<ci>S</ci>"), parameters: str = "") -> str:
    return generator(f"<listOfVariables>{''.join(variables)}</listOfVariables>{parameters}{formula}")


OF_S = variable("S", S, task="task")
NO_TASK = variable("S", S, model="model")
BY_STEPS = COURSE.replace('numberOfSteps="4"', 'numberOfSteps="{}"')
STEP = '<oneStep id="course" step="0"><algorithm kisaoID="KISAO:0000019"/></oneStep>'
TOLERANCE = (
    "<algorithm kisaoID='KISAO:0000019'><listOfAlgorithmParameters>"
    "<algorithmParameter kisaoID='KISAO:0000209' value='0'/></listOfAlgorithmParameters></algorithm>"
)


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        (seen("/sbml:sbml/sbml:model"), "is no quantity of the model"),
        (many(repeated(over="other")), "goes over the range other"),
        (many(repeated(parts="")), "has no subtasks"),
        (many(repeated('<vectorRange id="r"/>')), "has 0 values"),
        (many(repeated('<uniformRange id="r" start="1" end="2" numberOfSteps="10000000"/>')), "steps"),
        (many(repeated('<uniformRange id="r" start="1" end="2" numberOfSteps="1" type="odd"/>')), "'odd'"),
        (
            many(repeated('<uniformRange id="r" start="-1" end="2" numberOfSteps="1" type="log"/>')),
            "goes by equal ratios from -1 to 2",
        ),
        (many(repeated(sets=setting(K, attributes='range="other"'))), "takes the range other"),
        (
            many(repeated(VECTOR + functional("f", "g") + functional("g", "f"))),
            "the ranges are defined by each other in a loop (f -> g -> f)",
        ),
        (
            many(repeated(VECTOR + '<vectorRange id="short"><value>1</value></vectorRange>')),
            "the range short has 1 values, fewer than r",
        ),
        (
            many(repeated(sets=setting(K, math("<apply><divide/><ci>r</ci><cn>0</cn></apply>")))),
            "is inf",
        ),
        (generator(f"<listOfVariables>{OF_S}</listOfVariables>"), "has no formula"),
        (taking(OF_S, OF_S), "names S twice"),
        (taking('<variable id="S" taskReference="task"/>'), "has neither a target nor a symbol"),
        (taking(NO_TASK), "takes S from no task"),
        (taking(OF_S, formula=math("<apply><plus/>" + "<ci>S</ci>" * 20_000 + "</apply>")), "is too long"),
        (taking(OF_S, formula=math("<apply><ci>f</ci><ci>S</ci></apply>")), "calls f, which is not defined"),
        (sedml(outputs=report([])), "has no data sets"),
        (sedml(outputs=report(["S", "S"])), "has two data sets S"),
        (sedml(simulations=BY_STEPS.format(0)), "has no steps between its times"),
        (sedml(simulations=BY_STEPS.format(10**9)), "up to 1,000,000"),
        (sedml(simulations=STEP), "has the step 0"),
        (sedml(simulations=COURSE.partition("<alg")[0] + "</uniformTimeCourse>"), "names no algorithm"),
        (
            sedml(simulations=COURSE.partition("<alg")[0] + TOLERANCE + "</uniformTimeCourse>"),
            "has the value 0",
        ),
        (sedml(models=model(f'<changeAttribute target="{K}/@value"/>')), "has no newValue"),
        (sedml(models=model(f'<addXML target="{PARAMETERS}"/>')), "holds no new XML"),
        (sedml(models=model('<removeXML target="/sbml:sbml"/>')), "cannot be taken out or replaced"),
        (
            sedml(
                models=model(
                    f'<computeChange target="{K}"><listOfVariables>'
                    f"{variable('now', None, model='model')}</listOfVariables>{math('<ci>now</ci>')}"
                    "</computeChange>"
                )
            ),
            "the variable now of a changed model is no value of a model",
        ),
        (
            sedml(
                models=model(
                    f'<computeChange target="{K}"><listOfVariables>'
                    f"{variable('now', K + '/@id', model='model')}</listOfVariables>"
                    f"{math('<ci>now</ci>')}</computeChange>"
                )
            ),
            "the model's text has no number for",
        ),
    ],
)
def test_what_is_broken_is_one_error(tmp_path: Path, experiment: str, message: str) -> None:
    refused(archive(tmp_path, experiment), InputError, message)


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        (seen(f"{K}/@value"), "has no course"),
        (many(repeated(sets=setting(f"{K}/@name"))), "cannot be set in a task"),
        (many(repeated('<dataRange id="r"/>')), "the range <dataRange>"),
        (many(repeated(sets=setting(K).replace("setValue", "addXML"))), "<addXML> in a repeated task"),
        (many(repeated(VECTOR + functional("f", "r"), over="f")), "the functional range f as the range"),
        (
            many(repeated(sets=setting(K, math("<ci>S</ci>"), OF_S))),
            "the variable S of a task's results is not supported within a task",
        ),
        (taking(OF_S, formula=math(TIME_NOW)), "time in a formula"),
        (
            taking(
                OF_S,
                formula=math(
                    '<apply><csymbol encoding="text" definitionURL="http://sed-ml.org/#median"/>'
                    "<ci>S</ci></apply>"
                ),
            ),
            "#median is not supported here",
        ),
        (sedml(models=model(f'<swapXML target="{K}"/>')), "the change <swapXML>"),
        (
            sedml(
                models=model(
                    f'<computeChange target="{PARAMETERS}"><listOfVariables>'
                    f"{variable('now', K, model='model')}</listOfVariables>{math('<ci>now</ci>')}"
                    "</computeChange>"
                )
            ),
            "a computed value of <listOfParameters>",
        ),
    ],
)
def test_what_is_not_supported_is_named(tmp_path: Path, experiment: str, message: str) -> None:
    refused(archive(tmp_path, experiment), UnsupportedError, message)


def refused(path: Path, kind: type[ReportedError], message: str) -> None:
    with pytest.raises(kind) as caught:
        run_archive(path)
    assert message in str(caught.value)
    assert "made.omex" in str(caught.value)


def test_what_a_rule_computes_is_not_set(tmp_path: Path) -> None:
    path = archive(tmp_path, many(repeated(sets=setting(RULED))), {"model.xml": ruled("<ci>S</ci>")})
    refused(path, InputError, "ruled follows from a rule of the model, so it cannot be set")


@pytest.mark.parametrize("infinite", [False, True])
def test_what_is_no_number_is_named_with_its_time(tmp_path: Path, infinite: bool) -> None:
    """1 / (S - 8) is infinite at the start, log(S - 9) no number there."""
    formula = (
        "<apply><divide/><cn>1</cn><apply><minus/><ci>S</ci><cn>8</cn></apply></apply>"
        if infinite
        else "<apply><ln/><apply><minus/><ci>S</ci><cn>9</cn></apply></apply>"
    )
    path = archive(tmp_path, seen(RULED), {"model.xml": ruled(formula)})
    refused(path, InputError, f"ruled is {'inf' if infinite else 'nan'} at time 0")


def test_a_model_with_delays_goes_on_in_no_pieces_and_gives_no_values(tmp_path: Path) -> None:
    pieces = many(repeated().replace('resetModel="true"', 'resetModel="false"'))
    refused(
        archive(tmp_path, pieces, {"model.xml": WITH_DELAY}), UnsupportedError, "has delays and is simulated"
    )
    computed = many(repeated(sets=setting(K, math("<ci>S</ci>"), variable("S", S, model="model"))))
    refused(
        archive(tmp_path, computed, {"model.xml": WITH_DELAY}),
        UnsupportedError,
        "a change computed from model, a model with delay()",
    )


@pytest.mark.parametrize(
    ("target", "start", "multiple"),
    [
        (f"{S}/@initialConcentration", 1.0, 2.0),
        (f"{S}/@initialAmount", 0.5, 2.0),  # in a compartment of 2
        (M, 8.0, 1.0),  # what is computed at the start is given instead
    ],
)
def test_what_is_given_by_an_attribute_or_at_the_start(
    tmp_path: Path, target: str, start: float, multiple: float
) -> None:
    (found,) = run_archive(archive(tmp_path, many(repeated(sets=setting(target))))).reports
    data = dict(zip(found.data_sets, found.values, strict=True))
    assert data["S"][0, 0, 0] == pytest.approx(start)
    np.testing.assert_allclose(data["m"][0], multiple)


def test_a_parameter_of_a_reaction_is_found_in_it(tmp_path: Path) -> None:
    experiment = many(repeated(sets=setting(Q)), {"S": S, "q": Q})
    (found,) = run_archive(archive(tmp_path, experiment, {"model.xml": LOCAL})).reports
    data = dict(zip(found.data_sets, found.values, strict=True))
    np.testing.assert_allclose(data["q"][:, 0, 0], [1.0, 2.0])
    np.testing.assert_allclose(data["S"][:, 0, -1], 8.0 * np.exp([-2.0, -4.0]), rtol=1e-7)


def test_an_encrypted_part_and_another_root_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, sedml())
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        where = file.start_dir
    content[where + 8] |= 1  # the flags of the first entry in the directory
    path.write_bytes(content)
    refused(path, UnsupportedError, "is encrypted")
    refused(archive(tmp_path, sedml(), manifest="<other/>"), InputError, "begins with <other>")
    with pytest.raises(InputError, match="no such file"):
        run_archive(tmp_path / "absent.omex")
    with pytest.raises(InputError, match="cannot be read"):
        run_archive(tmp_path)
