"""Twenty people at once: what each asks of a server for a while, and how long they wait.

    python -m scripts.browser.load --users 20 --seconds 20

Each reads pages and asks the API in a random order, and one in ten things is a tiny run that is put into the
queue. Printed are requests, errors (any status of 400 and more but 429, which says that the queue is full),
and the median and 95th percentile of the seconds waited.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from scripts.browser.chromium import server

READ = (
    "/", "/evidence?words=ivig&phase=persistent", "/claims", "/claims/S5", "/model", "/design", "/runs",
    "/next",
    "/explore?duration_months=3&drug=prednisolone&regimen=40+mg+oral+daily+for+14+days",
    "/api/v1/runs", "/api/v1/evidence?words=steroid",
)  # fmt: skip
RUN = {"command": "trial", "protocol": "goebel-2017-lips", "worlds": 2, "replicates": 100}
FULL = 429


@dataclass
class Seen:
    """What all users saw: seconds that each waited, what went wrong, and how often the queue was full."""

    waited: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    full: int = 0


def main() -> None:
    """Let users ask for a while and print what they saw; end with 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two requests of a user")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="calor-load-") as runs, server("--runs", runs) as address:
        warm(address)
        seen = crowd(address, given.users, given.seconds, given.pause)
    print(
        f"{given.users} users, {len(seen.waited)} requests, {len(seen.wrong)} errors, {seen.full} times full"
    )
    print(f"median {statistics.median(seen.waited):.3f} s, 95th percentile {late_of(seen):.3f} s")
    for what in sorted({*seen.wrong}):
        print(what)
    raise SystemExit(bool(seen.wrong))


def warm(address: str) -> None:
    """Ask for everything once."""
    for path in READ:
        urllib.request.urlopen(address + path, timeout=120).read()


def crowd(address: str, users: int, seconds: float, pause: float) -> Seen:
    """Let users ask a server for a while and return what they saw.

    Arguments: its address; how many; for how long; and the seconds between two requests of each.
    """
    seen, ends = Seen(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_use, args=(address, random.Random(number), ends, pause, seen))
        for number in range(users)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def late_of(seen: Seen) -> float:
    """Return the 95th percentile of the seconds that users waited."""
    return statistics.quantiles(seen.waited, n=20)[-1]


def _use(address: str, chance: random.Random, ends: float, pause: float, seen: Seen) -> None:
    while time.monotonic() < ends:
        path, body = (
            ("/api/v1/runs", json.dumps(RUN).encode())
            if chance.random() < 0.1
            else (chance.choice(READ), None)
        )
        asked = urllib.request.Request(address + path, body, {"Content-Type": "application/json"})
        began = time.monotonic()
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            if error.code == FULL:
                seen.full += 1
            else:
                seen.wrong.append(f"{path}: {error.code}")
        except OSError as error:
            seen.wrong.append(f"{path}: {error}")
        seen.waited.append(time.monotonic() - began)
        time.sleep(pause * chance.uniform(0.5, 1.5))


if __name__ == "__main__":
    main()
