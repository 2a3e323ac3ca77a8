"""`calor trial` and `calor trials` from end to end, as scripts and people use them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.fingerprint import FINGERPRINT, fingerprint
from calor.population.posterior import Posterior, read_posterior, write_posterior
from tests.cli.conftest import Calor

PROTOCOL = """\
id: quick-trial
title: A quick trial
population:
  duration_months: {at_least: 12, at_most: 24}
  pain_nrs: {at_least: 4}
design: {type: parallel}
arms:
  - name: IVIG
    treatments:
      - {drug: ivig, regimen: "0.5 g/kg iv at day 1"}
  - name: placebo
patients: 40
endpoint: {variable: pain-diary, from_day: 4, to_day: 10}
analysis: {method: ancova}
acknowledge: [thrombosis]
"""
VARIES = {"workers", "started", "seconds", "run_folder"}


@pytest.fixture(scope="module")
def lips(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], Path]:
    """Return the document and the run folder of the demo's trial, by a process of its own."""
    folder = tmp_path_factory.mktemp("lips")
    program = "from calor.cli.main import run; run()"
    arguments = ["trial", "goebel-2017-lips", "--posterior", "prior"]
    arguments += ["--json", "--out", "run", "--workers", "2"]
    finished = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return json.loads(finished.stdout), folder / "run"


def test_the_document_has_what_scripts_rely_on(lips: tuple[dict, Path]) -> None:
    document, _ = lips
    assert document["status"] == "prior-predictive"
    assert document["trial"]["id"] == "goebel-2017-lips"
    assert document["trial"]["role"] == "held-back"
    population = document["population"]
    assert population["screened"] > population["enrolled"] >= 500
    assert population["failed_simulations"] <= 0.001 * population["screened"]
    assert [arm["name"] for arm in document["arms"]] == ["IVIG", "placebo"]
    for arm in document["arms"]:
        assert arm["n"] == pytest.approx(55.5, abs=1)
        assert 4 <= arm["endpoint_mean"] <= arm["baseline_mean"] <= 10
        assert arm["endpoint_sd"] > 0.5
    assert document["operating_characteristics"]["power"]["value"] is None
    assert document["operating_characteristics"]["power"]["mc_error"] is None
    assert set(document["provenance"]) >= {"seed", "model_sha256", "calor_version", "workers"}


def test_operating_characteristics_come_with_their_error(lips: tuple[dict, Path]) -> None:
    found = lips[0]["operating_characteristics"]
    error = found["type_one_error"]
    assert error["value"] == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / error["replicates"]))
    assert error["mc_error"] == pytest.approx(np.sqrt(0.05 * 0.95 / error["replicates"]), rel=0.2)
    assurance = found["assurance"]
    low, high = assurance["interval"]
    assert low < assurance["estimate"] < high
    assert assurance["mc_error"] > np.sqrt(assurance["estimate"] * (1 - assurance["estimate"]) / 2000)
    assert assurance["over"] == "the prior"
    assert assurance["draws"] == lips[0]["population"]["cells"] >= 200
    (estimator,) = found["estimator"]
    assert abs(estimator["bias"]["value"]) < 3 * estimator["bias"]["mc_error"] + 0.02
    assert estimator["coverage"]["value"] == pytest.approx(0.95, abs=0.02)
    assert {group["by"] for group in found["subgroups"]} >= {"temperature", "blister-tnf"}


def test_the_two_intervals_are_kept_apart(lips: tuple[dict, Path]) -> None:
    contrast = lips[0]["contrast"]
    effect, result = contrast["effect_interval95"], contrast["trial_result_interval95"]
    assert effect[0] <= contrast["predicted_mean"] <= effect[1]
    assert result[1] - result[0] > effect[1] - effect[0]


def test_the_published_result_is_a_direction_while_its_number_is_only_recalled(
    lips: tuple[dict, Path],
) -> None:
    published = lips[0]["contrast"]["published"]
    assert published["value"] is None
    assert published["interval95"] is None
    assert published["direction"] == "none"
    assert published["grade"] == "secondary"


def test_rivals_are_weighed_equally_and_their_range_is_given(lips: tuple[dict, Path]) -> None:
    rivals = lips[0]["rivals"]
    assert len(rivals) == 6
    assert sum(rival["weight"] for rival in rivals) == pytest.approx(1)
    means = [rival["predicted_mean"] for rival in rivals]
    assert lips[0]["contrast"]["range_over_rivals"] == [min(means), max(means)]
    assert lips[0]["contrast"]["predicted_mean"] == pytest.approx(np.mean(means))


