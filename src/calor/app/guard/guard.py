"""The guard before everything: a request is refused here, or it is let in and its answer gets the headers.

The body of a request that changes something is read here, up to its limit, so that no route can forget to
check where a form came from.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calor.app.failures import Failure, refusal
from calor.app.guard.headers import add_headers
from calor.app.guard.secrets import FIELD, HEADER, Secrets
from calor.app.settings import Settings

READING = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""What a page of another site can send without asking."""

MOST_FILES, MOST_FIELDS = 4, 2000
"""What a form may hold."""

SIGN_IN = "/sign-in"
OPEN_TO_ALL = (SIGN_IN, "/static/")
"""Addresses that visitors reach before they have given the token."""

Answer = Callable[[Request, Failure], Response]


class Guard:
    """Lets requests in or refuses them.

    Arguments: what is guarded; the settings; the secrets; and what makes an answer of a failure.
    """

    def __init__(self, app: ASGIApp, settings: Settings, secrets: Secrets, answer: Answer) -> None:
        self._app, self._settings, self._secrets, self._answer = app, settings, secrets, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message))
            await send(message)

        request = Request(scope, receive)
        refused = self._refusal(request)
        if refused is None and request.method not in READING:
            body = await self._body(request)
            if body is None:
                refused = self._too_large()
            else:
                receive = _again(body, receive)
                refused = await self._forged(Request(scope, _again(body, receive)), body)
        if refused is None:
            await self._app(scope, receive, with_headers)
            return
        response = self._answer(request, refused)
        if refused.status == HTTPStatus.UNAUTHORIZED and _wants_page(request):
            response = RedirectResponse(SIGN_IN, status_code=HTTPStatus.SEE_OTHER)
        await response(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Failure | None:
        """Return why a request is not let in by its head alone, or None."""
        if _name_of(request.headers.get("Host", "")) not in self._settings.names:
            return refusal(
                HTTPStatus.BAD_REQUEST,
                f"this server does not go by the name {_name_of(request.headers.get('Host', ''))!r}",
                hint="calor serve --allow-host NAME lets it",
            )
        if request.url.path.startswith(OPEN_TO_ALL) or self._secrets.knows(request):
            return None
        return refusal(
            HTTPStatus.UNAUTHORIZED,
            "this server asks for its token",
            allowed="Authorization: Bearer TOKEN, or the form at /sign-in",
        )

    async def _body(self, request: Request) -> bytes | None:
        """Return the body of a request, or None for one that is too large."""
        limit, body = self._settings.limits.body_bytes, b""
        said = request.headers.get("Content-Length", "0")
        if said.isdecimal() and int(said) > limit:
            return None
        async for part in request.stream():
            body += part
            if len(body) > limit:
                return None
        return body

    def _too_large(self) -> Failure:
        most = f"at most {self._settings.limits.body_bytes:,} bytes"
        return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large", allowed=most)

    async def _forged(self, request: Request, body: bytes) -> Failure | None:
        """Return why a request that changes something may come from another site, or None.

        The API takes no forms at all: whatever a page of another site can send without asking is none for it.
        """
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if site not in {None, "same-origin", "none"}:
            return _foreign(f"it comes from another site ({site})")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
            return _foreign(f"it comes from {origin}")
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if is_for_programs(request) and (kind in FORMS or (body and not _is_json(kind))):
            return _no_json(kind)
        from_browser = origin is not None or site is not None or bool(request.cookies)
        if not from_browser and kind not in FORMS:
            return None
        given = request.headers.get(HEADER)
        if given is None and kind in FORMS[:2]:
            given = await _field_of_form(request)
        if self._secrets.is_own_form(given):
            return None
        return _foreign("it does not carry what the pages of this server carry")


async def _field_of_form(request: Request) -> str | None:
    """Return what a form carries to show where it comes from, None where it cannot be read."""
    try:
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
            field = form.get(FIELD)
            return field if isinstance(field, str) else None
    except (HTTPException, MultiPartException, ValueError):
        return None


def _foreign(why: str) -> Failure:
    return refusal(HTTPStatus.FORBIDDEN, f"the request is not let in: {why}", hint="load the page again")


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")


def _no_json(kind: str) -> Failure:
    return refusal(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"Content-Type is {kind}" if kind else "Content-Type is missing",
        allowed="application/json",
        hint="curl -H 'Content-Type: application/json' says it",
    )


def _name_of(host: str) -> str:
    """Return the name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_for_programs(request: Request) -> bool:
    """Return whether a request is for the API, whose answers programs read."""
    return request.url.path.startswith("/api/")


def _wants_page(request: Request) -> bool:
    return request.method == "GET" and not is_for_programs(request)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, and then what follows."""
    given = False

    async def once_more() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more
