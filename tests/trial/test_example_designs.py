"""Every example of a design runs, small: people of the disease, followed, allocated, analysed, summarised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.reading import read_protocol
from calor.trial.runs.document import result_document
from calor.trial.runs.pipeline import run_trial

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "designs").glob("*.yaml"))
SMALL = RunSettings(
    worlds=2, candidates=24, most_candidates=48, enough_eligible=10, fewest_eligible=4, replicates=40
)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_runs(path: Path) -> None:
    protocol = read_protocol(path)
    run = run_trial(protocol, SMALL, scenario=Scenario())
    found = result_document(run, {})["operating_characteristics"]
    assert np.isfinite(found["estimator"][0]["bias"]["value"])
    assert 0.5 < found["estimator"][0]["coverage"]["value"] <= 1
    assert found["type_one_error"]["held_at_every_corner"]
    assert found["patients"]["value"] > 0