def test_the_run_folder_says_what_it_was_made_of(lips: tuple[dict, Path]) -> None:
    document, folder = lips
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 1
    assert set(manifest["files_sha256"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert {"figure.png", "figure.svg", "figure.csv"} <= set(manifest["files_sha256"])
    replicates = pd.read_parquet(folder / "replicates.parquet")
    assert len(replicates) == 2000
    assert replicates["simulated"].all()
    assert set(replicates["status"]) == {"prior-predictive"}
    assert set(replicates["unit"]) == {document["contrast"]["unit"]}
    bounds = np.quantile(replicates["effect"], (0.025, 0.975))
    assert document["contrast"]["trial_result_interval95"] == pytest.approx(list(bounds))
    figure = pd.read_csv(folder / "figure.csv")
    assert set(figure["status"]) == {"prior-predictive"}
    assert "prior-predictive" in (folder / "figure.svg").read_text()


def made_up_posterior(path: Path, weights: list[float]) -> Path:
    """Write draws of two disease parameters under each rival, of the model at hand."""
    names = ("glial_gain", "tnf_weight")
    draws = np.random.default_rng(1).normal(size=(20, 2))
    rivals = [rival.name for rival in load_rivals()]
    made_of = {FINGERPRINT: fingerprint(load_disease(), [])}
    posterior = Posterior(
        names,
        dict.fromkeys(rivals, draws),
        dict(zip(rivals, weights, strict=True)),
        made_of,
        date="2026-01-02",
    )
    write_posterior(path, posterior)
    return path


def test_a_posterior_drops_the_mark_of_the_prior_and_is_named_with_hash_and_date(calor: Calor) -> None:
    Path("quick.yaml").write_text(PROTOCOL)
    made_up_posterior(Path("mine.parquet"), [0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    arguments = ("trial", "quick.yaml", "--posterior", "mine.parquet", "--worlds", "4", "--replicates", "200")
    document = calor(*arguments, "--json", "--out", "one").document
    assert document["status"] == "posterior-predictive"
    origin = document["provenance"]["posterior"]
    assert origin["name"] == "mine.parquet"
    assert origin["date"] == "2026-01-02"
    assert origin["file_sha256"] == hashlib.sha256(Path("mine.parquet").read_bytes()).hexdigest()
    assert document["posterior"]["misfits"] == []
    left = document["posterior"]["left_to_prior"]
    assert "glial_gain" not in left
    assert any(name.startswith("ivig_") for name in left)
    assert document["contrast"]["leads"] == "effect_interval95"
    assert document["rivals"][0]["weight"] == pytest.approx(0.5)
    shown = calor(*arguments, "--out", "two").out
    assert "posterior mine.parquet of 2026-01-02" in shown
    assert "rest on their prior alone" in " ".join(shown.split())
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_the_range_over_rivals_leads_where_they_weigh_the_same_and_a_strange_posterior_is_named(
    calor: Calor,
) -> None:
    Path("quick.yaml").write_text(PROTOCOL)
    posterior = read_posterior(made_up_posterior(Path("mine.parquet"), [1 / 6] * 6))
    write_posterior(Path("strange.parquet"), replace(posterior, made_of={}))
    shown = calor(
        "trial", "quick.yaml", "--posterior", "strange.parquet", "--worlds", "4", "--replicates", "200"
    ).out
    lines = [line for line in shown.splitlines() if line.startswith("│")]
    order = [line.split()[1] for line in lines if line.split()[1] in ("rivals'", "effect")]
    assert order[:2] == ["rivals'", "effect"]
    assert "does not say of which model" in " ".join(shown.split())


def of_munts(calor: Calor, out: str, *options: str) -> tuple[dict, str]:
    """Return what a held-back trial's document says of its posterior, and the line that people read."""
    arguments = ("trial", "munts-2010", "--worlds", "2", "--replicates", "100", *options)
    document = calor(*arguments, "--json", "--out", out).document
    shown = " ".join(calor(*arguments, "--out", f"{out}-shown").out.split())
    return document["posterior"], shown[shown.index("status:") : shown.index("Arms")]


def test_a_held_back_trial_is_run_under_a_posterior_that_has_not_seen_it(calor: Calor) -> None:
    posterior, shown = of_munts(calor, "default")
    assert posterior["name"] == "validation"
    assert posterior["has_seen_this_trial"] is False
    assert shown.rstrip().endswith("role: held-back")


def test_a_held_back_trial_under_a_posterior_that_has_seen_it_says_so(calor: Calor) -> None:
    posterior, shown = of_munts(calor, "seen", "--posterior", "product")
    assert posterior["has_seen_this_trial"] is True
    assert posterior["targets_from_this_trial"] == ["munts-contrast"]
    assert "role: held-back, but this posterior has seen the trial (target munts-contrast)" in shown


def test_a_posterior_that_does_not_say_what_it_was_fitted_to_may_have_seen_the_trial(calor: Calor) -> None:
    made_up_posterior(Path("mine.parquet"), [1 / 6] * 6)
    posterior, shown = of_munts(calor, "unknown", "--posterior", "mine.parquet")
    assert posterior["has_seen_this_trial"] is None
    assert "whether this posterior has seen the trial is not known" in shown


def test_the_same_seed_gives_the_same_document_on_any_number_of_workers(calor: Calor) -> None:
    Path("quick.yaml").write_text(PROTOCOL)
    documents = []
    for workers in ("1", "2"):
        out = calor("trial", "quick.yaml", "--json", "--worlds", "4", "--workers", workers, "--out", workers)
        assert out.code == 0
        document = out.document
        assert document["provenance"]["workers"] == int(workers)
        document["provenance"] = {
            name: value for name, value in document["provenance"].items() if name not in VARIES
        }
        documents.append(document)
    assert documents[0] == documents[1]
    assert documents[0]["trial"]["role"] == "user"
    assert documents[0]["contrast"]["published"] is None


def test_another_seed_gives_other_numbers(calor: Calor) -> None:
    Path("quick.yaml").write_text(PROTOCOL)
    one, two = (
        calor("trial", "quick.yaml", "--json", "--worlds", "4", "--seed", seed, "--out", seed).document
        for seed in ("1", "2")
    )
    assert one["contrast"]["predicted_mean"] != two["contrast"]["predicted_mean"]


def test_people_get_tables_that_fit_a_terminal(calor: Calor) -> None:
    Path("quick.yaml").write_text(PROTOCOL)
    shown = calor("trial", "quick.yaml", "--posterior", "prior", "--worlds", "4", "--replicates", "200")
    assert shown.code == 0
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    assert "status: prior-predictive" in shown.out
    assert "Assurance: " in shown.out
    assert "run folder: runs/quick-trial-" in shown.err


def test_placebo_against_placebo_has_no_effect(calor: Calor, pytestconfig: pytest.Config) -> None:
    example = Path(pytestconfig.rootpath) / "examples/protocols/placebo-against-placebo.yaml"
    document = calor("trial", str(example), "--json", "--worlds", "4").document
    assert document["contrast"]["effect_interval95"] == [0.0, 0.0]
    lower, upper = document["contrast"]["trial_result_interval95"]
    assert lower < 0 < upper


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trial", "no-such-trial"], "allowed: a .yaml file, or dirckx-2013, "),
        (["trial", "missing.yaml"], "no such file"),
        (["trial"], "Missing argument"),
        (["trial", "bad.yaml"], "bad.yaml, line 3: population: is 'everybody'"),
        (["trial", "quick.yaml", "--seed", "-1"], "-1"),
        (["trial", "quick.yaml", "--out", "full"], "already exists"),
        (["trial", "quick.yaml", "--posterior", "none.parquet"], "none.parquet: no such file"),
        (["nonsense"], "No such command 'nonsense'; allowed: trial, trials, "),
        (["tria"], "No such command 'tria'; did you mean trial?"),
        (["runs", "nope"], "No such command 'nope'; allowed: show, stop, remove"),
        (["trial", "full"], "full: is a folder"),
    ],
)
def test_bad_input_gets_one_clear_error_and_exit_code_2(
    calor: Calor, arguments: list[str], words: str
) -> None:
    Path("quick.yaml").write_text(PROTOCOL)
    Path("bad.yaml").write_text("id: bad\ntitle: bad\npopulation: everybody\n")
    Path("full").mkdir()
    Path("full/file").write_text("kept")
    outcome = calor(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert words in outcome.err
    assert "Traceback" not in outcome.err
    assert Path("full/file").read_text() == "kept"


def test_help_shows_an_example(calor: Calor) -> None:
    assert "calor trial goebel-2017-lips" in calor("trial", "--help").out
    assert "calor trial goebel-2017-lips" in calor("--help").out
