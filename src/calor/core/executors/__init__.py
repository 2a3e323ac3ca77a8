"""Work spread over workers: threads, processes, or a Dask cluster, behind one interface.

It stands in the core because everything that computes takes it, from the emulator of a fit to the replicates
of a trial, and because it knows nothing of what is computed.
"""

from __future__ import annotations

from calor.core.executors.executor import Executor, Task
from calor.core.executors.processes import Processes
from calor.core.executors.threads import ALONE, Threads, at_hand

__all__ = ["ALONE", "Executor", "Processes", "Task", "Threads", "at_hand"]
