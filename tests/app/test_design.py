"""Designing a trial in pages: what one starts from, what is said of it, and what becomes of the buttons."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from calor.app.guard.secrets import FIELD
from calor.app.pages import starts
from calor.app.protocols import sent_protocol
from calor.study.library import trial_ids
from calor.trial.protocols.schema import design_descriptions
from tests.app.run_server import client_of, until
from tests.design_names import DESIGNS


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path / "runs", works=False) as opened:
        yield opened


def send(client: TestClient, address: str, **fields: str) -> tuple[int, str, str]:
    """Send the form of the page; return the status, the page without marks, and where it leads."""
    fields = {FIELD: client.app.state.secrets.csrf, **fields}  # type: ignore[attr-defined]
    answer = client.post(address, data=fields, follow_redirects=False)
    return answer.status_code, html.unescape(answer.text), answer.headers.get("Location", "")


@pytest.mark.parametrize("name", [*DESIGNS, *trial_ids()])
def test_everything_to_start_from_holds(name: str) -> None:
    protocol = sent_protocol(starts.text_of(name))
    if name in DESIGNS:
        assert protocol.design.type == name


def test_every_design_is_offered_with_what_it_is(idle: TestClient) -> None:
    shown = idle.get("/design").text
    for name in DESIGNS:
        what = design_descriptions()[name].splitlines()[0]
        offered = f'<a href="/design?like={name}"'
        assert offered in shown, name
        assert what in html.unescape(shown.split(offered)[1].split("</a>")[0]), name


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_is_opened_with_guidance_and_its_command(idle: TestClient, name: str) -> None:
    shown = html.unescape(idle.get(f"/design?like={name}").text)
    assert "The protocol holds" in shown
    assert f"<code>calor new protocol --design {name} --out my-trial.yaml" in shown
    assert ("How this design is set" in shown) == (name != "parallel")
    assert idle.get("/design?like=goebel-2010").text.count("--like goebel-2010") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_is_run_opened_and_downloaded(tmp_path: Path, name: str) -> None:
    with client_of(tmp_path / "runs") as client:
        text, small = starts.text_of(name), {"worlds": "2", "replicates": "100", "seed": "1"}
        status, _, where = send(client, "/design/run", protocol=text, **small)
        assert status == 303
        run = where.removeprefix("/runs/")
        until(client, run, lambda found: found["state"] == "done")
        shown = html.unescape(client.get(where).text)
        assert "What came out" in shown
        assert 'role="alert"' not in shown
        files = client.get(f"/api/v1/runs/{run}").json()["files"]
        assert {"protocol.yaml", "result.json"} <= {*files}
        for file in files:
            assert client.get(f"/api/v1/runs/{run}/data/{file}").status_code == 200
        assert client.get(f"/api/v1/runs/{run}/report.html").status_code == 200
        opened = html.unescape(client.get(f"/design?run={run}&file=protocol.yaml").text)
        assert text in opened
        downloaded = client.post(
            "/design/download",
            data={FIELD: client.app.state.secrets.csrf, "protocol": text},  # type: ignore[attr-defined]
        )
        assert downloaded.text == text


def test_each_start_stands_in_the_editor(idle: TestClient) -> None:
    shown = html.unescape(idle.get("/design?like=crossover").text)
    assert starts.text_of("crossover") in shown
    assert "The protocol holds" in shown
    assert idle.get("/design?like=../../etc/passwd").status_code == 404


def test_the_check_says_what_the_command_line_says_with_the_line(idle: TestClient) -> None:
    text = starts.text_of("parallel").replace("patients: 100", "patents: 100")
    number = text[: text.index("patents")].count("\n") + 1
    status, shown, _ = send(idle, "/design/check", protocol=text.replace("\n", "\r\n"))
    assert status == 200
    assert f"protocol.yaml, line {number}: patents: is not a known key" in shown
    assert "hint: did you mean patients?" in shown
    assert "<code>patents: 100</code>" in shown
    assert text in shown  # what was typed stays
    assert "<script>" not in send(idle, "/design/check", protocol="</textarea><script>")[1].split("<main")[0]


def test_what_is_typed_is_never_markup(idle: TestClient) -> None:
    fields = {FIELD: idle.app.state.secrets.csrf, "protocol": "</textarea><script>alert(1)</script>"}  # type: ignore[attr-defined]
    assert "<script>alert" not in idle.post("/design/check", data=fields).text


@pytest.mark.parametrize(
    ("address", "more", "command"),
    [
        ("/design/run", {}, "calor trial protocol.yaml --worlds 2 --replicates 100 --seed 5"),
        ("/design/find", {"power": "0.9", "assume_effect": "-1"},
         "calor trial protocol.yaml --worlds 2 --replicates 100 --seed 5 "
         "--assume-effect -1.0 --find n --power 0.9"),
        ("/design/compare", {"against": "goebel-2010"},
         "calor compare protocol-1.yaml goebel-2010 --worlds 2 --replicates 100 --seed 5"),
    ],
)  # fmt: skip
def test_a_button_queues_a_run_and_leads_to_it(
    idle: TestClient, address: str, more: dict[str, str], command: str
) -> None:
    size = {
        "worlds": "2",
        "replicates": "100",
        "seed": "5",
        "assume_effect": "",
        "power": "0.8",
        "against": "",
    }
    text = starts.text_of("parallel")
    status, _, where = send(idle, address, protocol=text, **{**size, **more})
    assert status == 303
    assert re.fullmatch(r"/runs/[0-9a-f]{16}", where)
    shown = idle.get(where).text
    assert f"<code>{command}</code>" in shown
    assert "It waits for its turn." in shown
    [file] = re.findall(r"/design\?run=[0-9a-f]+&amp;file=[a-z0-9.-]+", shown)
    assert text in html.unescape(idle.get(html.unescape(file)).text)  # and back into the editor


@pytest.mark.parametrize(
    ("address", "fields", "said"),
    [
        ("/design/run", {"worlds": "1"}, "worlds: is '1'"),
        ("/design/run", {"worlds": "many"}, "worlds: is 'many'"),
        ("/design/run", {"replicates": "1000000"}, "more than this server takes on"),
        ("/design/compare", {}, "names no other design"),
        ("/design/find", {"power": "2"}, "power: is '2'"),
    ],
)
def test_a_button_refused_says_why_and_keeps_what_was_typed(
    idle: TestClient, tmp_path: Path, address: str, fields: dict[str, str], said: str
) -> None:
    text = starts.text_of("parallel")
    status, shown, _ = send(idle, address, protocol=text, **fields)
    assert status == 422
    assert said in shown
    assert text in shown
    assert not (tmp_path / "runs").exists()


def test_the_protocol_is_downloaded_as_typed(idle: TestClient) -> None:
    fields = {FIELD: idle.app.state.secrets.csrf, "protocol": "id: one\r\n"}  # type: ignore[attr-defined]
    answer = idle.post("/design/download", data=fields)
    assert (answer.text, answer.headers["Content-Disposition"]) == (
        "id: one\n", 'attachment; filename="protocol.yaml"'
    )  # fmt: skip


@pytest.mark.parametrize(
    "address", ["/design/run", "/design/check", "/runs/x/stop", "/next/which-antibody/run"]
)
def test_forms_of_other_sites_are_refused(idle: TestClient, address: str) -> None:
    assert idle.post(address, data={"protocol": "id: one"}).status_code == 403


def test_a_run_is_stopped_resumed_and_removed_by_buttons(idle: TestClient) -> None:
    run = send(idle, "/next/which-antibody/run")[2]
    assert "calor next which-antibody" in idle.get(run).text
    assert send(idle, f"{run}/stop")[0] == 303
    assert "stopped" in idle.get("/runs").text
    assert send(idle, f"{run}/resume")[0] == 303
    assert "queued" in idle.get(run).text
    assert send(idle, f"{run}/stop")[0] == 303
    assert "It cannot be undone" in idle.get(f"{run}/remove").text
    assert send(idle, f"{run}/remove")[2] == "/runs"
    assert idle.get(run).status_code == 404
    assert "There is no run here yet" in idle.get("/runs").text
