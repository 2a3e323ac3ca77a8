"""Threefry-2x64-20 as machine code: the same words as `streams.threefry2x64`, four rows at a time."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
PARITY = np.uint64(0x1BD11BDAA9FC1A22)
ROUNDS = 20

ROWS = 4
"""Rows turned at once; LLVM cuts them to what the processor's vectors hold, which changes no bit."""

Words = NDArray[np.uint64]
_making = threading.Lock()


def blocks(key: tuple[int, int], rows: Words, pairs: Words) -> Words:
    """Return both words of the block of every row and pair of columns under a key.

    Arguments: the key's words; row identifiers (n,); numbers of pairs (p,). Returns an array (n, 2 p).
    """
    padded = -len(rows) % ROWS
    high = np.ascontiguousarray(np.concatenate([rows, np.zeros(padded, dtype=np.uint64)]))
    low = np.ascontiguousarray(pairs)
    found = np.empty((len(high), 2 * len(low)), dtype=np.uint64)
    _function()(found.ctypes.data, high.ctypes.data, len(high), low.ctypes.data, len(low), *key)
    return found[: len(rows)]


@lru_cache
def _loaded() -> tuple[object, Callable[..., None]]:
    from calor.core import machine  # LLVM takes a tenth of a second to load, and few numbers need none of it

    library = machine.compiled(module_text())
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, ctypes.c_int64, ctypes.c_void_p,
                                 ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint64)  # fmt: skip
    return library, prototype(library.address("blocks"))


def _function() -> Callable[..., None]:
    with _making:  # two threads that compile at once would each load a library of the same name
        return _loaded()[1]


def _rounds() -> tuple[str, str, str]:
    """Return the text of the rounds on registers %high and %low, and the registers that they end in."""
    lines = [f"%mixed = xor i64 %key0, {int(PARITY)}", "%key2 = xor i64 %mixed, %key1"]
    lines += [line for word in range(3) for line in _splat(f"%k{word}", f"%key{word}")]
    lines += ["%a.0 = add V %high, %k0", "%b.0 = add V %low, %k1"]
    a, b = "%a.0", "%b.0"
    for number in range(ROUNDS):
        turn, name = ROTATIONS[number % 8], number + 1
        lines += [
            f"%a.{name} = add V {a}, {b}",
            f"%l.{name} = shl V {b}, {_constant(turn)}",
            f"%r.{name} = lshr V {b}, {_constant(64 - turn)}",
            f"%o.{name} = or V %l.{name}, %r.{name}",
            f"%b.{name} = xor V %o.{name}, %a.{name}",
        ]
        a, b = f"%a.{name}", f"%b.{name}"
        if number % 4 == 3:
            step = number // 4 + 1
            lines += [
                f"%c.{name} = add V {a}, %k{step % 3}",
                f"%d.{name} = add V {b}, %k{(step + 1) % 3}",
                f"%e.{name} = add V %d.{name}, {_constant(step)}",
            ]
            a, b = f"%c.{name}", f"%e.{name}"
    return "\n  ".join(lines).replace(" V ", f" <{ROWS} x i64> "), a, b


def module_text() -> str:
    """Return the module: a loop over rows, four at a time, and in it one over pairs."""
    text, a, b = _rounds()
    vector = f"<{ROWS} x i64>"
    lines = [
        *_splat("%low", "%pair"),
        text,
    ]
    for row in range(ROWS):
        both = f"shufflevector {vector} {a}, {vector} {b}, <2 x i32> <i32 {row}, i32 {ROWS + row}>"
        lines += [
            f"%both.{row} = {both}",
            f"%line.{row} = add i64 %row, {row}",
            f"%start.{row} = mul i64 %line.{row}, %n_pairs",
            f"%place.{row} = add i64 %start.{row}, %column",
            f"%to.{row} = getelementptr <2 x i64>, <2 x i64>* %found2, i64 %place.{row}",
            f"store <2 x i64> %both.{row}, <2 x i64>* %to.{row}, align 8",
        ]
    body = "\n  ".join(lines)
    counts = "i64* %rows, i64 %n_rows, i64* %pairs, i64 %n_pairs"
    return f"""define void @blocks(i64* %found, {counts}, i64 %key0, i64 %key1) {{
entry:
  %found2 = bitcast i64* %found to <2 x i64>*
  %any_rows = icmp sgt i64 %n_rows, 0
  %any_pairs = icmp sgt i64 %n_pairs, 0
  %any = and i1 %any_rows, %any_pairs
  br i1 %any, label %outer, label %done
outer:
  %row = phi i64 [ 0, %entry ], [ %next_row, %row_done ]
  %from = getelementptr i64, i64* %rows, i64 %row
  %from_vector = bitcast i64* %from to {vector}*
  %high = load {vector}, {vector}* %from_vector, align 8
  br label %inner
inner:
  %column = phi i64 [ 0, %outer ], [ %next_column, %inner ]
  %pair_at = getelementptr i64, i64* %pairs, i64 %column
  %pair = load i64, i64* %pair_at
  {body}
  %next_column = add i64 %column, 1
  %more = icmp slt i64 %next_column, %n_pairs
  br i1 %more, label %inner, label %row_done
row_done:
  %next_row = add i64 %row, {ROWS}
  %more_rows = icmp slt i64 %next_row, %n_rows
  br i1 %more_rows, label %outer, label %done
done:
  ret void
}}
"""


def _constant(value: int) -> str:
    return "<" + ", ".join([f"i64 {value}"] * ROWS) + ">"


def _splat(name: str, scalar: str) -> list[str]:
    """Return the lines that put a number into every lane."""
    vector = f"<{ROWS} x i64>"
    return [
        f"{name}.one = insertelement {vector} undef, i64 {scalar}, i32 0",
        f"{name} = shufflevector {vector} {name}.one, {vector} undef, <{ROWS} x i32> zeroinitializer",
    ]
