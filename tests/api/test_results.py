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


def test_a_study_with_a_design_is_checked_as_a_trial(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "protocols" / "early-ivig.yaml"
    text = example.read_text(encoding="utf-8").replace(
        "{type: parallel}", "{type: group-sequential, looks: [0.00001, 1]}"
    )
    protocol = tmp_path / "trial.yaml"
    protocol.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="line 10: design: information"):
        calor.Study.from_file(protocol)


def test_words_find_the_records_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["evidence", "early", "steroid", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)["records"]
    assert calor.evidence("early", "steroid").to_document()["records"] == records


def test_a_trial_gives_the_document_of_the_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name, out = "goebel-2017-lips", str(tmp_path / "run")
    sizes = ("--worlds", "2", "--replicates", "100", "--assume-effect", "-1", "--posterior", "prior")
    assert exit_code_of(["trial", name, *sizes, "--out", out, "--json"]) == 0
    command = json.loads(capsys.readouterr().out)
    trial = calor.Trial.published(name)
    document = trial.run(worlds=2, replicates=100, assume_effect=-1, posterior="prior").to_document()
    for one in (command, document):
        for key in ("started", "seconds", "run_folder"):
            del one["provenance"][key]
    assert document == command


@pytest.mark.parametrize("sizes", [{"worlds": 1}, {"replicates": 2.5}, {"seed": -1}, {"workers": 0}])
def test_sizes_out_of_bounds_are_refused_by_their_name(sizes: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(sizes))):
        calor.Trial.published("goebel-2017-lips").run(**sizes)  # type: ignore[arg-type]
