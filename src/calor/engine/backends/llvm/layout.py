"""Where things lie in memory: the workspace of a thread, and the table that describes a batch to the code.

Both are arrays of 8-byte slots. In the workspace every item is a row of lanes: item i of a block begins at
slot (block + i) x lanes, so that one vector holds one quantity of all lanes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
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
    REACHED = auto()
    OBSERVE = auto()  # address of a function
    STARTS = auto()
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
    FOLLOWED = auto()  # which leading states outputs are made of, as bits
    SUMMARIES_FOLLOW = auto()  # whether one is made of some of these


KINDS = ("mean", "auc", "maximum", "minimum", "trough", "time_above")
"""The kinds of summary in the order of their numbers in the table."""

LANE_BLOCKS = (
    *("start", "time", "step", "proposed", "stop", "end", "limit", "theta", "error", "factor", "margin"),
    *("unsettled", "live", "probe", "before", "after", "changed", "cut", "beyond", "parted", "touching"),
    *("doubted", "tame", "piece_start", "piece_end"),
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

COEFFICIENTS = 3
"""What a step's dense output holds of every state beside both ends."""

FLAGS = 62
"""Leading states that have a bit of their own; those after them share one."""

SEGMENTS = 64
"""How many steps the leading states may be ahead of the rest."""

SEGMENT_HEAD = 2
"""What a segment begins with before the pieces of its states: its start, and the inverse of its length."""

CLOCK = ("time", "step", "steps", "proposed", "rejected", "verdict", "cause", "restart", "doubted", "tame")
"""What leading states have of their own beside that of the rest."""


@dataclass(frozen=True)
class Leading:
    """The size of what leads: states, Jacobian entries, places of the factorised matrix, coefficients."""

    states: int = 0
    jacobian: int = 0
    factors: int = 0
    coefficients: int = COEFFICIENTS

    @property
    def pieces(self) -> int:
        """What a segment keeps of every state: both ends, and the coefficients."""
        return 2 + self.coefficients

    @property
    def dense(self) -> int:
        """The rows of the dense output."""
        return self.coefficients * self.states


@dataclass(frozen=True)
class Layout:
    """The first row of every block of the workspace.

    Arguments: lanes; the numbers of states, parameters, hoisted values kept, Jacobian entries, places of the
    factorised matrices, stages, values watched for their changes, events, assignments of events, the most
    that one event makes, operations with an edge, equalities in triggers; and how much of it leads.
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
    edges: int = 0
    equalities: int = 0
    leading: Leading = Leading()

    @cached_property
    def _rows(self) -> dict[str, int]:
        n, room, leading = self.states, EVENT_ROOM if self.events else 0, self.leading.states
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
            "size": n,
            "parameters": self.parameters,
            "hoisted": self.hoisted,
            "jacobian": self.jacobian,
            "factors": self.factors,
            "dense": COEFFICIENTS * (n - leading) + self.leading.dense,
            "restart": CAUSES,
            "held": self.watched,
            "edge_size": self.edges,
            **dict.fromkeys(("passed", "passed_at", "difference", "turn_size"), self.equalities),
            **dict.fromkeys(("triggers", "delays", "priorities", "holding"), self.events),
            **dict.fromkeys(("assignments", "assignment_scales"), self.assignments),
            **dict.fromkeys(("queue_event", "queue_time"), room),
            "queue_values": room * self.widest_event,
            **dict.fromkeys(LANE_BLOCKS, 1),
            "exchanges": n,
            "solved": n,
            "pivoted": n * n,
        }
        if leading:
            sizes |= {f"leading_{name}": CAUSES if name == "restart" else 1 for name in CLOCK}
            sizes |= {"inputs": leading, "input_slopes": leading, "first_segment": 1, "end_segment": 1}
            sizes |= {"leading_ended": 1}
            # One more than there may be, where lanes write that keep nothing.
            sizes |= {"segment_start": SEGMENTS + 1, "segments": (SEGMENTS + 1) * self.segment_size}
        rows: dict[str, int] = {}
        first = 0
        for name, size in sizes.items():
            rows[name] = first
            first += size
        rows["observed"] = first
        return rows

    @property
    def segment_size(self) -> int:
        """How many numbers a step of the leading states is kept as."""
        return SEGMENT_HEAD + self.leading.pieces * self.leading.states

    def row(self, block: str, index: int = 0) -> int:
        """Return the row of an item of a block."""
        return self._rows[block] + index

    @property
    def first(self) -> int:
        """The position of the first state among all."""
        return 0

    @property
    def leads(self) -> bool:
        """Whether others follow these states."""
        return False

    @property
    def parts(self) -> tuple[Layout, ...]:
        """The parts that are solved one after the other: what leads, if anything does, and the rest."""
        lead, end = self.leading, Leading(self.states, self.jacobian, self.factors)
        if not lead.states:
            return (self,)
        return PartLayout.of(self, Leading(), lead), PartLayout.of(self, lead, end)

    def name(self, function: str) -> str:
        """Return the name of this part's own version of a function or table."""
        return f"{function}_leading" if self.leads else function

    def slots(self, observed: int) -> int:
        """Return the 8-byte slots of a workspace that observes some quantities, now and at 5 nodes."""
        return (self.row("observed") + 6 * observed) * self.lanes


@dataclass(frozen=True)
class PartLayout(Layout):
    """Some of the states of a layout, as the code sees them that solves for these alone.

    Arguments: those of a layout, `leading` being what stands before the part; and the whole.
    """

    whole: Layout | None = None

    @classmethod
    def of(cls, whole: Layout, begin: Leading, end: Leading) -> PartLayout:
        """Return the part of a layout between two places."""
        own = {field.name: getattr(whole, field.name) for field in fields(Layout)}
        own |= {"states": end.states - begin.states, "jacobian": end.jacobian - begin.jacobian}
        own |= {"factors": end.factors - begin.factors, "leading": begin}
        return cls(**own, whole=whole)

    @property
    def first(self) -> int:
        """The position of the first state among all."""
        return self.leading.states

    @property
    def leads(self) -> bool:
        """Whether others follow these states."""
        return self.first == 0

    def row(self, block: str, index: int = 0) -> int:
        """Return the row of an item of a block, counted in the part's own states."""
        assert self.whole is not None
        if self.leads and block in CLOCK:
            return self.whole.row(f"leading_{block}", index)
        first = {
            "slopes": self.stages * self.first,
            "dense": self.leading.dense,
            "jacobian": self.leading.jacobian,
            "factors": self.leading.factors,
            **dict.fromkeys(("y", "new", "stage", "extra", "time_slopes", "forcing", "size"), self.first),
        }
        return self.whole.row(block, first.get(block, 0) + index)
