"""Changes of models, tasks and generators of data: each against the closed form of a decay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.engine.archives.results import ReportData, run_archive
from tests.engine.archives.made import (
    COURSE,
    MADE,
    PARAMETERS,
    SBML,
    SEEN,
    TASK,
    J,
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

TIMES = np.arange(5) * 0.5
ONE_STEP = '<oneStep id="step" step="0.5"><algorithm kisaoID="KISAO:0000088"/></oneStep>'
REST = '<steadyState id="rest"><algorithm kisaoID="KISAO:0000407"/></steadyState>'


def only_report(folder: Path, experiment: str) -> dict[str, np.ndarray]:
    (found,) = run_archive(archive(folder, experiment)).reports
    return data_of(found)


def data_of(found: ReportData) -> dict[str, np.ndarray]:
    return dict(zip(found.data_sets, found.values, strict=True))


def test_a_course_as_it_stands(tmp_path: Path) -> None:
    found = only_report(tmp_path, sedml())
    np.testing.assert_array_equal(found["time"], TIMES)
    np.testing.assert_allclose(found["S"], 8 * np.exp(-0.5 * TIMES), rtol=1e-8)
    np.testing.assert_array_equal(found["m"], np.full(5, 2.0))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_earlier_versions_count_steps_as_points(tmp_path: Path, version: int) -> None:
    found = only_report(
        tmp_path, sedml(simulations=COURSE.replace("numberOfSteps", "numberOfPoints"), version=version)
    )
    np.testing.assert_array_equal(found["time"], TIMES)


def test_output_may_start_after_the_model_does(tmp_path: Path) -> None:
    late = COURSE.replace('initialTime="0" outputStartTime="0"', 'initialTime="-1" outputStartTime="1"')
    found = only_report(tmp_path, sedml(simulations=late))
    np.testing.assert_array_equal(found["time"], 1 + TIMES / 2)
    np.testing.assert_allclose(found["S"], 8 * np.exp(-0.5 * (found["time"] + 1)), rtol=1e-8)


COMPUTED = '<listOfParameters><parameter id="times" value="3"/></listOfParameters>' + math(
    "<apply><times/><ci>times</ci><ci>now</ci></apply>"
)
NEW_K = f'<parameter xmlns="{SBML}" id="k" value="1.5" constant="true"/>'
NEW_PARAMETER = f'<parameter xmlns="{SBML}" id="other" value="1" constant="true"/>'


@pytest.mark.parametrize(
    ("changes", "rate", "multiple", "start"),
    [
        (f'<changeAttribute target="{K}/@value" newValue="1.5"/>', 1.5, 6.0, 8.0),
        (f'<changeXML target="{K}"><newXML>{NEW_K}</newXML></changeXML>', 1.5, 6.0, 8.0),
        (
            f'<computeChange target="{K}"><listOfVariables>{variable("now", K, model="model")}'
            f"</listOfVariables>{COMPUTED}</computeChange>",
            1.5, 6.0, 8.0,
        ),
        (
            f'<computeChange target="{M}"><listOfVariables>{variable("now", K + "/@value", model="model")}'
            f"</listOfVariables>{COMPUTED}</computeChange>",
            0.5, 1.5, 8.0,
        ),
        (
            "<removeXML target=\"//sbml:initialAssignment[@symbol='m']\"/>"
            f'<changeAttribute target="{S}/@initialConcentration" newValue="4"/>',
            0.5, 7.0, 4.0,
        ),
        (
            f'<addXML target="{PARAMETERS}"><newXML>{NEW_PARAMETER}</newXML></addXML>'
            f'<changeAttribute target="//sbml:parameter[@id=\'other\']/@value" newValue="9"/>',
            0.5, 2.0, 8.0,
        ),
    ],
)  # fmt: skip
def test_models_are_changed_before_they_run(
    tmp_path: Path, changes: str, rate: float, multiple: float, start: float
) -> None:
    found = only_report(tmp_path, sedml(models=model(changes)))
    np.testing.assert_allclose(found["S"], start * np.exp(-rate * TIMES), rtol=1e-8)
    np.testing.assert_allclose(found["m"], np.full(5, multiple))


def test_a_model_comes_from_another_with_its_changes(tmp_path: Path) -> None:
    models = model(f'<changeAttribute target="{K}/@value" newValue="1.5"/>', name="base")
    models += model(f'<changeAttribute target="{S}/@initialConcentration" newValue="4"/>', source="#base")
    found = only_report(tmp_path, sedml(models=models))
    np.testing.assert_allclose(found["S"], 4 * np.exp(-1.5 * TIMES), rtol=1e-8)


def repeated(
    ranges: str, sets: str = "", *, reset: str = "true", parts: str = "task", over: str = "r"
) -> str:
    subtasks = "".join(f'<subTask order="{i}" task="{name}"/>' for i, name in enumerate(parts.split()))
    return (
        f'<repeatedTask id="many" range="r" resetModel="{reset}"><listOfRanges>{ranges}</listOfRanges>'
        f"<listOfChanges>{sets}</listOfChanges><listOfSubTasks>{subtasks}</listOfSubTasks></repeatedTask>"
    )


def set_value(target: str, over: str = "r") -> str:
    given = math(f"<ci>{over}</ci>")
    return f'<setValue modelReference="model" target="{target}" range="{over}">{given}</setValue>'


VECTOR = '<vectorRange id="r"><value>0.5</value><value>1</value><value>2</value></vectorRange>'
UNIFORM = '<uniformRange id="r" start="0.5" end="2" numberOfSteps="3" type="linear"/>'
LOGARITHMIC = '<uniformRange id="r" start="0.5" end="2" numberOfSteps="2" type="log"/>'


def run_repeated(
    folder: Path, task: str, simulations: str = COURSE, tasks: str = TASK
) -> dict[str, np.ndarray]:
    return only_report(
        folder, sedml(tasks=tasks + task, simulations=simulations, data=generators("many", SEEN))
    )


@pytest.mark.parametrize(
    ("values", "rates"),
    [(VECTOR, [0.5, 1, 2]), (UNIFORM, [0.5, 1, 1.5, 2]), (LOGARITHMIC, [0.5, 1, 2])],
)
def test_a_task_is_repeated_over_a_range(tmp_path: Path, values: str, rates: list[float]) -> None:
    found = run_repeated(tmp_path, repeated(values, set_value(K)))
    assert found["S"].shape == (len(rates), 1, 5)
    np.testing.assert_allclose(found["S"][:, 0], 8 * np.exp(-np.outer(rates, TIMES)), rtol=1e-7)
    # libRoadRunner 2.8: a value set after a reset leaves what was computed at the start as it is
    np.testing.assert_array_equal(found["m"], np.full((len(rates), 1, 5), 2.0))


def test_a_functional_range_follows_another(tmp_path: Path) -> None:
    functional = (
        '<functionalRange id="f" range="r">'
        f"<listOfVariables>{variable('k0', K + '/@value', model='model')}</listOfVariables>"
        f"{math('<apply><times/><ci>r</ci><ci>k0</ci></apply>')}</functionalRange>"
    )
    found = run_repeated(tmp_path, repeated(VECTOR + functional, set_value(K, "f")))
    np.testing.assert_allclose(found["S"][:, 0], 8 * np.exp(-np.outer([0.25, 0.5, 1], TIMES)), rtol=1e-7)


def test_a_model_that_is_not_reset_goes_on(tmp_path: Path) -> None:
    found = run_repeated(tmp_path, repeated(VECTOR, reset="false"))
    np.testing.assert_allclose(
        found["S"].reshape(3, 5), 8 * np.exp(-0.5 * (TIMES + 2 * np.arange(3)[:, None])), rtol=1e-7
    )


def test_a_concentration_is_set_in_the_course(tmp_path: Path) -> None:
    found = run_repeated(tmp_path, repeated(VECTOR, set_value(S), reset="false"))
    np.testing.assert_allclose(found["S"][:, 0, 0], [0.5, 1, 2])


def test_single_steps_go_on_within_an_iteration(tmp_path: Path) -> None:
    steps = '<task id="t1" modelReference="model" simulationReference="step"/>'
    found = run_repeated(
        tmp_path,
        repeated(VECTOR, set_value(K), parts="t1 t1"),
        simulations=COURSE + ONE_STEP,
        tasks=TASK + steps,
    )
    assert found["S"].shape == (3, 2, 1)
    np.testing.assert_allclose(found["S"][..., 0], 8 * np.exp(-np.outer([0.5, 1, 2], [0.5, 1])), rtol=1e-7)


def test_tasks_repeat_within_tasks(tmp_path: Path) -> None:
    inner = repeated(VECTOR, set_value(K)).replace('id="many"', 'id="inner"').replace('"true"', '"false"')
    outer = repeated(
        '<vectorRange id="r"><value>1</value><value>3</value></vectorRange>', set_value(S), parts="inner"
    )
    found = run_repeated(tmp_path, inner + outer)
    assert found["S"].shape == (2, 1, 3, 1, 5)
    np.testing.assert_allclose(
        found["S"][1, 0, 2, 0, 0], 3 * np.exp(-(0.5 + 1) * 2), rtol=1e-7
    )  # the third course begins where two of length 2 ended


def test_a_model_comes_to_rest(tmp_path: Path) -> None:
    rest = '<task id="task" modelReference="model" simulationReference="rest"/>'
    changed = model(f'<changeAttribute target="{MADE}/@value" newValue="3"/>')
    data, outputs = generators("task", {"S": S, "J": J}), report(["S", "J"])
    found = only_report(
        tmp_path, sedml(models=changed, simulations=REST, tasks=rest, data=data, outputs=outputs)
    )
    np.testing.assert_allclose(found["S"], [3 / 0.5], rtol=1e-8)
    np.testing.assert_allclose(found["J"], [0], atol=1e-7)


def test_generators_compute_over_whole_courses(tmp_path: Path) -> None:
    share = '<apply><csymbol encoding="text" definitionURL="http://sed-ml.org/#max">max</csymbol><ci>S</ci></apply>'
    formula = math(f"<apply><divide/><ci>S</ci><apply><plus/>{share}<ci>one</ci></apply></apply>")
    data = (
        f'<dataGenerator id="d_x"><listOfVariables>{variable("S", S, task="task")}</listOfVariables>'
        f'<listOfParameters><parameter id="one" value="2"/></listOfParameters>{formula}</dataGenerator>'
    )
    found = only_report(tmp_path, sedml(data=data, outputs=report(["x"])))
    np.testing.assert_allclose(found["x"], 8 * np.exp(-0.5 * TIMES) / (8 + 2), rtol=1e-8)


def test_a_species_is_seen_as_an_amount(tmp_path: Path) -> None:
    data = generators("task", {"S": S}).replace(f'target="{S}"', f'target="{S}" symbol="KISAO:0000836"')
    found = only_report(tmp_path, sedml(data=data, outputs=report(["S"])))
    np.testing.assert_allclose(found["S"], 2 * 8 * np.exp(-0.5 * TIMES), rtol=1e-8)


def test_courses_of_other_lengths_are_filled_up(tmp_path: Path) -> None:
    short = COURSE.replace('"course"', '"short"').replace('numberOfSteps="4"', 'numberOfSteps="1"')
    tasks = TASK + TASK.replace('"task"', '"t2"').replace('"course"', '"short"')
    data = generators("task", {"S": S}) + generators("t2", {"time": None})
    experiment = sedml(simulations=COURSE + short, tasks=tasks, data=data, outputs=report(["S", "time"]))
    found = only_report(tmp_path, experiment)
    np.testing.assert_array_equal(found["time"], [0, 2, np.nan, np.nan, np.nan])


def test_plots_have_their_curves(tmp_path: Path) -> None:
    curve = '<curve id="c" name="a decay" xDataReference="d_time" yDataReference="d_S" logY="true"/>'
    plot = (
        f'<plot2D id="figure" name="Decay"><listOfCurves>{curve}</listOfCurves></plot2D><plot3D id="solid"/>'
    )
    result = run_archive(archive(tmp_path, sedml(outputs=plot)))
    (drawn,) = result.plots
    assert (drawn.plot.title, drawn.plot.logarithmic_x, drawn.plot.logarithmic_y) == ("Decay", False, True)
    np.testing.assert_array_equal(drawn.curves[0].x, TIMES[None])
    assert any("solid: <plot3D> is not drawn" in note for note in result.notes)
