"""Where visitors from other machines give the token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from calor.app.guard.guard import SIGN_IN
from calor.app.guard.secrets import COOKIE, Secrets
from calor.app.pages.rendering import page

router = APIRouter()


@router.get(SIGN_IN)
def ask(request: Request) -> HTMLResponse:
    """Return the form."""
    return page(request, "sign-in.html", wrong=False)


@router.post(SIGN_IN)
def let_in(request: Request, token: Annotated[str, Form(max_length=500)]) -> Response:
    """Let a visitor in who knows the token."""
    secrets: Secrets = request.app.state.secrets
    if not secrets.is_token(token):
        return page(request, "sign-in.html", HTTPStatus.UNAUTHORIZED, wrong=True)
    response = RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)
    response.set_cookie(COOKIE, secrets.cookie, httponly=True, samesite="strict", max_age=86_400)
    return response
