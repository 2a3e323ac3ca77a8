"""The API under made-up requests: never a fault, and every answer as its OpenAPI document says."""

from __future__ import annotations

import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from calor.app.application import API, create_app
from calor.app.settings import Settings

schemathesis = pytest.importorskip("schemathesis", reason="make test-browser installs it")

pytestmark = pytest.mark.browser

HOST = {"Host": "localhost"}
RUNS = Path(tempfile.mkdtemp(prefix="calor-runs-"))
"""Where what is asked waits: nobody works it off."""

SCHEMA = schemathesis.openapi.from_asgi(f"{API}/openapi.json", create_app(Settings(runs=RUNS)), headers=HOST)
MEANINGLESS = schemathesis.specs.openapi.checks.positive_data_acceptance
"""Words of the right form may mean nothing: that is refused, and said."""

SLOW = f"{API}/next/{{identifier}}"
"""Its answers take seconds; the tests of the page ask for one."""


@SCHEMA.exclude(path=SLOW).parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_openapi_document_says(case: Any) -> None:
    answer = case.call(headers=HOST, timeout=300)
    # A body that is too large is refused, which the checks do not count as a refusal.
    if answer.status_code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        case.validate_response(answer, excluded_checks=[MEANINGLESS])
