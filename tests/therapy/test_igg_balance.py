"""No IgG comes from nowhere and none is lost: what is given leaves by catabolism, gram by gram."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import simpson

from calor.engine.batch import Batch, Options
from calor.model.disease import load_disease
from calor.population.course import prepare_treatment
from calor.population.giving import calendars_of
from calor.population.patients import Patients
from calor.regimen import parse_regimen
from calor.therapy.library import load_drug

OPTIONS = Options(rtol=1e-9, atol=1e-11)
OUTPUTS = (
    "igg_plasma", "igg_tissue", "igg_catabolism", "igg_baseline_catabolism", "igg_plasma_volume",
    "igg_exchange", "autoantibody_igg_plasma", "autoantibody_igg_tissue", "plasma_cells",
)  # fmt: skip
WEIGHT = 70.0
PERSON = Patients(
    np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), {"body_weight": np.array([WEIGHT])}
)


def course(text: str | None, times: np.ndarray, **held: float) -> dict[str, np.ndarray]:
    given = [(load_drug("ivig"), parse_regimen(text))] if text else []
    treatment = prepare_treatment(load_disease(), given)
    names = ("body_weight", *held)
    batch = Batch(
        save_at=times,
        outputs=OUTPUTS,
        parameter_names=names,
        parameters=np.array([[WEIGHT, *held.values()]]),
        calendars=calendars_of(treatment.given, PERSON),
    )
    found = treatment.kernel.simulate(batch, OPTIONS).outputs[0]
    return dict(zip(OUTPUTS, found.T, strict=True))


def lost(v: dict[str, np.ndarray], times: np.ndarray, name: str = "igg_plasma") -> float:
    return float(simpson(v["igg_catabolism"] * v[name], x=times))


@pytest.mark.parametrize(
    ("text", "grams"),
    [("0.5 g/kg iv over 6 h at day 1", 35.0), ("0.4 g/kg iv over 6 h daily for 5 days", 140.0)],
)
def test_what_is_given_is_in_the_body_or_has_been_lost(text: str, grams: float) -> None:
    """d(plasma + tissue)/dt = synthesis - catabolism x plasma + infusion, added up over 20 days."""
    times = np.linspace(0, 20, 8001)
    igg = load_disease().parameters["igg_baseline"].value
    v = course(text, times)
    made = float(v["igg_baseline_catabolism"][0] * igg * v["igg_plasma_volume"][0] * 20)
    kept = (v["igg_plasma"] + v["igg_tissue"])[-1] - (v["igg_plasma"] + v["igg_tissue"])[0]
    assert kept == pytest.approx(grams + made - lost(v, times), abs=1e-3 * grams)
    assert kept > 0.1 * grams


def test_in_the_long_run_everything_that_was_given_has_been_lost_and_the_old_level_holds() -> None:
    times = np.concatenate([np.linspace(0, 20, 8001), np.linspace(20, 700, 13601)[1:]])
    igg = load_disease().parameters["igg_baseline"].value
    v = course("0.5 g/kg iv over 6 h at day 1", times)
    made = float(v["igg_baseline_catabolism"][0] * igg * v["igg_plasma_volume"][0] * 700)
    assert lost(v, times) - made == pytest.approx(35.0, rel=2e-3)
    assert v["igg_plasma"][-1] == pytest.approx(v["igg_plasma"][0], rel=1e-4)
    assert v["igg_tissue"][-1] == pytest.approx(v["igg_tissue"][0], rel=1e-4)


def test_without_treatment_igg_stays_where_it_was() -> None:
    v = course(None, np.array([0.0, 10.0, 1000.0]))
    for name in ("igg_plasma", "igg_tissue"):
        assert v[name] == pytest.approx(v[name][0], rel=1e-6)
    assert v["igg_catabolism"] == pytest.approx(v["igg_baseline_catabolism"])


def test_at_first_all_of_a_quick_dose_is_in_plasma() -> None:
    """Within minutes hardly any is exchanged or lost: the rise is dose over plasma volume, to 1 in 100."""
    v = course("0.5 g/kg iv at day 1", np.array([0.0, 0.001]))
    assert v["igg_plasma"][1] / v["igg_plasma_volume"][1] == pytest.approx(
        load_disease().parameters["igg_baseline"].value + 35.0 / v["igg_plasma_volume"][1], rel=0.01
    )


def test_autoantibody_is_balanced_by_the_same_loss() -> None:
    """Titre units x litres: made by plasma cells, lost with all IgG; IVIG hastens the loss and makes none."""
    times = np.linspace(0, 60, 24001)
    held = {"antibody_positive": 1.0}
    for text in (None, "1 g/kg iv over 6 h at day 1, 2"):
        v = course(text, times, **held)
        made = simpson(v["igg_baseline_catabolism"] * v["plasma_cells"] * v["igg_plasma_volume"], x=times)
        total = v["autoantibody_igg_plasma"] + v["autoantibody_igg_tissue"]
        assert made > 0
        assert total[-1] - total[0] == pytest.approx(
            made - lost(v, times, "autoantibody_igg_plasma"), rel=1e-5, abs=1e-7
        )
