"""The steps of leading states that are kept: segments, each with its start and its dense output.

The starts stand in rows of lanes, in order of time, so that a lane's segment is found by counting those that
have begun. What else a segment is made of lies side by side for each lane, since lanes are in segments of
different number: the start, the inverse of the length, and for every state its pieces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import INTEGER, ITEM, REAL, Value
from calor.engine.backends.llvm.lanes import Lanes, any_of
from calor.engine.backends.llvm.layout import SEGMENT_HEAD, SEGMENTS
from calor.engine.backends.llvm.patients import NOT_YET


def keep_segments(own: Lanes, accepted: Value) -> None:
    """Keep the lanes' leading steps as their last segments.

    A lane without an accepted step writes behind its last segment, where it forgets what it wrote.
    """
    code, leading, part = own.code, own.layout.leading, own.layout.parts[0]
    dense = part.row("dense") - own.layout.row("dense")
    start, scale, end = (
        own.vector("leading_time"),
        1.0 / own.vector("leading_step"),
        own.wholes("end_segment"),
    )
    begun = code.select(accepted, start, NOT_YET)
    places = []
    for lane in range(own.layout.lanes):
        which, segment = code.constant(lane, INTEGER), code.extract(end, lane)
        own.set("segment_start", which, code.extract(begun, lane), segment)
        places.append(_address(own, which, segment))
        for item, value in enumerate((start, scale)):
            code.store(code.extract(value, lane), code.element(places[-1], item, ITEM))
    with code.count(leading.states) as i:
        pieces = [own.vector("y", i), own.vector("new", i)]
        pieces += [own.vector("dense", i + (dense + k * leading.states)) for k in range(leading.coefficients)]
        for lane, place in enumerate(places):
            for k, piece in enumerate(pieces):
                number = i * leading.pieces + (SEGMENT_HEAD + k)
                code.store(code.extract(piece, lane), code.element(place, number, ITEM))
    one = code.constant(1, code.integers)
    own.set_vector("end_segment", end + code.select(accepted, one, 0))


def drop_passed_segments(own: Lanes) -> None:
    """Forget the segments that end before a lane's time; make room where half of it is used."""
    code = own.code
    segment = _segment_at(own, own.vector("time"))
    own.set_vector("first_segment", segment)
    crowded = (own.wholes("end_segment") > SEGMENTS // 2) & (segment > 0)
    with code.when(any_of(code, crowded)), code.count(own.layout.lanes) as lane:
        end, first = own.get_whole("end_segment", lane), own.get_whole("first_segment", lane)
        with code.when((end > SEGMENTS // 2) & (first > 0)):
            left = end - first
            with code.count(left) as i:
                own.set("segment_start", lane, own.get("segment_start", lane, first + i), i)
                before, after = _address(own, lane, first + i), _address(own, lane, i)
                with code.count(own.layout.segment_size) as item:
                    number = code.load(REAL, code.element(before, item, ITEM))
                    code.store(number, code.element(after, item, ITEM))
            with code.count(end, first=left) as i:
                own.set("segment_start", lane, NOT_YET, i)
            own.set_whole("first_segment", lane, 0)
            own.set_whole("end_segment", lane, left)


def _address(own: Lanes, lane: Value, segment: Value) -> Value:
    """Return where a lane's segment stands."""
    code, size = own.code, own.layout.segment_size
    row = code.element(own.work, segment * size + own.layout.row("segments"), code.vector)
    return code.element(row, lane * size, ITEM)


def _segment_at(own: Lanes, time: Value, *, onwards: bool = False) -> Value:
    """Return which segment each lane is in at a time, found by counting those that begin before it.

    Where one ends and the next begins it is the first of both, since the next may not have been made yet;
    `onwards`, where what comes after that time is covered too, it is the second.
    """
    code, first, end = own.code, own.wholes("first_segment"), own.wholes("end_segment")
    least, most = (
        code.call(f"llvm.vector.reduce.{kind}.v{code.lanes}i64", INTEGER, found)
        for kind, found in (("smin", first), ("smax", end))
    )
    before = code.gathered([least] * own.layout.lanes)
    segment = code.variable(code.integers, 0)
    segment.set(before)
    i = code.variable(INTEGER, 0)
    i.set(least + 1)
    with code.loop() as loop:
        loop.leave_if(i.get() >= most)
        start = own.vector("segment_start", i.get())
        begun = start <= time if onwards else start < time
        # Those of a lane begin one after another: where none has begun, none after it has.
        loop.leave_if(~any_of(code, begun))
        segment.set(segment.get() + code.cast("zext", begun, code.integers))
        i.set(i.get() + 1)
    return code.larger(segment.get(), first)


def end_of_half_segment(own: Lanes, time: Value) -> Value:
    """Return where the half of a segment ends that each lane is in at a time; infinite in the last one's.

    A half, because a segment's dense output is of a higher degree than five values tell.
    """
    code, segment = own.code, _segment_at(own, time, onwards=True)
    begins, ends = (
        code.gathered(
            [
                own.get("segment_start", code.constant(lane, INTEGER), code.extract(segment, lane) + after)
                for lane in range(own.layout.lanes)
            ]
        )
        for after in (0, 1)
    )
    ends = code.select(segment + 1 < own.wholes("end_segment"), ends, own.vector("leading_time"))
    middle = (begins + ends) * 0.5
    found = code.select(time < middle, middle, ends)
    return code.select(found > time, found, math.inf)


@dataclass(frozen=True)
class Segments:
    """Each lane's segment at its time: its address, where in it that is, and the inverse of its length.

    Without a segment, at a stop, a lane `stands`: its states are what they are.
    """

    own: Lanes
    addresses: tuple[Value, ...]
    theta: Value
    scale: Value
    stands: Value

    @classmethod
    def at(cls, own: Lanes, time: Value) -> Segments:
        """Find the segments at a time of each lane."""
        code, segment, stands = own.code, _segment_at(own, time), own.wholes("end_segment").equals(0)
        addresses = tuple(
            _address(own, code.constant(lane, INTEGER), code.extract(segment, lane))
            for lane in range(own.layout.lanes)
        )
        start, scale = (
            code.gathered([code.load(REAL, code.element(address, item, ITEM)) for address in addresses])
            for item in range(SEGMENT_HEAD)
        )
        theta = (time - start) * scale
        return cls(own, addresses, code.select(stands, 0.0, theta), code.select(stands, 0.0, scale), stands)

    def pieces(self, state: int) -> list[Value]:
        """Return what a leading state's dense output is made of: both ends, and coefficients."""
        code, found, pieces = self.own.code, [], self.own.layout.leading.pieces
        for piece in range(pieces):
            place = SEGMENT_HEAD + state * pieces + piece
            items = (code.element(address, place, ITEM) for address in self.addresses)
            loaded = code.gathered([code.load(REAL, item) for item in items])
            still = self.own.vector("y", state) if piece == 0 else 0.0
            found.append(code.select(self.stands, still, loaded))
        return found
