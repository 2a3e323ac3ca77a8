"""Which executor the options of a command ask for."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from calor.core.bounds import WORKERS
from calor.core.errors import InputError, UnsupportedError
from calor.core.executors.cluster import Cluster
from calor.core.executors.executor import MOST_DEATHS, Executor, using_cores
from calor.core.executors.processes import Processes
from calor.core.executors.threads import Threads

CLUSTERS = "tcp://HOST:PORT, tls://HOST:PORT, or local:N for N processes here"
"""What names a cluster."""

_LOCAL, _ADDRESS = re.compile(r"local:([0-9]{1,4})"), re.compile(r"(tcp|tls)://\S+:[0-9]+")


@dataclass(frozen=True)
class Workers:
    """Who works, as a command's options say: how many (None: one a core) here, or which cluster."""

    count: int | None = None
    cluster: str | None = None

    @property
    def here(self) -> int:
        """How many work here."""
        return self.count or os.cpu_count() or 1

    @contextmanager
    def threads(self) -> Iterator[Executor]:
        """Yield the workers of the cluster, or threads where none is named. Raises as `connected` does."""
        with using_cores(self.here):
            if self.cluster is None:
                yield Threads(self.here)
                return
            with connected(self.cluster) as executor:
                yield executor

    @contextmanager
    def processes(self) -> Iterator[Executor]:
        """Yield the workers of the cluster, or processes where none is named; one is this process.

        Raises as `connected` does.
        """
        if self.cluster is not None or self.here == 1:
            with self.threads() as executor:
                yield executor
            return
        with using_cores(self.here), Processes(self.here) as executor:
            yield executor


def processes_named(cluster: str) -> int | None:
    """Return how many processes here the name of a cluster asks for, None for a cluster that runs already.

    Raises InputError for what names no cluster.
    """
    local = _LOCAL.fullmatch(cluster)
    if local and WORKERS.hold(int(local[1])):
        return int(local[1])
    if not _ADDRESS.fullmatch(cluster):
        raise InputError.of(
            f"{cluster!r} names no cluster", key="--cluster", allowed=f"{CLUSTERS} (1 to {WORKERS.high})"
        )
    return None


@contextmanager
def connected(cluster: str) -> Iterator[Executor]:
    """Yield the workers of a Dask cluster: of one that runs, or of one with so many processes here.

    Raises as `processes_named` does, InputError where no cluster answers, and UnsupportedError where Dask is
    not installed or where the workers would compute other bits than this process.
    """
    local = processes_named(cluster)
    distributed = _distributed()
    import dask

    with dask.config.set(_CONFIGURATION):
        if local is None:
            with _client(distributed, cluster) as executor:
                yield executor
            return
        with _started(distributed, local) as here, _client(distributed, here) as executor:
            yield executor


_CONFIGURATION = {
    "distributed.scheduler.allowed-failures": MOST_DEATHS - 1,
    # What a task frees it soon asks for again: memory given back each time costs a third of the work.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**27,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
    "distributed.admin.large-graph-warning-threshold": "1TB",  # the task is sent once, however large
}


def _started(distributed: ModuleType, workers: int) -> Any:
    """Return a cluster of processes here. Raises InputError where one of them does not come up."""
    try:
        return distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": ":0"},
            silence_logs=logging.CRITICAL,
        )
    except (RuntimeError, OSError) as error:
        raise InputError.of(
            f"a worker of local:{workers} did not start: {str(error) or 'no answer in time'}",
            key="--cluster",
            hint="start again, with fewer workers if memory or processes are short",
        ) from None


@contextmanager
def _client(distributed: ModuleType, cluster: object) -> Iterator[Executor]:
    try:
        client = distributed.Client(cluster, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise InputError.of(
            f"no cluster answers at {cluster}: {error}",
            key="--cluster",
            hint="is its scheduler running there?",
        ) from None
    with client:
        yield Cluster(client)


def _distributed() -> ModuleType:
    """Return Dask's cluster. Raises UnsupportedError, with the command for it, where it is not installed."""
    try:
        import distributed
    except ImportError:
        raise UnsupportedError.of(
            "a cluster needs Dask, which is not installed",
            key="--cluster",
            hint="pip install 'calor[cluster]'",
        ) from None
    module: ModuleType = distributed
    return module
