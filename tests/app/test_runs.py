"""Runs begun through the API: queued on the disk, worked off by processes, watched, stopped, resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from calor.app.runs.folders import Runs
from calor.app.runs.telling import told_by_name
from calor.cli.root import calor_command
from calor.core.errors import InputError, Place, Problem, UnsupportedError
from calor.store.active_run import active_run
from calor.store.queued_runs import queue_again, queue_run, take_from_queue
from calor.store.requests import Request
from calor.store.states import State, Status, write_status
from calor.trial.protocols.template import protocol_text
from tests.app.run_server import TINY, client_of, trial

HAND = Request("trial", "by hand", ("trial", "lips"), "/", {"seed": 1}, {"versions": {}})
"""What the command line is asked."""


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[TestClient]:
    """A server whose queue nobody works off."""
    with client_of(tmp_path / "runs", works=False, waiting=3, kept_runs=5) as opened:
        yield opened


def test_a_trial_is_run_and_gives_its_result_report_and_files(tmp_path: Path) -> None:
    with client_of(tmp_path / "runs") as client:
        begun = client.post("/api/v1/runs", json=trial(seed=3))
        assert begun.status_code == 201
        run = begun.json()["run"]
        assert begun.headers["Location"] == f"/api/v1/runs/{run}"
        assert begun.json()["command"] == [
            "calor", "trial", "protocol.yaml", "--worlds", "2", "--replicates", "100", "--seed", "3"
        ]  # fmt: skip
        with client.stream("GET", f"/api/v1/runs/{run}/events") as stream:
            said = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
        assert said[0]["state"] in {"queued", "running"}
        assert said[-1]["state"] == "done"
        done = client.get(f"/api/v1/runs/{run}").json()
        assert {"protocol.yaml", "result.json", "figure.svg", "adsl.csv", "manifest.json"} <= {*done["files"]}
        result = client.get(f"/api/v1/runs/{run}/data/result.json").json()
        assert result["provenance"]["seed"] == 3
        assert client.get(f"/api/v1/runs/{run}/data/protocol.yaml").text == protocol_text()
        report = client.get(f"/api/v1/runs/{run}/report.html")
        assert "Immunoglobulin against placebo" in report.text
        assert "script-src" not in report.headers["Content-Security-Policy"]
        assert "default-src 'none'" in report.headers["Content-Security-Policy"]
        assert client.post(f"/api/v1/runs/{run}/resume").status_code == 409
        assert client.delete(f"/api/v1/runs/{run}").status_code == 204
        assert client.get(f"/api/v1/runs/{run}").status_code == 404
        assert list((tmp_path / "runs").iterdir()) == []


def test_the_search_of_a_size_and_a_comparison_are_command_lines(idle: TestClient) -> None:
    found = idle.post("/api/v1/runs", json=trial(find="n", power=0.9, assume_effect=-1.0)).json()
    assert found["command"][:3] == ["calor", "trial", "protocol.yaml"]
    assert found["command"][3:] == [
        "--worlds", "2", "--replicates", "100", "--assume-effect", "-1.0", "--find", "n", "--power", "0.9"
    ]  # fmt: skip
    asked = {"command": "compare", "protocols": ["goebel-2017-lips", protocol_text()], **TINY}
    compared = idle.post("/api/v1/runs", json=asked).json()
    assert compared["command"][:4] == ["calor", "compare", "goebel-2017-lips", "protocol-2.yaml"]
    assert compared["files"] == ["protocol-2.yaml", "request.json"]
    question = idle.post("/api/v1/runs", json={"command": "next", "question": "which-antibody"}).json()
    assert question["command"] == ["calor", "next", "which-antibody"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"protocol": protocol_text().replace("patients: 100", "patients: many")}, "protocol.yaml, line"),
        ({"protocol": "- a list"}, "protocol.yaml"),
        ({"protocol": "goebel-2017-lip"}, "protocol: 'goebel-2017-lip' is no published trial"),
        ({"protocol": "goebel-2017-lip"}, "did you mean goebel-2017-lips"),
        ({"protocol": "/etc/passwd"}, "protocol.yaml"),
        ({"protocol": "../runs/x/protocol.yaml"}, "protocol.yaml"),
        ({"protocol": protocol_text().replace("drug: ivig", "drug: ./mine.yaml")}, "opens no file"),
        ({"worlds": 1}, "worlds"),
        ({"worlds": "2"}, "worlds"),
        ({"worlds": 401}, "401 worlds are more than this server takes on"),
        ({"replicates": 1_000_000}, "at most 476,190"),
        ({"power": 0.9}, "has no effect without find"),
        ({"out": "/tmp/elsewhere"}, "out: is not a known key"),
        ({"posterior": "/etc/passwd"}, "posterior"),
        ({"command": "calibrate"}, "command"),
    ],
)
def test_what_is_wrong_or_too_large_is_refused_and_leaves_nothing(
    idle: TestClient, tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    # the template enrols 100 people for 42 days: 2e9 person-days are 476,190 trials
    refused = idle.post("/api/v1/runs", json=trial(**asked))
    assert refused.status_code == 422, refused.text
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert said in refused.json()["detail"]
    assert not (tmp_path / "runs").exists()


def test_no_more_wait_or_are_kept_than_the_server_takes(idle: TestClient) -> None:
    names = [idle.post("/api/v1/runs", json=trial()).json()["run"] for _ in range(3)]
    assert len({*names}) == 3
    full = idle.post("/api/v1/runs", json=trial())
    assert (full.status_code, full.json()["type"]) == (429, "urn:calor:busy")
    assert "3 runs wait already" in full.json()["detail"]
    for name in names:
        assert idle.post(f"/api/v1/runs/{name}/stop").json()["state"] == "stopped"
    more = [idle.post("/api/v1/runs", json=trial()).status_code for _ in range(3)]
    assert more == [201, 201, 429]  # five are kept
    assert "5 runs are kept here" in idle.post("/api/v1/runs", json=trial()).json()["detail"]
    assert idle.post(f"/api/v1/runs/{names[0]}/resume").json()["state"] == "queued"
    assert idle.post(f"/api/v1/runs/{names[1]}/resume").status_code == 429


def test_what_does_not_fit_where_a_run_stands_is_a_conflict(idle: TestClient, tmp_path: Path) -> None:
    run = idle.post("/api/v1/runs", json=trial()).json()["run"]
    report = idle.get(f"/api/v1/runs/{run}/report.html")
    assert (report.status_code, report.json()["detail"]) == (409, f"{run}: is not finished: it is queued")
    for _ in range(2):  # one that has stopped stays so
        assert idle.post(f"/api/v1/runs/{run}/stop").json()["state"] == "stopped"
    write_status(tmp_path / "runs" / run, Status(State.FAILED))
    again = idle.post(f"/api/v1/runs/{run}/stop")
    assert again.status_code == 409
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.json()["type"] == "urn:calor:conflict"
    # the words of `calor runs stop`
    said = CliRunner().invoke(calor_command, ["runs", "stop", str(tmp_path / "runs" / run)]).exception
    assert str(said) == f"{tmp_path}/runs/{again.json()['detail']}"
    with active_run(tmp_path / "runs" / "by hand", HAND):
        resumed = idle.post("/api/v1/runs/by hand/resume")
        assert (resumed.status_code, resumed.json()["detail"].splitlines()[0]) == (
            409, "by hand: is running already"
        )  # fmt: skip
        assert "hint" not in resumed.json()["detail"]
    assert idle.post("/api/v1/runs/by hand/resume").json()["state"] == "queued"


@pytest.mark.parametrize("address", ["", "/report.html", "/stop", "/resume"])
def test_no_answer_says_where_runs_lie_or_speaks_of_the_command_line(
    idle: TestClient, tmp_path: Path, address: str
) -> None:
    broken = tmp_path / "runs" / "broken"
    broken.mkdir(parents=True)
    (broken / "request.json").write_text("[]")
    ask = idle.post if address in {"/stop", "/resume"} else idle.get
    answer = ask(f"/api/v1/runs/broken{address}")
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "broken/request.json: is not the request of a run\n  hint: remove the run"
    )
    assert str(tmp_path) not in answer.text
    assert str(tmp_path) not in idle.get("/api/v1/runs").text
    assert str(tmp_path) not in idle.get("/runs/broken").text


def test_a_hint_for_the_command_line_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError) as told, told_by_name(tmp_path):
        raise UnsupportedError(
            [
                Problem(f"{tmp_path}/a: full", Place(str(tmp_path / "a")), hint=f"calor resume {tmp_path}/a"),
                Problem("is damaged", Place(str(tmp_path / "a" / "b.json")), hint="run the trial again"),
                Problem("is wrong", Place("protocol.yaml", 3), hint="calor drug lists them"),
            ]
        )
    assert str(told.value).splitlines() == [
        "a: a: full",
        "a/b.json: is damaged",
        "  hint: run the trial again",
        "protocol.yaml, line 3: is wrong",
        "  hint: calor drug lists them",
    ]


def test_names_lead_to_runs_and_their_own_files_alone(idle: TestClient, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    run = idle.post("/api/v1/runs", json=trial()).json()["run"]
    folder = tmp_path / "runs" / run
    (folder / "linked.json").symlink_to(tmp_path / "secret.json")
    (folder / "manifest.json").write_text(
        json.dumps({"files_sha256": {"../../secret.json": "", "linked.json": "", ".lock": "", "x.py": ""}})
    )
    (folder / "x.py").write_text("")
    (tmp_path / "runs" / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    assert idle.get(f"/api/v1/runs/{run}").json()["files"] == [
        "protocol.yaml", "request.json", "manifest.json"
    ]  # fmt: skip
    for name in (
        "..%2F..%2Fsecret.json",
        "%2e%2e%2fsecret.json",
        "linked.json",
        ".lock",
        "x.py",
        "state.json",
    ):
        assert idle.get(f"/api/v1/runs/{run}/data/{name}").status_code == 404, name
    for name in ("..", "%2e%2e", "elsewhere", ".", "..%2f", "nothing-there", "%00"):
        assert idle.get(f"/api/v1/runs/{name}/data/secret.json").status_code == 404, name
        assert idle.post(f"/api/v1/runs/{name}/stop").status_code in {404, 405}, name
    assert (tmp_path / "secret.json").exists()


def test_a_run_of_the_command_line_shows_and_is_stopped(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with client_of(runs, works=False) as client, active_run(runs / "by hand", HAND) as run:
        shown = client.get("/api/v1/runs").json()["runs"]
        assert [(each["run"], each["state"]) for each in shown] == [("by hand", "running")]
        assert client.get("/runs/by%20hand").status_code == 200
        assert client.delete("/api/v1/runs/by hand").status_code == 409
        assert client.post("/api/v1/runs/by hand/stop").status_code == 200
        assert (run.folder / "stop").exists()


def test_a_damaged_run_hides_no_other(idle: TestClient, tmp_path: Path) -> None:
    run = idle.post("/api/v1/runs", json=trial()).json()["run"]
    broken = tmp_path / "runs" / "broken"
    broken.mkdir()
    (broken / "request.json").write_text("[]")
    states = {each["run"]: each["state"] for each in idle.get("/api/v1/runs").json()["runs"]}
    assert states == {run: "queued", "broken": "failed"}
    assert "is not the request of a run" in idle.get("/runs").text


def test_what_waits_comes_in_order_and_moves_only_while_nobody_works(tmp_path: Path) -> None:
    request = Request("trial", "q", ("trial", "lips"), ".")
    for name in ("b", "a", "c"):
        queue_run(tmp_path / name, request)
    runs = Runs(tmp_path)
    assert [run.folder.name for run in runs.waiting()] == ["b", "a", "c"]
    assert take_from_queue(tmp_path / "b", State.STOPPED)
    assert not take_from_queue(tmp_path / "b", State.FAILED)
    queue_again(tmp_path / "b")
    queue_again(tmp_path / "a")  # waits already, and keeps its place
    assert [run.folder.name for run in runs.waiting()] == ["a", "c", "b"]
    with pytest.raises(InputError, match="holds no run"):
        queue_again(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
