"""The importer and the reference backend beside libRoadRunner 2.10, on the project's own models."""

from __future__ import annotations

import warnings
from pathlib import Path

import antimony
import numpy as np
import pytest

from calor.engine import compile_kernel
from calor.engine.batch import Batch, Options
from calor.engine.importers.files import load_model_file

MODELS = Path(__file__).parents[1] / "engine" / "models"
TIMES = np.linspace(0.0, 8.0, 98)  # none of them an instant of an event
LEFT_OUT = {
    "short_pulse.ant",  # it steps over the pulse
    "arithmetic.ant",  # no states: it refuses to integrate
    "time_and_avogadro.ant",
}
COMPARED = sorted(path for path in MODELS.iterdir() if path.name not in LEFT_OUT)


def roadrunner_of(path: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import roadrunner
    text = path.read_text()
    if path.suffix == ".ant":
        antimony.clearPreviousLoads()
        assert antimony.loadAntimonyString(text) >= 0
        text = antimony.getSBMLString(antimony.getMainModuleName())
    model = roadrunner.RoadRunner(text)
    model.integrator.relative_tolerance = 1e-10
    model.integrator.absolute_tolerance = 1e-13
    model.integrator.maximum_time_step = 0.02  # or it steps over switches and events
    return model


@pytest.mark.parametrize("path", COMPARED, ids=lambda path: path.name)
def test_both_say_the_same(path: Path) -> None:
    system = load_model_file(path)
    names = tuple(item.name for item in system.species if item.name in system.output_names)
    amounts = {item.amount for item in system.species}
    names += tuple(name for name in system.state_names if name not in amounts)
    model = roadrunner_of(path)
    kinds = {item.name: f"[{item.name}]" for item in system.species if item.concentration == item.name}
    expected = model.simulate(times=TIMES, selections=[kinds.get(name, name) for name in names])
    batch = Batch(save_at=TIMES, outputs=names)
    result = compile_kernel(system, "reference").simulate(batch, Options(rtol=1e-10, atol=1e-13))
    np.testing.assert_allclose(result.outputs[0], np.asarray(expected), rtol=1e-6, atol=1e-7)
