"""The application: the guard before it, pages, the API, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from calor.app.explore.explorer import Explorer
from calor.app.failures import Failure, failure_of
from calor.app.guard.guard import Guard, is_for_programs
from calor.app.guard.secrets import Secrets
from calor.app.next_answers import NextAnswers
from calor.app.pages.rendering import failure_page
from calor.app.pages.routers import ROUTERS as PAGES
from calor.app.runs.folders import Runs
from calor.app.runs.queue import RunQueue
from calor.app.sensitivity import SensitivityKept
from calor.app.settings import Settings
from calor.app.v1.known_words import refuse_unknown_words
from calor.app.v1.routers import ROUTERS as INTERFACES
from calor.core.errors import CalorError
from calor.core.versions import versions

STATIC = Path(__file__).with_name("static")
API = "/api/v1"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(settings: Settings, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application.

    Arguments: its settings; and what goes on while it runs, such as warming up.
    """
    app = FastAPI(
        title="calor",
        version=versions()["calor"],
        description="In-silico trials of immunomodulation in CRPS: the same answers as the command line's. "
        "For research and education, not for treating a person.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.secrets = Secrets(settings.token)
    app.state.explorer = Explorer()
    app.state.sensitivity = SensitivityKept()
    app.state.next_answers = NextAnswers(settings.runs)
    app.state.runs = Runs(settings.runs.resolve())
    app.state.run_queue = RunQueue(app.state.runs, settings.limits)
    for router in PAGES:
        app.include_router(router, include_in_schema=False)
    for router in INTERFACES:
        app.include_router(router, prefix=API, dependencies=[Depends(refuse_unknown_words)])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for kind in (CalorError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _answer_to_error)
    app.add_middleware(Guard, settings=settings, secrets=app.state.secrets, answer=_answer)
    return app


def _answer_to_error(request: Request, error: Exception) -> Response:
    response = _answer(request, failure_of(error))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_methods_at(request.url.path))
    return response


def _methods_at(path: str) -> list[str]:
    """Return every method that an address takes: each has a route of its own, and one alone is asked."""
    places = [(path, router) for router in PAGES]
    if path.startswith(API):
        places += [(path.removeprefix(API), router) for router in INTERFACES]
    routes = [
        (place, route) for place, router in places for route in router.routes if isinstance(route, Route)
    ]
    return sorted({method for place, route in routes if route.path_regex.match(place)
                   for method in route.methods or ()})  # fmt: skip


def _answer(request: Request, failure: Failure) -> Response:
    """Return a failure as problem details to programs, and as a page to people."""
    if is_for_programs(request):
        return JSONResponse(failure.document(), failure.status, media_type="application/problem+json")
    return failure_page(request, failure)
