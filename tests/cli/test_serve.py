"""`calor serve`: what it refuses before it listens, and what is said where a library is missing."""

from __future__ import annotations

import socket
import sys

import pytest
from click.testing import CliRunner

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
    assert "choose another --port" in capsys.readouterr().err


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
