"""An executor for tests that sends everything, as to another process, and works on it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calor.core.executors import ALONE, Task
from calor.core.executors.executor import Finished, Found, Given
from calor.core.executors.packets import Packet
from calor.core.progress import SILENT, Progress


def sent(thing: Any) -> Any:
    """Return what arrives of something in another process."""
    return Packet.of(thing).opened()


@dataclass(frozen=True)
class Sending:
    """Sends task, items and results; nothing is kept where the work is done."""

    workers: int = 2
    shares_disk: bool = False

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        arrived = sent(task)
        return ALONE.map(lambda item, told: sent(arrived(sent(item), told)), items, progress, finished)
