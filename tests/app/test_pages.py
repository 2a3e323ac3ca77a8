"""The other pages, and the API beside them: the documents and texts of the command line."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from calor.app.application import create_app
from calor.app.pages.rendering import PAGES
from calor.app.settings import Settings
from calor.cli.root import calor_command
from calor.core.documents import parse_document
from calor.core.errors import InputError, UnsupportedError
from calor.evidence.claims import standings
from calor.report.model_document import all_parameters
from calor.trial.protocols.reading import check_protocol
from calor.trial.protocols.template import protocol_text

ADDRESSES = ("/", "/evidence", "/next", "/model", "/model/parameters", "/claims", "/claims/S5", "/sign-in")


def of_command(*arguments: str) -> object:
    return json.loads(CliRunner().invoke(calor_command, [*arguments, "--json"]).stdout)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_whole_without_script_and_carries_no_style(client: TestClient, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/static/htmx.min.js" defer>']
    assert re.findall(r' on[a-z]+="', page.text) == []
    loaded = re.findall(r'(?:src|href)="(https?:)', re.sub(r"<a [^>]*>", "", page.text))
    assert loaded == []
    for landmark in ("<header", "<nav", "<main", "<footer", 'class="skip"', '<html lang="en">'):
        assert landmark in page.text
    assert page.text.count("<h1") == 1


def test_the_first_page_leads_to_every_other(client: TestClient) -> None:
    first = client.get("/").text
    for address, name in PAGES:
        assert f'<a href="{address}"' in first, name


def test_every_link_inside_leads_somewhere(client: TestClient) -> None:
    seen: set[str] = set()
    for address in ADDRESSES:
        seen |= {unescape(link) for link in re.findall(r'href="(/[^"#]*)"', client.get(address).text)}
    quick = {link for link in seen if not link.startswith(("/explore", "/model/sensitivity"))}
    some_numbers = {link for link in quick if link.startswith("/model/parameters/")}
    for link in sorted(quick - some_numbers) + sorted(some_numbers)[:5]:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("claims", ("claims",)),
        ("claims/s8", ("claims", "S8")),
        ("model/parameters?status=assumed", ("model", "parameters", "--status", "assumed")),
        ("model/parameters/glial_loss_rate", ("model", "parameter", "glial_loss_rate")),
        ("next", ("next", "--list")),
        ("drugs/ivig", ("drug", "ivig")),
    ],
)
def test_the_api_gives_the_document_of_the_command(
    client: TestClient, address: str, arguments: tuple[str, ...]
) -> None:
    assert client.get(f"/api/v1/{address}").json() == of_command(*arguments)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("claims/S11", "S10"),
        ("model/parameters/glial_los_rate", "glial_loss_rate"),
        ("drugs/prednisolon", "prednisolone"),
        ("next/which-antibodies", "which-antibody"),
    ],
)
def test_what_is_not_there_is_absent_with_the_nearest(client: TestClient, address: str, hint: str) -> None:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 404
    assert hint in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["own.yaml", "..%2F..%2Fown.yml"])
def test_no_address_is_taken_for_a_file(client: TestClient, name: str) -> None:
    assert client.get(f"/api/v1/drugs/{name}").status_code in {404, 422}
    assert client.get(f"/api/v1/next/{name}").status_code == 404
    assert client.get(f"/evidence/{name}").status_code == 404


def test_every_claim_says_where_it_stands_and_what_would_settle_it(client: TestClient) -> None:
    page = client.get("/claims").text
    for one in standings():
        assert f'href="/claims/{one.claim.id}"' in page
    assert page.count("What would tell:") == len(standings()) == 10
    own = client.get("/claims/S8").text
    assert 'href="/evidence/goebel-2017-lips"' in own
    assert "calor claims S8" in own


def test_every_number_of_the_model_leads_to_its_source(client: TestClient) -> None:
    page = client.get("/model/parameters").text
    for row in all_parameters():
        assert f'href="/model/parameters/{row.identifier}"' in page
    sourced = next(row for row in all_parameters() if re.fullmatch(r"[A-G]\d\d", row.source))
    assert f'href="/evidence/{sourced.source}"' in client.get(f"/model/parameters/{sourced.identifier}").text


def test_a_sound_protocol_is_valid_and_a_wrong_one_has_every_problem_with_its_line(
    client: TestClient,
) -> None:
    text = protocol_text()
    sound = client.post("/api/v1/protocols:validate", json={"protocol": text})
    assert sound.json()["valid"] is True
    wrong = text.replace("design:", "desing:", 1)
    with pytest.raises((InputError, UnsupportedError)) as said:
        check_protocol(parse_document(wrong, "protocol.yaml"))
    answer = client.post("/api/v1/protocols:validate", json={"protocol": wrong})
    assert answer.status_code == 422
    assert answer.json()["detail"] == str(said.value)
    assert answer.json()["problems"][0]["place"]["line"] is not None


def test_a_protocol_cannot_make_the_server_open_a_file(client: TestClient) -> None:
    text = "arms:\n  - name: a\n    treatments:\n      - {drug: /etc/secret.yaml, regimen: 1 mg oral daily}\n"
    answer = client.post("/api/v1/protocols:validate", json={"protocol": text})
    assert answer.json()["exit_code"] == 3
    (problem,) = answer.json()["problems"]
    assert problem["place"] == {"file": "protocol.yaml", "line": 4, "key": "arms[0].treatments[0].drug"}
    tagged = client.post("/api/v1/protocols:validate", json={"protocol": "a: !!python/object:os.system x"})
    assert tagged.status_code == 422


def test_wrong_requests_of_programs_are_problems_too(client: TestClient) -> None:
    for sent in (
        client.post("/api/v1/protocols:validate", json={}),
        client.post("/api/v1/protocols:validate", json={"protocol": 3}),
        client.post("/api/v1/protocols:validate", json={"protocol": "a: 1", "more": 1}),
        client.post("/api/v1/protocols:validate", content=b"{", headers={"Content-Type": "application/json"}),
        client.get("/api/v1/evidence", params={"words": "a" * 201}),
    ):
        assert sent.status_code == 422
        assert sent.json()["type"] == "urn:calor:wrong-input"
        assert sent.json()["problems"][0]["what"]
    assert client.delete("/api/v1/evidence").status_code == 405


def test_a_saved_run_of_a_question_stands_on_its_page(tmp_path: Path) -> None:
    app = create_app(Settings(runs=tmp_path / "runs"))
    client = TestClient(app, base_url="http://localhost:8765")
    assert "Take a first look" in client.get("/next/which-antibody").text
    assert client.get("/api/v1/next/which-antibody").status_code == 404
    folder = tmp_path / "runs" / "asked"
    arguments = ["next", "which-antibody", "--worlds", "10", "--people", "8", "--out", str(folder)]
    assert CliRunner().invoke(calor_command, arguments).exit_code == 0
    shutil.copytree(folder, folder.with_name("spoilt"))
    (folder.with_name("spoilt") / "result.json").write_text("{}", encoding="utf-8")
    saved = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    answered = client.get("/api/v1/next/which-antibody").json()
    occasion = {
        "started",
        "seconds",
        "run_folder",
        "workers",
    }  # which the manifest knows and the result does not
    assert answered["provenance"].keys() - saved["provenance"].keys() == occasion
    assert answered | {"provenance": saved["provenance"]} == saved
    page = client.get("/next/which-antibody").text
    assert 'From the run <a href="/runs/asked">asked</a>' in page
    assert saved["ranking"][0]["name"] in unescape(page)
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
