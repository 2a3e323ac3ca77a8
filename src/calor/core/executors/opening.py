"""Which executor the options of a command ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from calor.core.executors.executor import Executor
from calor.core.executors.processes import Processes
from calor.core.executors.threads import Threads


@contextmanager
def processes(workers: int | None) -> Iterator[Executor]:
    """Yield so many processes, one for each core for None, and end them afterwards; one is this process."""
    count = workers or os.cpu_count() or 1
    if count == 1:
        yield Threads(1)
        return
    with Processes(count) as executor:
        yield executor
