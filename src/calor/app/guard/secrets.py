"""What visitors prove: the token off this machine, and that a form came from a page of this server."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from starlette.requests import Request

COOKIE = "calor_visitor"
FIELD, HEADER = "csrf_token", "X-CSRF-Token"


class Secrets:
    """What a server knows and visitors prove.

    Arguments: the token that is asked of visitors; None where nobody but this machine can ask.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token
        self.csrf = secrets.token_urlsafe(24)

    @property
    def cookie(self) -> str:
        """What the browser of a visitor who knows the token keeps: not the token itself."""
        return hmac.new((self._token or "").encode(), b"calor visitor", hashlib.sha256).hexdigest()

    def is_token(self, given: str) -> bool:
        """Return whether a text is the token."""
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())

    def knows(self, request: Request) -> bool:
        """Return whether a request may come in: none is asked for a token, or it proves that it knows it."""
        if self._token is None:
            return True
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.is_token(given.strip()):
            return True
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self.cookie.encode())

    def is_own_form(self, given: str | None) -> bool:
        """Return whether a text is what the forms of this server carry."""
        return given is not None and hmac.compare_digest(given.encode(), self.csrf.encode())
