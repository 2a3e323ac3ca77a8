"""Who is let in: names, tokens, forged requests, sizes; and what every answer tells the browser."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from calor.app.application import create_app
from calor.app.guard.secrets import FIELD, HEADER
from calor.app.settings import Limits, Settings, settings_of
from calor.core.errors import InputError

TOKEN = "a-token-that-nobody-guesses"
BASE = "http://localhost:8765"


def guarded(**settings: object) -> TestClient:
    """Return a client of a server with a route that changes something."""
    app = create_app(Settings(**settings))  # type: ignore[arg-type]

    @app.post("/api/v1/echo")
    async def echo(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.post("/form")
    async def form(request: Request) -> dict[str, str]:
        async with request.form() as sent:
            return {key: str(value) for key, value in sent.items()}

    return TestClient(app, base_url=BASE, follow_redirects=False)


def csrf(client: TestClient) -> str:
    return str(client.app.state.secrets.csrf)  # type: ignore[attr-defined]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io"])
def test_another_name_is_refused(client: TestClient, host: str) -> None:
    # DNS rebinding: a page of another site asks this machine under its own name
    refused = client.get("/api/v1/evidence", headers={"Host": host})
    assert refused.status_code == 400
    assert refused.json()["type"] == "urn:calor:refused"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765"])
def test_names_of_this_machine_are_let_in(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_every_answer_has_the_headers_even_a_refusal(client: TestClient) -> None:
    for answer in (
        client.get("/"),
        client.get("/nothing-here"),
        client.get("/static/calor.css"),
        client.get("/", headers={"Host": "evil.example"}),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_programs_of_this_machine_may_post() -> None:
    assert guarded().post("/api/v1/echo", json={"a": 1}).json() == {"bytes": 7}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Cookie": "a=b"},
        {"Origin": BASE},
        {"Origin": BASE, HEADER: "wrong"},
    ],
)
def test_what_another_site_can_send_is_refused(headers: dict[str, str]) -> None:
    refused = guarded().post("/api/v1/echo", json={}, headers=headers)
    assert refused.status_code == 403


def test_plain_forms_and_texts_need_what_our_pages_carry() -> None:
    client = guarded()
    assert client.post("/form", data={"a": "1"}).status_code == 403
    assert client.post("/form", content=b"a=1", headers={"Content-Type": "text/plain"}).status_code == 403
    assert client.post("/form", data={"a": "1", FIELD: "wrong"}).status_code == 403
    own = {"a": "1", FIELD: csrf(client)}
    assert client.post("/form", data=own, headers={"Origin": BASE}).json() == own
    sent = client.post("/form", data=own, files={"b": b"x"}, headers={"Origin": BASE})
    assert sent.status_code == 200  # a file beside the fields
    header = {HEADER: csrf(client), "Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/echo", json={}, headers=header).status_code == 200


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=a", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("body", [b"", b"{}", b"--a\r\nno header\r\n\r\nx", b"\xff\xfe=\x00"])
def test_a_form_that_cannot_be_read_is_refused_and_no_fault(kind: str, body: bytes) -> None:
    refused = guarded().post("/form", content=body, headers={"Content-Type": kind})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "Content-Type is missing"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "is application/x-www-form-urlencoded"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, "is multipart/form-data"),
        ({"Content-Type": "text/plain"}, "is text/plain"),
        ({"Content-Type": "application/xml; charset=utf-8"}, "is application/xml"),
    ],
)
def test_the_api_takes_json_alone_and_says_so(headers: dict[str, str], said: str) -> None:
    refused = guarded().post("/api/v1/echo", content=b'{"a":1}', headers=headers)
    assert refused.status_code == 415
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert said in refused.json()["detail"]
    assert "allowed: application/json" in refused.json()["detail"]
    assert "load the page again" not in refused.text


def test_the_api_takes_no_form_even_of_our_own_pages() -> None:
    client = guarded()
    sent = client.post("/api/v1/echo", data={FIELD: csrf(client)}, headers={"Origin": BASE})
    assert sent.status_code == 415
    foreign = client.post("/api/v1/echo", data={}, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/LD+JSON"]
)
def test_json_and_nothing_at_all_are_let_in(kind: str) -> None:
    client = guarded()
    assert client.post("/api/v1/echo", content=b"{}", headers={"Content-Type": kind}).status_code == 200
    assert client.post("/api/v1/echo").status_code == 200


def test_a_large_body_is_refused_whether_its_length_is_said_or_not() -> None:
    client = guarded(limits=Limits(body_bytes=100))
    assert client.post("/api/v1/echo", json="a" * 90).status_code == 200
    said = client.post("/api/v1/echo", json="a" * 200)
    assert (said.status_code, said.json()["status"]) == (413, 413)
    unsaid = client.post(
        "/api/v1/echo", content=iter([b"a" * 60, b"a" * 60]), headers={"Content-Type": "application/json"}
    )
    assert unsaid.status_code == 413


def test_with_a_token_nothing_is_shown_without_it() -> None:
    client = guarded(token=TOKEN)
    assert client.get("/api/v1/evidence").status_code == 401
    assert client.get("/evidence").headers["Location"] == "/sign-in"
    assert client.get("/static/calor.css").status_code == 200
    wrong = {"Authorization": "Bearer " + TOKEN[:-1]}
    assert client.get("/api/v1/evidence", headers=wrong).status_code == 401
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/api/v1/evidence", headers=right).status_code == 200


def test_the_form_lets_in_who_knows_the_token() -> None:
    client = guarded(token=TOKEN)
    given = {FIELD: csrf(client)}
    assert client.post("/sign-in", data={**given, "token": "wrong"}).status_code == 401
    assert client.get("/evidence").status_code == 303
    let_in = client.post("/sign-in", data={**given, "token": TOKEN}, headers={"Origin": BASE})
    cookie = let_in.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert client.get("/evidence").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::"])
def test_beyond_this_machine_a_token_is_needed(host: str) -> None:
    with pytest.raises(InputError, match="--host"):
        settings_of(host, 8765, None)
    assert settings_of(host, 8765, TOKEN).token == TOKEN


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(InputError, match="16 or more"):
        settings_of("127.0.0.1", 8765, "short")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2fsettings.py",
        "/static//etc/passwd",
    ],
)
def test_no_path_leaves_the_static_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_fault_says_no_more_than_that_it_is_one() -> None:
    app = create_app(Settings())

    @app.get("/api/v1/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret")

    answer = TestClient(app, base_url=BASE, raise_server_exceptions=False).get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.json()["exit_code"] == 1
    assert "secret" not in answer.text


def test_a_form_that_is_none_is_refused_and_no_fault() -> None:
    broken = guarded().post("/form", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 403


def test_an_address_says_every_method_that_it_takes(client: TestClient) -> None:
    refused = client.put("/api/v1/runs")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")
