"""No power stands alone: what it is of, its range over rivals, what rests on the prior, and a warning."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calor.model.disease import load_disease
from calor.population.posterior import read_posterior, write_posterior
from calor.study.treatments import sha256_of_study
from calor.therapy.equations import action_identifiers, equations_of
from calor.therapy.library import load_drug
from calor.trial.protocols.reading import read_protocol
from tests.cli.conftest import Calor, Outcome
from tests.cli.test_trial import PROTOCOL, made_up_posterior

SMALL = ("--worlds", "2", "--replicates", "200")
WARNING = "no data have narrowed what ivig does"


@pytest.fixture
def posterior(calor: Calor) -> str:
    Path("quick.yaml").write_text(PROTOCOL)
    return str(made_up_posterior(Path("mine.parquet"), [1 / 6] * 6))


def run(calor: Calor, *arguments: str) -> Outcome:
    outcome = calor("trial", "quick.yaml", *SMALL, *arguments)
    assert outcome.code == 0, outcome.err
    return outcome


def test_beside_a_power_stands_what_it_rests_on(calor: Calor, posterior: str) -> None:
    document = run(calor, "--posterior", posterior, "--json", "--out", "run").document
    power = document["operating_characteristics"]["power"]
    replicates = pd.read_parquet("run/replicates.parquet")
    found = replicates.assign(benefit=replicates["significant"] & (replicates["effect"] < 0))
    shares = found.groupby("rival")["benefit"].mean()
    assert power["range_over_rivals"] == pytest.approx([shares.min(), shares.max()])
    assert power["of"] == "IVIG minus placebo"
    # The two numbers of the posterior have an SD of about 1 there, as under the prior: none is narrowed.
    assert power["share_resting_on_prior"] == 1.0
    assert any(WARNING in warning for warning in document["warnings"])
    assert (
        document["operating_characteristics"]["assurance"]["range_over_rivals"]
        == (power["range_over_rivals"])
    )


def test_people_read_it_too(calor: Calor, posterior: str) -> None:
    shown = " ".join(run(calor, "--posterior", posterior, "--out", "run").out.split())
    assert "of IVIG minus placebo" in shown
    assert "from rival to rival; 100% of the uncertain numbers rest on the prior" in shown
    assert WARNING in shown
    assert "Rivals are named by what keeps pain going" in shown


def test_a_drug_that_data_have_narrowed_needs_no_warning(calor: Calor, posterior: str) -> None:
    known = read_posterior(Path(posterior))
    narrowed = next(iter(action_identifiers(load_drug("ivig")) & names_of_ivig()))
    draws = {
        rival: np.column_stack([values, np.tile([-0.3, 0.3], len(values) // 2)])
        for rival, values in known.draws.items()
    }
    write_posterior(Path("narrow.parquet"), replace(known, names=(*known.names, narrowed), draws=draws))
    document = run(calor, "--posterior", "narrow.parquet", "--json", "--out", "run").document
    assert document["posterior"]["narrowed"] == [narrowed]
    assert document["posterior"]["drugs_resting_on_prior"] == []
    assert not any("no data have narrowed" in warning for warning in document["warnings"])
    uncertain = document["posterior"]["uncertain"]
    power = document["operating_characteristics"]["power"]
    assert power["share_resting_on_prior"] == pytest.approx(1 - 1 / uncertain)


def names_of_ivig() -> set[str]:
    return {row.identifier for row in equations_of(load_drug("ivig")).parameters.uncertain}


def test_what_a_fit_narrowed_counts_as_calibrated(calor: Calor, posterior: str) -> None:
    known = read_posterior(Path(posterior))
    write_posterior(
        Path("narrow.parquet"),
        replace(known, draws={rival: 0.5 * values for rival, values in known.draws.items()}),
    )
    document = run(calor, "--posterior", "narrow.parquet", "--json", "--out", "run").document
    assert set(document["posterior"]["narrowed"]) == set(known.names)
    table = load_disease().parameters
    shares = document["parameters"]["share_by_status"]
    assert shares["calibrated"] == pytest.approx(
        table.share_of_status()["calibrated"] + len(known.names) / len(table)
    )
    assert sum(shares.values()) == pytest.approx(1)


def test_a_size_that_is_found_leaves_a_folder_and_says_what_it_rests_on(calor: Calor, posterior: str) -> None:
    asked = ("--find", "n", "--power", "0.3", "--assume-effect", "-2")
    document = run(calor, *asked, "--json", "--out", "run").document
    kept = json.loads(Path("run/result.json").read_text())
    assert document.pop("provenance").items() >= kept.pop("provenance").items()
    assert kept == document
    assert {path.name for path in Path("run").iterdir()} >= {
        "result.json", "protocol.json", "sizes.csv", "manifest.json", "request.json",
    }  # fmt: skip
    sizes = pd.read_csv("run/sizes.csv")
    assert list(sizes["patients"]) == [step["patients"] for step in document["tried"]]
    least, most = document["range_over_rivals"]
    assert least == min(rival["power"] for rival in document["rivals"])
    assert most == max(rival["power"] for rival in document["rivals"])
    assert document["screened"] >= document["patients"]
    # An assumed effect asks nothing of the drug.
    assert document["warnings"] == []
    shown = calor("trial", "quick.yaml", *SMALL, *asked)
    assert "run folder: runs/quick-trial-find-n-" in shown.err
    text = " ".join(shown.out.split())
    for words in ("are screened for them", "central-igg", "not for treating a person"):
        assert words in text


def test_with_three_arms_the_contrasts_of_a_success_are_named(calor: Calor, posterior: str) -> None:
    third = '  - name: more\n    treatments:\n      - {drug: ivig, regimen: "1 g/kg iv at day 1"}\n'
    Path("quick.yaml").write_text(PROTOCOL.replace("  - name: placebo\n", f"{third}  - name: placebo\n"))
    asked = ("--find", "n", "--power", "0.3", "--assume-effect", "-2", "--json", "--out", "run")
    assert run(calor, *asked).document["of"] == "at least one of: IVIG minus placebo; more minus placebo"


def test_compared_designs_of_one_id_have_names_of_their_own(calor: Calor, posterior: str) -> None:
    outcome = calor("compare", "quick.yaml", "quick.yaml", *SMALL, "--posterior", posterior)
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    assert "quick-trial (1)" in text
    assert "quick-trial (2)" in text
    assert "power, by rival" in text
    assert WARNING in text
    assert "not for treating a person" in text


def test_a_number_is_held_and_recorded(calor: Calor, posterior: str) -> None:
    name = "glial_gain"
    arguments = ("--posterior", "prior", "--set", f"{name}=1.5")
    changed = run(calor, *arguments, "--json", "--out", "one").document
    plain = run(calor, "--posterior", "prior", "--json", "--out", "two").document
    (entry,) = changed["provenance"]["posterior"]["changed"]
    assert entry["name"] == name
    assert entry["value"] == 1.5
    assert entry["instead_of"] == load_disease().parameters[name].value
    manifest = json.loads(Path("one/manifest.json").read_text())
    assert manifest["posterior"]["changed"] == [entry]
    assert changed["posterior"]["uncertain"] == plain["posterior"]["uncertain"] - 1
    assert changed["contrast"]["predicted_mean"] != plain["contrast"]["predicted_mean"]
    assert f"CHANGED: {name} = 1.5" in " ".join(run(calor, *arguments, "--out", "three").out.split())


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("glial_gian=1", "did you mean glial_gain"),
        ("glial_gain=-1", "it lies above 0"),
        ("igg_autoantibody_weight=0.5", "rival explanations hold"),
        ("glial_gain=nan", "is not a number"),
        ("glial_gain", "is not NAME=VALUE"),
    ],
)
@pytest.mark.parametrize("command", [("trial", "quick.yaml"), ("patient", "--days", "2")])
def test_what_cannot_be_held_is_refused(
    calor: Calor, posterior: str, command: tuple[str, ...], assignment: str, said: str
) -> None:
    outcome = calor(*command, "--posterior", "prior", "--set", assignment)
    assert outcome.code == 2
    assert said in outcome.err


def test_what_the_protocol_sets_and_what_is_set_twice_are_refused(calor: Calor, posterior: str) -> None:
    Path("quick.yaml").write_text(PROTOCOL + "conduct: {dropout_per_month: 0.02}\n")
    own = calor("trial", "quick.yaml", "--set", "dropout_per_month=0.1")
    assert own.code == 2
    assert "the protocol sets" in own.err
    twice = calor("trial", "quick.yaml", "--set", "glial_gain=1", "--set", "glial_gain=2")
    assert twice.code == 2
    assert "glial_gain twice" in twice.err


def test_neither_claims_nor_forecasts_take_changes(calor: Calor) -> None:
    for command in ("claims", "trials"):
        assert calor(command, "--set", "glial_gain=1").code == 2


@pytest.mark.parametrize("columns", ["0", "40", "80"])
def test_no_interval_is_cut_in_any_width(
    calor: Calor, posterior: str, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = run(calor, "--posterior", posterior, "--out", "run").out
    document = json.loads(Path("run/result.json").read_text())
    low, high = document["contrast"]["trial_result_interval95"]
    assert f"{low:+.2f} to {high:+.2f}" in shown
    assert max(len(line) for line in shown.splitlines()) <= (int(columns) or 80)


def test_text_of_users_is_never_markup(calor: Calor, posterior: str) -> None:
    text = PROTOCOL.replace("title: A quick trial", 'title: "[/x] early"')
    Path("quick.yaml").write_text(text.replace("name: IVIG", 'name: "steroid [high]"'))
    shown = run(calor, "--posterior", posterior, "--out", "run").out
    assert shown.startswith("[/x] early\n")
    assert "steroid [high]" in shown


EXAMPLES = "examples/own-drug"


def test_the_example_of_a_drug_of_ones_own_runs_from_anywhere(
    calor: Calor, pytestconfig: pytest.Config
) -> None:
    folder = Path(pytestconfig.rootpath) / EXAMPLES
    drug = folder / "my-antibody.yaml"
    assert calor("check", "drug", str(drug)).code == 0
    document = calor(
        "trial", str(folder / "early-my-antibody.yaml"), *SMALL, "--json", "--out", "run"
    ).document
    assert document["contrast"]["predicted_mean"] < 0
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["drug_files"] == [
        {"path": str(drug), "sha256": hashlib.sha256(drug.read_bytes()).hexdigest()}
    ]
    page = (Path(pytestconfig.rootpath) / "docs/how-to/write-a-drug.md").read_text()
    shown = page.split("```yaml\n")[1].split("```")[0]
    assert drug.read_text().endswith(shown)


def test_a_protocol_counts_by_what_its_drug_file_says(calor: Calor, pytestconfig: pytest.Config) -> None:
    folder = Path(pytestconfig.rootpath) / EXAMPLES
    hashes = []
    for name, change in (("here", ("a", "a")), ("there", ("a", "a")), ("other", ("value: 6", "value: 7"))):
        Path(name).mkdir()
        Path(name, "trial.yaml").write_text((folder / "early-my-antibody.yaml").read_text())
        Path(name, "my-antibody.yaml").write_text((folder / "my-antibody.yaml").read_text().replace(*change))
        hashes.append(sha256_of_study(read_protocol(Path(name, "trial.yaml"))))
    assert hashes[0] == hashes[1] != hashes[2]
