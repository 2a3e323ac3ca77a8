"""From a template to an answer: pages are written by the server, everything in them escaped."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from calor.app.failures import Failure
from calor.app.guard.secrets import FIELD, HEADER
from calor.core.plain_text import without_controls
from calor.core.versions import versions
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records
from calor.report.trial_remarks import DISCLAIMER

PAGES = (
    ("/explore", "Explore"),
    ("/evidence", "Evidence"),
    ("/design", "Design"),
    ("/runs", "Runs"),
    ("/next", "Next"),
    ("/model", "Model"),
    ("/claims", "Claims"),
)
"""The pages that every page leads to, in this order."""

_IDENTIFIER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]+)")
_CODE = re.compile(r"`([^`]+)`")
_ADDRESS = re.compile(r"(https?://[^\s<>()\[\]]+)")


@cache
def templates() -> Environment:
    """Return the templates; a name that a page forgets to give is a fault, never an empty place."""
    environment = Environment(
        loader=PackageLoader("calor.app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {"with_links": with_links, "with_entries": with_entries, "with_code": with_code}
    environment.globals |= {
        "pages": PAGES,
        "version": versions()["calor"],
        "disclaimer": DISCLAIMER,
        "csrf_field": FIELD,
    }
    return environment


def _shown(value: Any) -> Any:
    """Return what a template shows of a value: of text no character that moves or hides others."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return without_controls(value)
    return value


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page. Arguments: the request, the template's file, the status, and what the template shows."""
    csrf = request.app.state.secrets.csrf
    shown = (
        templates()
        .get_template(template)
        .render(path=request.url.path, csrf=csrf, csrf_header=json.dumps({HEADER: csrf}), **context)
    )
    return HTMLResponse(shown, status_code=status)


def failure_page(request: Request, failure: Failure) -> HTMLResponse:
    """Return the page that says why there is no other one."""
    return page(request, "failure.html", failure.status, failure=failure)


def command_line(*words: str) -> str:
    """Return a command as a person types it, quoted where it has to be."""
    return shlex.join(words)


def with_entries(text: str) -> Markup:
    """Return text with the ids of evidence in it as links to their pages."""
    known = {record.id for record in load_records()} | {finding.id for finding in load_findings()}
    parts = _IDENTIFIER.split(without_controls(text))
    shown = [
        Markup('<a href="/evidence/{0}">{0}</a>').format(part) if part in known else escape(part)
        for part in parts
    ]
    return Markup("").join(shown)


def with_code(text: str) -> Markup:
    """Return text with what stands between backticks as code; everything is escaped."""
    parts = _CODE.split(without_controls(text))
    shown = [
        Markup("<code>{0}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    ]
    return Markup("").join(shown)


def with_links(text: str) -> Markup:
    """Return text with the web addresses in it as links; everything is escaped."""
    parts = _ADDRESS.split(without_controls(text))
    shown = [
        Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    ]
    return Markup("").join(shown)
