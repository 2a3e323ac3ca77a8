"""Explore: its people are those of `calor patient`, and its courses those of a trial's arm."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from calor.app.application import create_app
from calor.app.explore.explorer import FIRST, Explorer
from calor.app.explore.reading import Asked
from calor.app.settings import Settings
from calor.cli.root import calor_command
from calor.core.documents import parse_document
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.model.rivals import load_rivals
from calor.population.cohort import Cohort
from calor.population.patients import Patients
from calor.report.explore.outcomes import NEEDED
from calor.report.explore.people import WEEK, ground_of, model_with, treated_course, untreated_course
from calor.report.explore.question import treatments_of
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.reading import check_protocol
from calor.trial.runs.named import posterior_of

RIVALS = [{"name": rival.name} for rival in load_rivals()]
PREDNISOLONE = ("prednisolone", "40 mg oral daily for 14 days")


@pytest.fixture(scope="module", autouse=True)
def few_people() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("people", "question"):
            patch.setattr(f"calor.report.explore.{module}.PEOPLE", 40)
        patch.setattr("calor.population.cohort.MOST_SCREENED", 3000)
        yield


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer()


@pytest.fixture(scope="module")
def client(explorer: Explorer) -> Iterator[TestClient]:
    app = create_app(Settings())
    app.state.explorer = explorer
    with TestClient(app, base_url="http://localhost:8765") as opened:
        yield opened


TRIAL = """\
id: same
title: Prednisolone against nothing, for people whom Explore follows too
population: {duration_months: {at_least: 1, at_most: 12}, pain_nrs: {at_least: 0, run_in_days: 3}}
design: {type: parallel}
arms:
  - {name: prednisolone, treatments: [{drug: prednisolone, regimen: "40 mg oral daily for 14 days"}]}
  - {name: placebo}
