"""The example protocols of the ten claims, and the other examples, run from start to end at a small size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.published import published_protocols
from calor.trial.protocols.reading import read_protocol
from calor.trial.runs.document import result_document
from calor.trial.runs.pipeline import run_trial

EXAMPLES = Path(__file__).parents[3] / "examples"
CLAIMS = [f"S{number}" for number in range(1, 11)]
SMALL = RunSettings(
    worlds=2,
    candidates=60,
    most_candidates=120,
    enough_eligible=12,
    fewest_eligible=4,
    replicates=100,
    executor=Threads(2),
)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_s_example_runs_and_answers(claim: str) -> None:
    protocol = read_protocol(EXAMPLES / "claims" / f"{claim}.yaml")
    assert protocol.title.startswith(f"Claim {claim}")
    document = result_document(run_trial(protocol, SMALL), {})
    assert document["status"] == "prior-predictive"
    assert document["operating_characteristics"]["power"]["value"] is None
    assert len(document["contrasts"]) == len(protocol.arms) - 1
    for contrast in document["contrasts"]:
        low, high = contrast["range_over_rivals"]
        assert low <= contrast["predicted_mean"] <= high
        assert np.isfinite(contrast["effect_interval95"]).all()
    assert document["operating_characteristics"]["type_one_error"]["value"] < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("identifier", published_protocols())
def test_a_published_trial_runs(identifier: str) -> None:
    document = result_document(run_trial(published_protocols()[identifier], SMALL), {})
    published = document["contrast"]["published"]
    assert published["direction"]
    if published["value"] is not None:
        assert document["contrast"]["unit"].startswith("NRS")


def test_there_is_one_example_for_every_claim() -> None:
    assert sorted(path.stem for path in (EXAMPLES / "claims").glob("*.yaml")) == sorted(CLAIMS)
