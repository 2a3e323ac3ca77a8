"""Composed models under dosing: calor's engine and libRoadRunner give the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from calor.engine import compile_kernel
from calor.engine.batch import Batch
from calor.engine.importers.sbml import load_sbml
from calor.model.disease import Disease
from calor.regimen import parse_regimen
from calor.therapy import compose, load_drug
from calor.therapy.dosing import calendar_of
from calor.therapy.exposure import TIGHT
from tests.therapy.roadrunner_oracle import simulate

TIMES = [1.0, 2.5, 9.0, 30.0, 80.0]


@pytest.mark.parametrize(
    ("drug", "regimen", "output"),
    [
        ("infliximab", "5 mg/kg iv over 2 h at week 0, 2, 6", "slot_tissue_tnf"),
        ("ivig", "0.4 g/kg iv over 6 h daily for 5 days", "slot_antibody_effect"),
        ("scig", "0.4 g/kg sc weekly for 8 weeks", "igg_tissue"),
        ("plasma-exchange", "1 plasma volume exchange at day 1, 3, 5", "autoantibody_igm"),
        ("methylprednisolone", "40 mg im depot at day 1, 8", "cortisol"),
        ("mycophenolate", "1000 mg oral twice daily for 4 weeks", "mycophenolate_concentration"),
    ],
)
def test_engine_and_roadrunner_agree(disease: Disease, drug: str, regimen: str, output: str) -> None:
    chosen = load_drug(drug)
    composed = compose(disease, [chosen])
    calendar = calendar_of(parse_regimen(regimen), chosen, 70.0)
    outputs = (output, "pain_nrs", "igg_concentration")
    expected = simulate(composed.antimony, calendar, TIMES, outputs)
    kernel = compile_kernel(load_sbml(composed.sbml))
    result = kernel.simulate(Batch(np.array(TIMES), outputs, calendars=(calendar,)), TIGHT)
    assert result.outputs[0] == pytest.approx(expected, rel=1e-6, abs=1e-9)
