"""The API under thousands of made-up requests: never a fault, and every answer as its document says."""

from __future__ import annotations

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="make test-browser installs it")

from hypothesis import HealthCheck, settings

from calor.app.application import API, create_app
from calor.app.settings import Settings

pytestmark = pytest.mark.browser

APP = create_app(Settings())
SCHEMA = schemathesis.openapi.from_asgi(f"{API}/openapi.json", APP, headers={"Host": "localhost"})
SLOW = f"{API}/next/{{identifier}}"
"""Its answers take seconds; the tests of the page ask for one."""


@SCHEMA.exclude(path=SLOW).parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_openapi_document_says(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"Host": "localhost"})
