"""Work on the machines of a Dask cluster, which must compute the same bits as this one.

Dask brings the task and the items to its workers, gives what a dead worker had to another one, and brings the
answers back. Whoever works compares what decides digits before it begins, so that no machine that joins later
slips in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from calor.core.errors import UnsupportedError
from calor.core.executors.cluster_call import Call
from calor.core.executors.cluster_worker import Shared, unlike
from calor.core.executors.executor import Finished, Found, Given, Task
from calor.core.executors.packets import Packet
from calor.core.host import deciders_of_digits, differences
from calor.core.progress import SILENT, Progress

if TYPE_CHECKING:
    from distributed import Client


class Cluster:
    """The workers of a Dask cluster; implements `Executor`. Arguments: a client of the cluster.

    Raises UnsupportedError, naming the workers, where one does not compute the same bits as this process.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._digits = deciders_of_digits()
        self._refuse_unlike()

    @property
    def workers(self) -> int:
        """How many items are worked on at once."""
        return sum(self._client.nthreads().values())

    @property
    def shares_disk(self) -> bool:
        """They may be anywhere."""
        return False

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        """Return what a task finds for each item, in their order; see `Executor`.

        Work that was asked to stop and does not come to a safe point in time is not waited for. Several
        threads may call at the same time.
        """
        if not items:
            return []
        call = Call(self._client, items, progress, finished)
        try:
            call.begin(Shared(Packet.of(task), self._digits))
            return call.results()
        finally:
            call.end()

    def _refuse_unlike(self) -> None:
        """Raise UnsupportedError where a worker lacks calor or does not compute the same bits.

        One that is lost meanwhile is started anew by Dask, and compares for itself before it works.
        """
        for worker, found in self._client.run(deciders_of_digits, on_error="return").items():
            if isinstance(found, ModuleNotFoundError):
                raise UnsupportedError.of(
                    f"a worker of the cluster has no {found.name}",
                    key="--cluster",
                    hint="install the same calor for the Python of each worker",
                )
            if isinstance(found, OSError):
                continue
            if isinstance(found, Exception):
                raise found
            told = differences(self._digits, found)
            if told:
                raise unlike(worker, told)
