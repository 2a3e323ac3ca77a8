"""`calor serve`: calor in the browser, on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calor.cli import signals
from calor.cli.console import error_console
from calor.cli.number_types import Whole
from calor.core.errors import UnsupportedError

if TYPE_CHECKING:
    from types import ModuleType

COMMAND = "pip install 'calor[web]'"


@click.command(
    epilog="Examples: calor serve · calor serve --port 9000 · CALOR_TOKEN=... calor serve --host 0.0.0.0"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=Whole(1, 65535), default=8765, show_default=True, help="Port to listen on.")
@click.option(
    "--token", envvar="CALOR_TOKEN", default=None, metavar="TEXT",
    help="What visitors must know; needed beyond this machine.  [or the variable CALOR_TOKEN]",
)  # fmt: skip
@click.option("--allow-host", "names", multiple=True, metavar="NAME", help="A further name of this machine.")
@click.option(
    "--runs", type=click.Path(path_type=Path, file_okay=False), default=Path("runs"), show_default=True,
    help="Folder that holds run folders.",
)  # fmt: skip
@click.option("--at-once", type=Whole(1, 64), default=1, show_default=True, help="Runs that work at once.")
def command(
    host: str, port: int, token: str | None, names: tuple[str, ...], runs: Path, at_once: int
) -> None:
    """Serve calor in the browser: explore, evidence, design, runs, model, and a REST API under /api/v1.

    Everything stays on this machine: pages load nothing from elsewhere. Other machines are let in only where
    --host says so, and then visitors need the token.
    """
    serving = _serving()
    settings = serving.settings_of(host, port, token, names, runs, at_once)
    try:
        serving.serve(settings, _announce)
    except KeyboardInterrupt:
        # An answer that somebody still waits for is let go: its threads would hold the process back.
        error_console().print("stopped", style="yellow")
        os._exit(signals.exit_code())


def _announce(address: str) -> None:
    error_console().print(f"calor in the browser: {address} (Ctrl-C stops it)", soft_wrap=True)


def _serving() -> ModuleType:
    """Return what serves. Raises UnsupportedError, with the command that installs it, where it is missing."""
    try:
        import fastapi  # noqa: F401
        import jinja2  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UnsupportedError.of(
            f"calor in the browser needs {error.name}, which is not installed", key="serve", hint=COMMAND
        ) from None
    from calor.app import serving

    return serving
