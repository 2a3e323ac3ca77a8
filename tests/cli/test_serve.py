"""`calor serve`: what it refuses before it listens, and what is said where a library is missing."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner

from calor.app.serving import serve
from calor.app.settings import Settings
from calor.cli.main import exit_code_of
from calor.cli.serve import command
from calor.core.errors import InputError, UnsupportedError


def test_beyond_this_machine_it_asks_for_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["serve", "--host", "0.0.0.0"]) == 2
    said = capsys.readouterr().err
    assert "--host" in said
    assert "add --token" in said


def test_a_port_that_is_taken_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert exit_code_of(["serve", "--port", str(taken.getsockname()[1])]) == 2
    said = capsys.readouterr().err
    assert "choose another --port" in said
    assert "in the browser" not in said  # nobody is sent to an address that is another's
    assert len([line for line in said.splitlines() if line.startswith("error:")]) == 1


def test_the_address_is_said_once_visitors_are_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said: list[str] = []

    def announce(address: str) -> None:
        socket.create_connection(("127.0.0.1", port)).close()  # refused before anybody listens
        said.append(address)

    monkeypatch.setattr(uvicorn.Server, "run", lambda _self, sockets: [each.close() for each in sockets])
    serve(Settings(port=port, runs=Path("nothing-is-kept")), announce)
    assert said == [f"http://127.0.0.1:{port}/"]


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "jinja2", "python_multipart"])
def test_a_missing_extra_is_one_error_that_names_the_command(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    found = CliRunner().invoke(command, [])
    assert isinstance(found.exception, UnsupportedError)
    assert "pip install 'calor[web]'" in str(found.exception)
    assert missing in str(found.exception)


def test_a_short_token_is_refused() -> None:
    found = CliRunner().invoke(command, ["--token", "short"])
    assert isinstance(found.exception, InputError)
