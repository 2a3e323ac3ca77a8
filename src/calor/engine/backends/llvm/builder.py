"""A small writer of LLVM text: typed values with operators, variables, loops and conditions.

The text depends on nothing but the calls made, so the same program gives the same text, byte for byte.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

REAL = "double"
INTEGER = "i64"
TRUTH = "i1"
POINTER = "ptr"
ROW, ITEM = "%row", "%item"
"""A quantity of all lanes in the workspace; one of several numbers of a single lane that take the place of
rows. A module says how far each is from the next."""


def real_text(value: float) -> str:
    """Return a float64 as LLVM writes it exactly."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a function: its text and type, with the operators of its type."""

    code: Code
    text: str
    type: str

    def __add__(self, other: Value | float) -> Value:
        return self.code.binary("add", self, other)

    def __radd__(self, other: float) -> Value:
        return self.code.binary("add", self.code.constant(other, self.type), self)

    def __sub__(self, other: Value | float) -> Value:
        return self.code.binary("sub", self, other)

    def __rsub__(self, other: float) -> Value:
        return self.code.binary("sub", self.code.constant(other, self.type), self)

    def __mul__(self, other: Value | float) -> Value:
        return self.code.binary("mul", self, other)

    def __rmul__(self, other: float) -> Value:
        return self.code.binary("mul", self.code.constant(other, self.type), self)

    def __truediv__(self, other: Value | float) -> Value:
        return self.code.binary("div", self, other)

    def __rtruediv__(self, other: float) -> Value:
        return self.code.binary("div", self.code.constant(other, self.type), self)

    def __neg__(self) -> Value:
        return self.code.op(self.type, f"fneg {self.type} {self.text}")

    def __lt__(self, other: Value | float) -> Value:
        return self.code.compare("lt", self, other)

    def __le__(self, other: Value | float) -> Value:
        return self.code.compare("le", self, other)

    def __gt__(self, other: Value | float) -> Value:
        return self.code.compare("gt", self, other)

    def __ge__(self, other: Value | float) -> Value:
        return self.code.compare("ge", self, other)

    def equals(self, other: Value | float) -> Value:
        """Return whether both are equal."""
        return self.code.compare("eq", self, other)

    def differs(self, other: Value | float) -> Value:
        """Return whether both differ (true where one is NaN)."""
        return self.code.compare("ne", self, other)

    def __and__(self, other: Value) -> Value:
        return self.code.bitwise("and", self, other)

    def __or__(self, other: Value) -> Value:
        return self.code.bitwise("or", self, other)

    def __xor__(self, other: Value) -> Value:
        return self.code.bitwise("xor", self, other)

    def __invert__(self) -> Value:
        return self.code.bitwise("xor", self, self.code.constant(1, self.type))


