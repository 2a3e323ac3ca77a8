"""Results from Python: the documents of the commands, tables and arrays with units, what a notebook shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calor
from calor.cli.main import exit_code_of

DISCLAIMER = "For research and education, not for treating a person."
INFLIXIMAB = "5 mg/kg iv over 2 h at week 0, 2, 6"
EFFECTS = {"study": ["a", "b", "c"], "yi": [-0.5, -0.2, -0.3], "vi": [0.1, 0.2, 0.1]}
DECAY = "model decay; S1 = 1; k = 2; S1' = -k*S1; end"
TINY = {"worlds": 2, "replicates": 100}

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return what runs a command in an empty folder and returns its document."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Any:
        assert exit_code_of([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def without_occasion(document: dict[str, Any]) -> dict[str, Any]:
    occasion = {"started", "seconds", "run_folder", "workers"}
    kept = {key: value for key, value in document["provenance"].items() if key not in occasion}
    return {**document, "provenance": kept}


def assert_same(mine: Any, commands: Any) -> None:
    assert json.loads(json.dumps(mine)) == commands


def test_the_documents_are_those_of_the_commands(command: Command) -> None:
    assert_same(calor.load_model().to_document(), command("model"))
    assert_same(
        calor.pk("infliximab", INFLIXIMAB, at="week 14", population=5).to_document(),
        command("pk", "infliximab", INFLIXIMAB, "--at", "week 14", "--population", "5"),
    )
    assert_same(calor.evidence(phase="acute").to_document(), command("evidence", "--phase", "acute"))
    assert_same(calor.evidence("early", "steroid").to_document(), command("evidence", "early", "steroid"))
    assert_same(calor.evidence("goebel-2010").to_document(), command("evidence", "goebel-2010"))
    assert_same(calor.evidence("A03").to_document(), command("evidence", "A03"))
    assert_same(calor.drug("prednisolone").to_document(), command("drug", "prednisolone"))


def test_the_document_of_a_file_of_effects_is_that_of_the_command(command: Command) -> None:
    pd.DataFrame(EFFECTS).to_csv("effects.csv", index=False)
    asked = ("meta", "effects.csv", "--knapp-hartung", "--leave-one-out")
    found = calor.meta("effects.csv", knapp_hartung=True, leave_one_out=True)
    assert_same(found.to_document(), command(*asked))


def test_the_document_of_a_system_is_that_of_the_command(command: Command) -> None:
    Path("decay.ant").write_text(DECAY)
    document = calor.load_antimony("decay.ant").simulate(2, steps=4, set={"k": 1}).to_document()
    assert_same(document, command("simulate", "decay.ant", "--end", "2", "--steps", "4", "--set", "k=1"))


def test_the_document_of_patients_is_that_of_the_command(command: Command) -> None:
    found = calor.patients(days=2, rival="central-igg", posterior="prior", set={"glial_gain": 1.5})
    asked = ("--days", "2", "--rival", "central-igg", "--posterior", "prior", "--set", "glial_gain=1.5")
    assert_same(found.to_document(), command("patient", *asked))


def test_the_document_of_a_trial_is_that_of_the_command(command: Command) -> None:
    result = calor.Trial.published("goebel-2017-lips").run(**TINY, seed=7)
    size = ("--worlds", "2", "--replicates", "100", "--seed", "7")
    document = command("trial", "goebel-2017-lips", *size, "--out", "run")
    assert_same(without_occasion(result.to_document()), without_occasion(document))
    # The number of threads changes no number.
    one = calor.Trial.published("goebel-2017-lips").run(**TINY, seed=7, workers=1)
    assert without_occasion(one.to_document()) == without_occasion(result.to_document())
    saved = {path.name for path in result.save("mine").iterdir()}
    assert saved == {path.name for path in Path("run").iterdir()}


def test_the_document_of_the_next_study_is_that_of_the_command(command: Command) -> None:
    sizes = {"worlds": 10, "people": 8}
    result = calor.next_study("which-antibody", **sizes, budget=2e6, set={"trial_per_patient": 5000})
    asked = ("which-antibody", "--worlds", "10", "--people", "8", "--budget", "2000000")
    document = command("next", *asked, "--set", "trial_per_patient=5000")
    assert_same(without_occasion(result.to_document()), without_occasion(document))
    assert list(result.to_pandas()["study"]) == [row["name"] for row in document["ranking"]]
    assert result.answer == document["answer"]
    assert 50 < len(result.worlds) <= 60  # ten under each of six rivals, less those that cannot answer


@pytest.mark.parametrize(
    ("given", "option"),
    [({"worlds": 9}, "--worlds"), ({"people": 9}, "--people"), ({"budget": 0}, "--budget"),
     ({"known_before": 1899}, "--known-before"), ({"candidates": "a.yaml", "grid": True}, "--candidates")],
)  # fmt: skip
def test_settings_of_the_next_study_out_of_bounds_are_named(given: dict[str, Any], option: str) -> None:
    with pytest.raises(calor.InputError, match=option):
        calor.next_study("which-antibody", **given)


def test_a_posterior_that_knows_more_is_refused() -> None:
    with pytest.raises(calor.UnsupportedError, match="2012"):
        calor.next_study("which-antibody", known_before=2012, posterior=calor.Posterior.shipped("product"))


@pytest.fixture(scope="module")
def trial_result() -> calor.TrialResult:
    return calor.Trial.published("goebel-2010").run(**TINY, posterior=calor.Posterior.shipped("validation"))


def test_a_trial_as_tables_and_arrays(trial_result: calor.TrialResult) -> None:
    replicates, dataset = trial_result.to_pandas(), trial_result.to_xarray()
    assert len(replicates) == 100
    assert set(replicates["status"]) == {"posterior-predictive"}
    # Two worlds under each of six rivals, as far as they could run the trial.
    assert dataset.sizes["cell"] == trial_result.to_document()["population"]["cells"] <= 12
    assert dataset["effect"].attrs["units"].startswith("NRS")
    np.testing.assert_array_equal(dataset["effect"], trial_result.effects["effect"])
    assert set(trial_result.tables) == {"adsl", "adeff", "adppk"}


def test_the_size_of_a_trial() -> None:
    size = calor.Trial.published("goebel-2017-lips").find_size(power=0.8, **TINY, assume_effect=-1.5)
    tried = size.to_pandas()
    assert size.patients in set(tried["patients"])
    assert tried.set_index("patients")["power"][size.patients] >= 0.8
    assert tried.loc[tried["patients"] < size.patients, "power"].max() < 0.8


def test_no_size_is_found_from_priors_that_were_set_by_hand() -> None:
    with pytest.raises(calor.UnsupportedError, match="no power is quoted from priors"):
        calor.Trial.published("goebel-2017-lips").find_size(**TINY, posterior="prior")


def test_a_system_decays_as_it_must() -> None:
    found = calor.load_antimony(DECAY).simulate(1, steps=2, set={"k": 1.0})
    # S1' = -k S1 with k = 1: exp(-t).
    np.testing.assert_allclose(found.to_pandas()["S1"], np.exp([0.0, -0.5, -1.0]), rtol=1e-7)
    np.testing.assert_array_equal(found.to_xarray()["S1"], found.to_pandas()["S1"])


def test_the_disease_is_simulated_and_exported(tmp_path: Path) -> None:
    model = calor.load_model()
    assert list(model.parameters[["unit", "status", "grade", "source"]].isna().sum()) == [0, 0, 0, 0]
    assert set(model.states.columns) == {"name", "module", "unit", "kind"}
    written = tmp_path / "model.xml"
    again = calor.load_sbml(model.export(written, drugs="infliximab"))
    assert again.states == calor.load_sbml(written).states == model.system("infliximab").states
    assert set(model.states.index) < set(again.states)


def test_units_stand_with_exposure_and_patients() -> None:
    exposure = calor.pk("infliximab", INFLIXIMAB).to_xarray()
    assert exposure["typical"].attrs["units"] == "mg/L"
    found = calor.patients(
        days=2, rival="central-igg", drug="prednisolone", regimen="40 mg oral daily for 2 days"
    )
    dataset, table = found.to_xarray(), found.to_pandas()
    assert list(dataset["course"].values) == ["untreated", "treated"]
    assert dataset["pain_nrs"].attrs["units"] == table.attrs["units"]["pain_nrs"] == "NRS point"
    treated = table.query("course == 'treated' and member == 0").set_index("time_days")["pain_nrs"]
    np.testing.assert_array_equal(dataset["pain_nrs"].sel(course="treated", member=0), treated)


def test_effects_from_a_frame_columns_and_a_file_are_one(tmp_path: Path) -> None:
    frame = pd.DataFrame(EFFECTS)
    frame.to_csv(tmp_path / "effects.csv", index=False)
    estimates = {calor.meta(effects).estimate for effects in (frame, EFFECTS, tmp_path / "effects.csv")}
    assert len(estimates) == 1
    # A common effect is the mean by inverse variances 10, 5, 10: (-5 - 1 - 3) / 25.
    assert calor.meta(frame, method="fe").estimate == pytest.approx(-9 / 25)


def test_a_study_has_its_published_numbers_with_their_sources() -> None:
    targets = calor.study("kalita-2006").to_pandas()
    assert len(targets) > 0
    assert set(targets["grade"]) <= {"verified", "secondary"}
    assert all(source.startswith("kalita-2006: ") for source in targets["source"])
    assert calor.Trial(calor.study("kalita-2006")).id == "kalita-2006"


def test_a_study_of_ones_own_is_read_and_run_as_a_trial_where_it_has_a_design() -> None:
    examples = Path(__file__).parents[2] / "examples"
    designed = calor.Study.from_file(examples / "protocols" / "early-ivig.yaml")
    assert designed.is_trial
    assert (
        calor.Trial(designed).protocol
        == calor.Trial.from_file(examples / "protocols" / "early-ivig.yaml").protocol
    )


def test_a_posterior_has_its_weights_and_draws() -> None:
    posterior = calor.Posterior.shipped("product")
    dataset = posterior.to_xarray()
    assert float(dataset["weight"].sum()) == pytest.approx(1.0)
    assert len(posterior.to_pandas()) == int(dataset["score"].notnull().any("parameter").sum())


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: calor.Trial.published("goebel-2017"), "did you mean goebel-2017-lips"),
    (lambda: calor.Trial.from_file("nowhere.yaml"), "no such file"),
    (lambda: calor.Trial.published("goebel-2010").run(worlds=1), "--worlds: '1' is out of bounds"),
    (lambda: calor.Trial.published("goebel-2010").run(replicates=2.5), "'2.5' is not a whole number"),  # type: ignore[arg-type]
    (lambda: calor.Trial.published("goebel-2010").run(seed=-1), "--seed: '-1' is out of bounds"),
    (lambda: calor.Trial.published("goebel-2010").run(assume_effect=float("nan")), "'nan' is not a number"),
    (lambda: calor.Trial.published("goebel-2010").run(posterior="nowhere"), "nowhere: no such file"),
    (lambda: calor.Trial.published("goebel-2010").find_size(power=1.0), "--power: '1.0' is out of bounds"),
    (lambda: calor.Trial(calor.study("b03-igg")), "study without a design"),
    (lambda: calor.study("kalita"), "did you mean kalita-2006"),
    (lambda: calor.patients(phenotype="hot"), "--phenotype: is 'hot'"),
    (lambda: calor.patients(drug="ivig"), "1 drugs and 0 regimens"),
    (lambda: calor.patients(rival="none"), "--rival: is 'none'"),
    (lambda: calor.pk("infliximab", "5 furlongs"), "furlongs"),
    (lambda: calor.pk("infliximab", INFLIXIMAB, weight=3), "--weight: '3' is out of bounds"),
    (lambda: calor.meta(EFFECTS, method="XX"), "--method: is 'XX'"),
    (lambda: calor.meta({**EFFECTS, "vi": [0.1, None, 0.1]}), "the table given, line 2: vi"),
    (lambda: calor.meta({**EFFECTS, "vi": [0.1]}), "columns of different lengths"),
    (lambda: calor.meta(EFFECTS, tau_scale=0.5), "--prior-sd is missing"),
    (lambda: calor.meta(EFFECTS, tau_scale=0, prior_sd=1), "allowed: above 0"),
    (lambda: calor.evidence(phase="late?"), "--phase"),
    (lambda: calor.evidence("goebel-2010", phase="acute"), "does nothing beside an ID"),
    (lambda: calor.evidence().plot(), "of one drug class"),  # type: ignore[union-attr]
    (lambda: calor.drug("placebin"), "placebin"),
    (lambda: calor.Posterior.shipped("best"), "allowed: product, validation"),
    (lambda: calor.load_model().parameter("glial"), "did you mean"),
    (lambda: calor.load_model().export(format="cellml"), "allowed: sbml, antimony"),
    (lambda: calor.load_antimony(DECAY).simulate(set={"q": 1}), "no parameter or initial value q"),
    (lambda: calor.load_antimony(DECAY).simulate(outputs="Q"), "no quantity Q"),
    (lambda: calor.load_antimony(DECAY).simulate(outputs=("S1", "S1")), "--outputs: names S1 twice"),
    (lambda: calor.load_antimony(DECAY).simulate(-1), "the end after the start"),
    (lambda: calor.load_antimony(DECAY).simulate("5"), "--end: '5' is not a number"),  # type: ignore[arg-type]
    (lambda: calor.load_antimony(DECAY).simulate(True), "--end: 'True' is not a number"),
    (lambda: calor.load_antimony(DECAY).simulate(1e300), "--end: '1e+300' is out of bounds"),
    (lambda: calor.load_antimony(DECAY).simulate(set=[("k", 1)]), "--set: is"),  # type: ignore[arg-type]
    (lambda: calor.pk("infliximab", INFLIXIMAB, at=["week 2", "week 2"]), "--at: names week 2 twice"),
    (lambda: calor.meta(EFFECTS | {"x": [1, 2, 3]}, moderators=["x", "x"]), "--moderator: names x twice"),
    (lambda: calor.evidence(" "), "asks for nothing"),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_input_is_one_clear_error(call: Callable[[], object], message: str) -> None:
    with pytest.raises(calor.InputError) as caught:
        call()
    assert message in str(caught.value)


def all_kinds(trial_result: calor.TrialResult) -> list[Any]:
    return [
        calor.load_model(), trial_result, calor.meta(EFFECTS),
        calor.pk("infliximab", INFLIXIMAB, population=5),
        calor.evidence(drug_class="glucocorticoid"), calor.evidence("early", "steroid"), calor.drug("ivig"),
        calor.evidence("goebel-2010"), calor.study("kalita-2006"), calor.Posterior.shipped("validation"),
        calor.patients(days=2, rival="central-igg"), calor.load_antimony(DECAY).simulate(1),
    ]  # fmt: skip


def test_a_notebook_shows_every_result_and_says_once_what_it_is_for(trial_result: calor.TrialResult) -> None:
    for result in all_kinds(trial_result):
        shown = result._repr_html_()
        assert shown.count(DISCLAIMER) == 1
        assert shown.startswith("<div>")
        assert len(repr(result)) < 400
        json.loads(result.to_json())
        assert len(result.to_pandas()) > 0


def test_a_notebook_shows_what_a_trial_rests_on(trial_result: calor.TrialResult) -> None:
    shown = trial_result._repr_html_()
    for words in (
        "95 % interval",
        "posterior validation",
        "rest mostly on their priors",
        "trial result",
        "power",
    ):
        assert words in shown


def test_what_people_write_is_escaped() -> None:
    hostile = {**EFFECTS, "study": ["<script>alert(1)</script>", "b & c", "\x1b[31mred"]}
    shown = calor.meta(hostile)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "b &amp; c" in shown
    assert "\x1b" not in shown


def test_results_are_drawn(trial_result: calor.TrialResult, tmp_path: Path) -> None:
    drawn = [result for result in all_kinds(trial_result) if hasattr(result, "plot")]
    # The table by words names no class, so there is no forest plot of it.
    figures = [result.plot() for result in drawn if getattr(result, "answer", None) is None]
    assert len(figures) == 6
    for number, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{number}.png", dpi=40)
        assert figure.axes[0].has_data() or figure.axes[0].texts
