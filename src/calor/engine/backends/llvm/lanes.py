"""Reading and writing one lane's numbers in the workspace, and the table that describes the batch."""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.backends.llvm.builder import INTEGER, POINTER, REAL, Code, Value
from calor.engine.backends.llvm.layout import Job, Layout


@dataclass(frozen=True)
class Lanes:
    """What a function of the driver works on: the workspace and the table of the batch."""

    code: Code
    layout: Layout

    @property
    def work(self) -> Value:
        """The address of the workspace."""
        return self.code.arguments["work"]

    def address(self, block: str, lane: Value, item: Value | int = 0) -> Value:
        """Return the address of one lane's number in an item of a block."""
        # An item's numbers of all lanes lie side by side, so that a vector load takes them at once.
        row = self.code.element(self.work, item + self.layout.row(block), self.code.vector)
        return self.code.element(row, lane)

    def get(self, block: str, lane: Value, item: Value | int = 0) -> Value:
        """Return one lane's number."""
        return self.code.load(REAL, self.address(block, lane, item))

    def set(self, block: str, lane: Value, value: Value | float, item: Value | int = 0) -> None:
        """Set one lane's number."""
        self.code.store(self.code.as_value(value, REAL), self.address(block, lane, item))

    def get_whole(self, block: str, lane: Value, item: Value | int = 0) -> Value:
        """Return one lane's whole number."""
        return self.code.load(INTEGER, self.address(block, lane, item))

    def set_whole(self, block: str, lane: Value, value: Value | int, item: Value | int = 0) -> None:
        """Set one lane's whole number."""
        self.code.store(self.code.as_value(value, INTEGER), self.address(block, lane, item))

    def unsettled(self, lane: Value) -> Value:
        """Return whether a lane's patient has arrived where something may happen."""
        return (self.get("unsettled", lane) > 0.5) & (self.get_whole("patient", lane) >= 0)

    def vector(self, block: str, item: Value | int = 0) -> Value:
        """Return an item of all lanes."""
        row = self.layout.row(block)
        return self.code.load(self.code.vector, self.work, item + row)

    def set_vector(self, block: str, value: Value, item: Value | int = 0) -> None:
        """Set an item of all lanes."""
        self.code.store(value, self.work, item + self.layout.row(block))

    def wholes(self, block: str, item: Value | int = 0) -> Value:
        """Return an item of all lanes, whole numbers."""
        return self.code.load(self.code.integers, self.work, item + self.layout.row(block))

    def set_where(self, where: Value, block: str, value: Value | float, item: Value | int = 0) -> Value:
        """Set an item of the lanes in which a condition holds; return the item of all lanes."""
        of_all = self.code.as_value(value, self.code.vector)
        place = self.code.element(self.work, item + self.layout.row(block), of_all.type)
        # Volatile, lest LLVM make a masked store of it, which takes AMD's processors long with AVX2.
        before = self.code.op(of_all.type, f"load volatile {of_all.type}, ptr {place.text}, align 8")
        now = self.code.select(where, of_all, before)
        self.code.store(now, place)
        return now

    def set_wholes_where(self, where: Value, block: str, value: Value | int) -> None:
        """Set a whole number of the lanes in which a condition holds."""
        self.set_where(where, block, self.code.as_value(value, self.code.integers))

    def count(self, job: Job) -> Value:
        """Return a whole number from the table of the batch."""
        return self.code.load(INTEGER, self.code.arguments["job"], int(job))

    def number(self, job: Job) -> Value:
        """Return a real number from the table of the batch."""
        return self.code.load(REAL, self.code.arguments["job"], int(job))

    def splat(self, job: Job) -> Value:
        """Return a real number from the table of the batch in every lane."""
        number = self.number(job)
        vector = self.code.constant(0.0, self.code.vector)
        for lane in range(self.layout.lanes):
            vector = self.code.insert(vector, number, lane)
        return vector

    def array(self, job: Job) -> Value:
        """Return the address of an array from the table of the batch."""
        return self.code.load(POINTER, self.code.arguments["job"], int(job))


def how_many(code: Code, lanes: Value) -> Value:
    """Return in how many lanes a condition holds."""
    return code.call("llvm.ctpop.i64", INTEGER, _bits(code, lanes))


def any_of(code: Code, lanes: Value) -> Value:
    """Return whether a condition holds in any lane."""
    return _bits(code, lanes).differs(0)


def _bits(code: Code, lanes: Value) -> Value:
    return code.cast("zext", code.cast("bitcast", lanes, f"i{code.lanes}"), INTEGER)


def driver_code(
    name: str, layout: Layout, *arguments: tuple[str, str], result: str = "void", linkage: str = "internal"
) -> Lanes:
    """Begin a function of the driver on the workspace `work` and the table `job`."""
    code = Code(
        name,
        [("work", POINTER), ("job", POINTER), *arguments],
        result,
        lanes=layout.lanes,
        # Kept apart, so that LLVM's work grows with the sum of the functions and not with their nesting.
        attributes="noinline nounwind",
        linkage=linkage,
    )
    return Lanes(code, layout)