patients: 40
visits: [14, 28]
endpoint: {variable: pain-diary, from_day: 22, to_day: 28}
analysis: {method: ancova}
acknowledge: [glucose, adrenal-suppression, bone]
"""


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    protocol = check_protocol(parse_document(TRIAL, "trial.yaml"))
    size = RunSettings(worlds=2, candidates=12, most_candidates=12, enough_eligible=12, fewest_eligible=1)
    return prepare_trial(protocol, size, SILENT, Scenario(posterior_of(None)))


def enrolled(ready: Prepared, names: set[str]) -> Cohort:
    """Return the people of a trial as Explore has them: some of their numbers, where they stand, rivals."""
    bank = ready.bank
    rivals = np.empty(len(bank.patients), dtype=np.int64)
    for cell in bank.cells:
        rivals[cell.start : cell.stop] = cell.rival
    values = {name: own for name, own in bank.patients.values.items() if name in names}
    people = Patients(bank.patients.identifiers, bank.patients.draws, values)
    return Cohort(people, rivals, bank.history.standing, len(people), 0, len(people))


def test_its_people_in_a_trial_fare_as_in_the_trials_arm(prepared: Prepared) -> None:
    # the trial's own worlds: its stream instead of that of calor patient
    ground = ground_of()
    screening = replace(ground.screening, stream=Stream(prepared.settings.seed))
    ground = replace(ground, screening=screening)
    people = enrolled(prepared, {row.identifier for row in screening.table})
    (given,) = treatments_of(*map(list, zip(PREDNISOLONE, strict=True)))
    course = treated_course(ground, people, model_with(ground, given.drug), given, 4)
    active = [sequence[0] for sequence in prepared.plan.layout.sequences].index(0)
    at = np.arange(0, 4 * WEEK + 1, WEEK, dtype=np.float64)
    of_trial = prepared.courses.simulate(
        int(prepared.bank.course_of[active, 0, 0]), prepared.bank.patients, prepared.bank.history,
        prepared.bank.stream, at, NEEDED, screening.options, SILENT,
    )  # fmt: skip
    assert len(people.patients) > 20
    for place, name in enumerate(NEEDED):
        np.testing.assert_array_equal(course.outputs[name], of_trial.outputs[:, :, place])
    # and the arm that the trial itself draws from: the rating in the middle of the days around day 21
    pain = prepared.bank.pain[prepared.bank.course_of[active, 0, 0]]
    np.testing.assert_allclose(course.outputs["pain_nrs"][:, 3], pain[:, 20:22].mean(axis=1), atol=0.02)
    untreated = untreated_course(ground, people, 4)
    assert (np.abs(course.outputs["pain_nrs"] - untreated.outputs["pain_nrs"]) > 0.05).any()


def test_the_posterior_is_the_one_that_users_trials_take() -> None:
    posterior = ground_of().scenario.posterior
    assert posterior is not None
    assert posterior.file_sha256 == posterior_of(None, ("planned",)).file_sha256  # type: ignore[union-attr]


def test_the_command_beside_an_answer_gives_the_same_numbers(explorer: Explorer) -> None:
    asked = Asked(duration_months="12", phenotype="cold", pain_at_least="4", drug=["ivig"],
                  regimen=["0.5 g/kg iv over 6 h at day 1, 22"])  # fmt: skip
    document = explorer.answer(asked.question())
    (entry,) = document["treatments"]
    words = shlex.split(entry["command"])[1:]
    printed = json.loads(CliRunner().invoke(calor_command, [*words, "--json"]).stdout)
    assert printed["population"]["screened"] == document["people"]["screened"]
    assert printed["traits"] == document["traits"]
    median = np.array(printed["outputs"]["pain_nrs"]["difference"]["median"])[::WEEK]
    shown = np.array(entry["changes"]["pain_nrs"]["quantiles"])[:, 2]
    # Other days are looked at, so the solver's steps end elsewhere: within the accuracy of `ACCURACY`.
    np.testing.assert_allclose(shown, median, rtol=0, atol=1e-4)
    assert np.abs(shown).max() > 0


def test_people_are_kept_by_kind_and_never_by_drug(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[object] = []

    def counted(*arguments: object) -> object:
        found.append(arguments)
        return making(*arguments)

    from calor.app.explore import explorer as module

    making = module.people_of
    monkeypatch.setattr(module, "people_of", counted)
    own = Explorer()
    for drug, regimen in (PREDNISOLONE, ("prednisolone", "20 mg oral daily for 7 days"), ("", "")):
        own.answer(Asked(duration_months="5", drug=[drug], regimen=[regimen]).question())
    assert len(found) == 1


def test_icons_stand_for_100_people_and_treatment_is_what_differs(explorer: Explorer) -> None:
    document = explorer.answer(FIRST)
    (entry,) = document["treatments"]
    counts = entry["responders"]["of_100"]
    assert sum(counts.values()) == 100
    assert counts["better only with it"] > 0
    assert set(entry["pain"]["by_rival"]) <= {rival["name"] for rival in RIVALS}
    first_week = entry["changes"]["pain_nrs"]["quantiles"][0]
    assert first_week == [0.0] * 5  # nobody differs from themselves before the first dose
    ratio = entry["changes"]["tnf_tissue"]["quantiles"][0]
    assert ratio == [1.0] * 5


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"duration_months": "abc"}, "--duration-months: 'abc' is not a number"),
        ({"duration_months": "nan"}, "is not a number"),
        ({"duration_months": "9999"}, "out of bounds"),
        ({"phenotype": "hot"}, "allowed: warm, cold"),
        ({"weeks": "7"}, "allowed: 12, 26, 52"),
        ({"drug": ["nothing"], "regimen": ["1 mg daily"]}, "no drug 'nothing'"),
        ({"drug": ["ivig"], "regimen": ["40 mg orally ever"]}, "regimen"),
        ({"drug": ["ivig"], "regimen": [""]}, "ivig has no regimen"),
        ({"drug": [""], "regimen": ["40 mg oral daily"]}, "has no drug"),
        ({"drug": ["ivig"], "regimen": []}, "1 drugs and 0 regimens"),
        ({"duration_months": "0.3", "phenotype": "cold", "pain_at_least": "10"}, "wanted people"),
    ],
)
def test_what_cannot_be_read_is_said_in_the_command_lines_words(
    client: TestClient, changed: dict[str, object], says: str
) -> None:
    answer = client.get("/api/v1/explore", params=changed)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    page = client.get("/explore", params=changed)  # type: ignore[arg-type]
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'name="duration_months"' in page.text  # the form is still there


def test_no_file_is_opened_that_a_visitor_names(client: TestClient, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("id: own", encoding="utf-8")
    answer = client.get("/api/v1/explore", params={"drug": str(own), "regimen": "1 mg oral daily"})
    assert answer.json()["type"] == "urn:calor:not-supported"
    assert answer.json()["exit_code"] == 3
    with pytest.raises(UnsupportedError):
        treatments_of(["../own.yml"], ["1 mg oral daily"])
    with pytest.raises(InputError):
        treatments_of(["/etc/passwd"], ["1 mg oral daily"])


def test_the_page_answers_first_and_fits_in_100_kb(client: TestClient) -> None:
    page = client.get("/explore")
    assert page.status_code == 200
    assert "Prednisolone, 40 mg oral daily for 14 days" in page.text
    assert len(gzip.compress(page.content)) < 100_000
    assert " style=" not in page.text
    identifiers = re.findall(r' id="([^"]+)"', page.text)
    assert len(set(identifiers)) == len(identifiers)
    three = {"drug": ["ivig", "prednisolone", "infliximab"], "weeks": "52",
             "regimen": ["0.5 g/kg iv over 6 h at day 1, 22", PREDNISOLONE[1],
                         "5 mg/kg iv over 2 h at week 0, 2, 6"]}  # fmt: skip
    most = client.get("/explore", params=three)
    assert len(gzip.compress(most.content)) < 100_000
    assert most.text.count("calor patient") == 3
