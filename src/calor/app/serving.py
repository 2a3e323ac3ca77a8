"""Serving until somebody stops it."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from calor.app.application import create_app
from calor.app.settings import Settings, settings_of
from calor.core.errors import InputError

__all__ = ["serve", "settings_of"]


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until the process is stopped.

    Arguments: the settings; and what says, once visitors are listened to, the address of the first page.
    Raises InputError where the address cannot be listened on.
    """
    listener = _listener(settings)
    announce(settings.address)
    config = uvicorn.Config(
        create_app(settings, _at_work),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=1,
        limit_concurrency=200,
    )
    uvicorn.Server(config).run(sockets=[listener])


@asynccontextmanager
async def _at_work(app: FastAPI) -> AsyncIterator[None]:
    """Work the queue off, and answer the first question in the background: nobody waits for what loads."""
    threading.Thread(target=app.state.explorer.warm, daemon=True).start()
    with app.state.run_queue.at_work():
        yield


def _listener(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise InputError.of(
            f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}",
            key="--port",
            hint="another server may be there: choose another --port",
        ) from None
