from __future__ import annotations

import numpy as np

from calor.engine import compile_kernel
from calor.engine.batch import Batch
from calor.engine.labelled import labelled
from calor.engine.symbolic.builder import SystemBuilder


def test_results_carry_names_units_and_statuses() -> None:
    build = SystemBuilder("decay", "h")
    k = build.parameter("k", 1.0, "1/h")
    x = build.state("x", 5.0, "mg")
    build.rate("x", -k * x)
    system = build.build()
    rates = np.array([[0.5], [1.0]])
    for save_at in (np.array([0.0, 1.0, 2.0]), np.array([[0.0, 1.0, 2.0], [0.0, 2.0, 4.0]])):
        batch = Batch(save_at, ("x", "k"), ("k",), rates)
        dataset = labelled(compile_kernel(system, "reference").simulate(batch), batch, system)
        assert dataset["x"].dims == ("patient", "time")
        assert dataset["x"].attrs["units"] == "mg"
        times = dataset["time"] if save_at.ndim == 1 else dataset["save_at"]
        assert times.attrs["units"] == "h"
        exact = 5 * np.exp(-rates * np.broadcast_to(save_at, (2, 3)))
        np.testing.assert_allclose(dataset["x"], exact, rtol=1e-5)
        assert list(dataset["status"].values) == ["finished", "finished"]