@dataclass(frozen=True, slots=True)
class Variable:
    """A local variable of a function, which the optimiser turns into registers."""

    code: Code
    address: Value
    type: str

    def get(self) -> Value:
        """Return its value now."""
        return self.code.load(self.type, self.address)

    def set(self, value: Value | float) -> None:
        """Give it a value."""
        self.code.store(self.code.as_value(value, self.type), self.address)


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop being written: where to go on leaving it."""

    code: Code
    leave: str

    def leave_if(self, condition: Value) -> None:
        """Leave the loop where a condition holds."""
        self.code.branch_away(condition, self.leave)


class Code:
    """The text of one function while it is written.

    Arguments: its name, its arguments as (name, type), the type it returns, the number of lanes of its
    vectors, attributes, and whether products may be fused with sums: not where several functions must find a
    comparison alike.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[tuple[str, str]],
        result: str = "void",
        *,
        lanes: int = 4,
        attributes: str = "nounwind",
        linkage: str = "internal",
        fused: bool = True,
    ) -> None:
        listed = ", ".join(f"{kind} %{argument}" for argument, kind in arguments)
        # LLVM keeps vectors on the stack without aligning it for them; across cache lines these are slow.
        aligned = f" alignstack({8 * lanes})" if lanes > 2 else ""
        self._head = f"define {linkage} {result} @{name}({listed}) {attributes}{aligned} {{"
        self._variables: list[str] = []
        self._lines: list[str] = []
        self._names = 0
        self._flags = "contract " if fused else ""
        self.name = name
        self.externals: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        self.arguments = {argument: Value(self, f"%{argument}", kind) for argument, kind in arguments}
        self.lanes = lanes
        self.vector = f"<{lanes} x double>"
        self.mask = f"<{lanes} x i1>"
        self.integers = f"<{lanes} x i64>"

    @property
    def text(self) -> str:
        """The whole function."""
        return "\n".join([self._head, "entry:", *self._variables, *self._lines, "}", ""])

    def op(self, kind: str, text: str) -> Value:
        """Write an instruction with a result."""
        self._names += 1
        self._lines.append(f"  %v{self._names} = {text}")
        return Value(self, f"%v{self._names}", kind)

    def do(self, text: str) -> None:
        """Write an instruction without a result."""
        self._lines.append(f"  {text}")

    def constant(self, value: float, kind: str) -> Value:
        """Return a constant of a type, the same in every lane of a vector."""
        element = kind.split()[-1].rstrip(">")
        if element == REAL:
            text = real_text(value)
        else:
            text = ("true" if value else "false") if element == TRUTH else str(int(value))
        return Value(self, f"splat ({element} {text})" if kind.startswith("<") else text, kind)

    def as_value(self, value: Value | float, kind: str) -> Value:
        """Return a value, or a constant of a type."""
        return value if isinstance(value, Value) else self.constant(value, kind)

    def binary(self, name: str, first: Value, second: Value | float) -> Value:
        """Write an arithmetic operation."""
        other = self.as_value(second, first.type)
        if "double" in first.type:
            return self.op(first.type, f"f{name} {self._flags}{first.type} {first.text}, {other.text}")
        return self.op(first.type, f"{name} {first.type} {first.text}, {other.text}")

    def bitwise(self, name: str, first: Value, second: Value) -> Value:
        """Write a logical operation on truth values or bits."""
        return self.op(first.type, f"{name} {first.type} {first.text}, {second.text}")

    def compare(self, relation: str, first: Value, second: Value | float) -> Value:
        """Write a comparison; with NaN only `ne` is true."""
        other = self.as_value(second, first.type)
        result = first.type.replace("double", "i1").replace("i64", "i1")
        if "double" in first.type:
            name = ("u" if relation == "ne" else "o") + relation
            return self.op(result, f"fcmp {name} {first.type} {first.text}, {other.text}")
        name = relation if relation in ("eq", "ne") else f"s{relation}"
        return self.op(result, f"icmp {name} {first.type} {first.text}, {other.text}")

    def select(self, condition: Value, then: Value | float, otherwise: Value | float) -> Value:
        """Return `then` where the condition holds, else `otherwise` (one of them a value)."""
        kind = then.type if isinstance(then, Value) else otherwise.type  # type: ignore[union-attr]
        first, second = self.as_value(then, kind), self.as_value(otherwise, kind)
        return self.op(
            kind,
            f"select {condition.type} {condition.text}, {kind} {first.text}, {kind} {second.text}",
        )

    def smaller(self, first: Value, second: Value | float) -> Value:
        """Return the smaller; a NaN in the first stays."""
        other = self.as_value(second, first.type)
        return self.select(other < first, other, first)

    def larger(self, first: Value, second: Value | float) -> Value:
        """Return the larger; a NaN in the first stays."""
        other = self.as_value(second, first.type)
        return self.select(first < other, other, first)

    def table(self, name: str, numbers: Sequence[int]) -> Value:
        """Return the address of a table of whole numbers that stands in the module's constants."""
        listed = ", ".join(f"i64 {number}" for number in numbers)
        text = f"[{len(numbers)} x i64] [{listed}]"
        self.tables[name] = f"@{name} = internal unnamed_addr constant {text}, align 8"
        return Value(self, f"@{name}", POINTER)

    def intrinsic(self, name: str, *operands: Value) -> Value:
        """Call an LLVM intrinsic whose result has its first operand's type."""
        kind = operands[0].type
        suffix = f"v{self.lanes}f64" if kind == self.vector else "f64"
        return self.call(f"llvm.{name}.{suffix}", kind, *operands)

    def call(self, name: str, kind: str, *operands: Value) -> Value:
        """Call a function by name, or through a pointer given as a value's text."""
        listed = ", ".join(f"{operand.type} {operand.text}" for operand in operands)
        target = name if name.startswith("%") else f"@{name}"
        types = ", ".join(operand.type for operand in operands)
        self.externals[name] = f"declare {kind} @{name}({types})"
        if kind == "void":
            self.do(f"call void {target}({listed})")
            return Value(self, "", kind)
        return self.op(kind, f"call {kind} {target}({listed})")

    def cast(self, how: str, value: Value, kind: str) -> Value:
        """Convert a value: bitcast, sitofp, fptosi, zext, inttoptr, ..."""
        return self.op(kind, f"{how} {value.type} {value.text} to {kind}")

    def as_integers(self, value: Value) -> Value:
        """Return the bits of a vector of numbers as whole numbers."""
        return self.cast("bitcast", value, value.type.replace(REAL, INTEGER))

    def element(self, base: Value, index: Value | int, kind: str = REAL) -> Value:
        """Return the address of an element of an array, or of a row of the workspace where it is a vector."""
        if isinstance(index, int) and index == 0:
            return base
        position = self.as_value(index, INTEGER)
        apart = ROW if kind.startswith("<") else kind
        return self.op(POINTER, f"getelementptr inbounds {apart}, ptr {base.text}, i64 {position.text}")

    def load(self, kind: str, base: Value, index: Value | int = 0) -> Value:
        """Load an element of an array."""
        return self.op(kind, f"load {kind}, ptr {self.element(base, index, kind).text}, align 8")

    def store(self, value: Value, base: Value, index: Value | int = 0) -> None:
        """Store an element of an array."""
        address = self.element(base, index, value.type)
        self.do(f"store {value.type} {value.text}, ptr {address.text}, align 8")

    def extract(self, vector: Value, lane: int) -> Value:
        """Return the number in one lane."""
        kind = vector.type.split()[-1].rstrip(">")
        return self.op(kind, f"extractelement {vector.type} {vector.text}, i64 {lane}")

    def insert(self, vector: Value, number: Value, lane: int) -> Value:
        """Return the vector with another number in one lane."""
        return self.op(
            vector.type,
            f"insertelement {vector.type} {vector.text}, {number.type} {number.text}, i64 {lane}",
        )

    def variable(self, kind: str, initial: Value | float) -> Variable:
        """Make a local variable with a value."""
        self._names += 1
        name = f"%x{self._names}"
        self._variables.append(f"  {name} = alloca {kind}, align 8")
        variable = Variable(self, Value(self, name, POINTER), kind)
        variable.set(initial)
        return variable

    def gathered(self, numbers: Sequence[Value]) -> Value:
        """Return the vector that holds a number in each lane."""
        vector = self.constant(0, f"<{self.lanes} x {numbers[0].type}>")
        for lane, number in enumerate(numbers):
            vector = self.insert(vector, number, lane)
        return vector

    def give_back(self, value: Value | None = None) -> None:
        """Return from the function."""
        self.do("ret void" if value is None else f"ret {value.type} {value.text}")

    def branch_away(self, condition: Value, label: str) -> None:
        """Go to a label where a condition holds, else on."""
        on = self._label("on")
        self.do(f"br i1 {condition.text}, label %{label}, label %{on}")
        self._place(on)

    @contextmanager
    def loop(self) -> Iterator[Loop]:
        """Write a loop that is left by `leave_if`."""
        head, leave = self._label("loop"), self._label("after")
        self.do(f"br label %{head}")
        self._place(head)
        yield Loop(self, leave)
        self.do(f"br label %{head}")
        self._place(leave)

    @contextmanager
    def count(self, limit: Value | int, first: Value | int = 0) -> Iterator[Value]:
        """Write a loop over whole numbers below a limit."""
        counter = self.variable(INTEGER, first)
        with self.loop() as loop:
            now = counter.get()
            loop.leave_if(now >= limit)
            yield now
            counter.set(now + 1)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """Write what is done only where a condition (a single truth value) holds."""
        then, after = self._label("then"), self._label("after")
        self.do(f"br i1 {condition.text}, label %{then}, label %{after}")
        self._place(then)
        yield
        self.do(f"br label %{after}")
        self._place(after)

    def _label(self, stem: str) -> str:
        self._names += 1
        return f"{stem}{self._names}"

    def _place(self, label: str) -> None:
        self._lines.append(f"{label}:")
