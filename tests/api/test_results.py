"""Results in Python: the same numbers as the command's `--json`, as frames, figures and escaped HTML."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import calor
from calor.cli.main import exit_code_of
from calor.core.errors import InputError


def test_a_model_decays_as_its_equation_says() -> None:
    system = calor.load_antimony("x' = -k*x; x = 8; k = 1")
    course = system.simulate(2, steps=4, values={"k": math.log(2)})  # halves every unit of time
    assert course.to_pandas()["x"].tolist() == pytest.approx([8, 8 / 2**0.5, 4, 8 / 2**1.5, 2], rel=1e-7)
    assert course.to_xarray()["x"].sel(time=1.0).item() == pytest.approx(4, rel=1e-7)
    assert len(course.plot().axes) == 1


@pytest.mark.parametrize(("settings", "said"), [({"end": -1}, "after the start"), ({"steps": 0}, "steps")])
def test_times_that_are_none_are_refused(settings: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        calor.load_antimony("x' = -x; x = 8").simulate(**settings)  # type: ignore[arg-type]


def test_effects_are_pooled_and_shown_escaped(tmp_path: Path) -> None:
    table = tmp_path / "effects.csv"
    table.write_text("study,yi,vi\n<b>one</b>,1,1\ntwo,4,0.5\n")
    pooled = calor.meta(table, method="fe")
    assert pooled.estimate == pytest.approx(3)  # weights 1 and 2: (1 + 2 x 4) / 3
    assert pooled.ci95[1] - 3 == pytest.approx(1.959964 / math.sqrt(3), rel=1e-6)
    assert pooled.to_pandas()["yi"].tolist() == [1, 4]
    html = pooled._repr_html_()
    assert "&lt;b&gt;one" in html
    assert "<b>" not in html


def test_evidence_is_what_the_command_lists() -> None:
    found = calor.evidence(design="rct")
    document = found.to_document()
    assert document["count"] == len(found.to_pandas()) > 0
    assert set(found.to_pandas()["design"]) == {"rct"}
    with pytest.raises(InputError, match="--design"):
        calor.evidence(design="none such")


def test_exposure_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("prednisolone", "40 mg oral daily for 3 days")
    exposure = calor.pk(*asked, at="day 2", posterior="prior")
    assert exit_code_of(["pk", *asked, "--at", "day 2", "--posterior", "prior", "--json"]) == 0
    assert exposure.to_document() == json.loads(capsys.readouterr().out)
    assert list(exposure.to_pandas()) == ["time_days", "typical"]
    assert len(exposure.plot().axes) == 1


def test_a_trial_without_a_design_is_refused() -> None:
    from calor.study.library import study_ids, trial_ids

    cohort = next(one for one in study_ids() if one not in trial_ids())
    with pytest.raises(InputError, match="no design"):
        calor.Trial(calor.Study.published(cohort))


def test_a_posterior_has_its_draws_as_arrays() -> None:
    posterior = calor.Posterior.shipped("validation")
    assert sum(posterior.weights.values()) == pytest.approx(1)
    assert len(posterior.to_pandas()) == sum(posterior.to_document()["draws"].values())
    assert posterior.to_xarray().sizes["parameter"] == len(posterior.to_document()["parameters"])
