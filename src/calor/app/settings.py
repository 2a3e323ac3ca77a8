"""How the server is set up: where it listens, who may ask, how much at once."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from pathlib import Path

from calor.core.bounds import Bounds
from calor.core.errors import InputError

PORT = Bounds(1, 65535)
AT_ONCE = Bounds(1, 64)
SHORTEST_TOKEN = 16
"""Letters that a token has at least, so that nobody guesses it."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
TOKEN_HINT = 'python3 -c "import secrets; print(secrets.token_urlsafe(24))" makes one'


@dataclass(frozen=True)
class Limits:
    """How much may be asked for.

    Arguments: bytes of a body; runs that work at once, that wait, and that are kept; and of one run the
    worlds under each rival, and the days of all people in all of its simulated trials (2e9 take some ten
    minutes of a core).
    """

    body_bytes: int = 1_000_000
    at_once: int = 1
    waiting: int = 20
    kept_runs: int = 1000
    worlds: int = 400
    person_days: float = 2e9


@dataclass(frozen=True)
class Settings:
    """How the server is set up.

    Arguments: the address and port it listens on; what a visitor must know, None on this machine alone; the
    names under which it is asked for; the folder that holds run folders; and how much one request may ask
    for.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    names: frozenset[str] = LOOPBACK_NAMES
    runs: Path = Path("runs")
    limits: Limits = field(default_factory=Limits)

    @property
    def address(self) -> str:
        """The address of the first page, as a browser on this machine takes it."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


def settings_of(
    host: str,
    port: int,
    token: str | None,
    names: tuple[str, ...] = (),
    runs: Path = Path("runs"),
    at_once: int = Limits.at_once,
) -> Settings:
    """Return the settings of a server.

    Arguments: the address to listen on, the port, the token, further names of this machine, the folder of
    runs, and how many of them work at once.
    Raises InputError for an address beyond this machine without a token, and for a token that is too short.
    """
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise InputError.of(
            f"has {len(token)} letters", key="--token", allowed=f"{SHORTEST_TOKEN} or more", hint=TOKEN_HINT
        )
    if token is None and not is_loopback(host):
        raise InputError.of(
            f"{host} can be reached from other machines, and no token is asked of visitors",
            key="--host",
            allowed="127.0.0.1, localhost or ::1 without --token",
            hint=f"add --token: {TOKEN_HINT}",
        )
    own = LOOPBACK_NAMES | {host.lower(), *(name.lower() for name in names)}
    if host in {"0.0.0.0", "::"}:
        own |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    limits = Limits(at_once=AT_ONCE.whole(at_once, "--at-once"))
    return Settings(host, PORT.whole(port, "--port"), token, frozenset(own), runs, limits)


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
