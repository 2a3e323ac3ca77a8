"""A server without a network: the application behind its guard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from calor.app.application import create_app
from calor.app.settings import Settings


@pytest.fixture(scope="package")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings()), base_url="http://localhost:8765") as opened:
        yield opened
