"""Where things lie in memory: the workspace of a thread, and the table that describes a batch to the code.

Both are arrays of 8-byte slots. In the workspace every item is a row of lanes: item i of a block begins at
slot (block + i) x lanes, so that one vector holds one quantity of all lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cached_property


class Job(IntEnum):
    """The slots of the table that describes a batch: addresses of arrays, counts, and settings."""

    NEXT_PATIENT = 0  # address of a counter shared by all threads
    FINISHED = auto()  # address of a counter shared by all threads
    STOP = auto()  # address of a flag
    N_PATIENTS = auto()
    DEFAULTS = auto()
    PARAMETERS = auto()
    PARAMETER_SLOTS = auto()
    N_PARAMETERS = auto()
    STATES = auto()
    STATE_SLOTS = auto()
    N_STATES = auto()
    CALENDAR_OF = auto()
    CALENDAR_FIRST = auto()
    ENTRY_TIMES = auto()
    ENTRY_ACTIONS = auto()
    ENTRY_TARGETS = auto()
    ENTRY_VALUES = auto()
    SAVE_AT = auto()
    SAVE_STRIDE = auto()
    N_TIMES = auto()
    OUTPUTS = auto()
    N_OUTPUTS = auto()
    N_OBSERVED = auto()  # outputs, and what summaries are made of
    FINAL_STATES = auto()
    STATUS = auto()
    STEPS = auto()
    OBSERVE = auto()  # address of a function
    START = auto()
    END = auto()  # no patient ends before this
    RTOL = auto()
    ATOL = auto()
    MAX_STEPS = auto()
    TOGETHER = auto()  # whether the lanes of a group take the steps of its first
    N_SUMMARIES = auto()
    SUMMARY_FIRST = auto()  # no window begins before this
    SUMMARY_OUTPUT = auto()
    SUMMARY_KIND = auto()
    SUMMARY_START = auto()
    SUMMARY_END = auto()
    SUMMARY_THRESHOLD = auto()
    SUMMARIES = auto()


LANE_BLOCKS = (
    *("time", "step", "proposed", "stop", "end", "limit", "theta", "error", "factor", "margin"),
    *("unsettled", "live", "probe", "before", "after", "changed", "cut"),
    *(
        "patient",
        "entry",
        "entry_end",
        "saved",
        "due",
        "steps",
        "verdict",
        "rejected",
        "cause",
        "interpolated",
        "found",
        "crawled",
    ),
    *("waiting", "lot", "executed"),
)
"""What the driver keeps of every lane, one slot each."""

CAUSES = 7
"""Kinds of restart a lane remembers a first step for: the calendar's actions, the start, and a change."""


EVENT_ROOM = 1000
"""Executions that may wait in a lane."""


@dataclass(frozen=True)
class Layout:
    """The first row of every block of the workspace.

    Arguments: lanes; the numbers of states, parameters, hoisted values kept, Jacobian entries, places of the
    factorised matrix, stages, values watched for their changes, events, assignments of events, and the most
    that one event makes.
    """

    lanes: int
    states: int
    parameters: int
    hoisted: int
    jacobian: int
    factors: int
    stages: int
    watched: int
    events: int = 0
    assignments: int = 0
    widest_event: int = 0

    @cached_property
    def _rows(self) -> dict[str, int]:
        n, room = self.states, EVENT_ROOM if self.events else 0
        sizes = {
            "y": n,
            "new": n,
            "stage": n,
            "extra": n,
            "slopes": self.stages * n,
            "time_slopes": n,
            "forcing": n,
            "initial": n,
            "begin": n,
            "parameters": self.parameters,
            "hoisted": self.hoisted,
            "jacobian": self.jacobian,
            "factors": self.factors,
            "dense": 3 * n,
            "restart": CAUSES,
            "held": self.watched,
            **dict.fromkeys(("triggers", "delays", "priorities", "holding"), self.events),
            **dict.fromkeys(("assignments", "assignment_scales"), self.assignments),
            **dict.fromkeys(("queue_event", "queue_time"), room),
            "queue_values": room * self.widest_event,
            **dict.fromkeys(LANE_BLOCKS, 1),
            "exchanges": n,
            "solved": n,
            "pivoted": n * n,
        }
        rows: dict[str, int] = {}
        first = 0
        for name, size in sizes.items():
            rows[name] = first
            first += size
        rows["observed"] = first
        return rows

    def row(self, block: str, index: int = 0) -> int:
        """Return the row of an item of a block."""
        return self._rows[block] + index

    def slots(self, observed: int) -> int:
        """Return the 8-byte slots of a workspace that observes some quantities, now and at 5 nodes."""
        return (self.row("observed") + 6 * observed) * self.lanes
