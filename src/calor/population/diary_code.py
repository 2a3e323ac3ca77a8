"""`diary.ratings_in_trial` as machine code, four people at a time."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Words
from calor.population.score_text import LANES, number, score_lines, tail_lines

_making = threading.Lock()


def ratings(
    words: Words,
    level: Numbers,
    kinds: NDArray[np.integer],
    keep: Numbers,
    fresh: Numbers,
    slow_before: Numbers,
    noise: Numbers,
    missing_share: Numbers,
) -> Numbers:
    """Return the ratings that people write down, NaN on missed days, (n, n_days).

    Arguments: random words and the level (n, n_days); which kind of gap lies before each day (n_days,); the
    share of the slow part that a gap keeps and the variance that it adds (n_kinds, n); the slow part before
    the first day, the variance of a day's noise and the share of missed days (n,).
    """
    level = np.asarray(level, dtype=np.float64)
    n, n_days = level.shape
    padded = -n % LANES
    people = np.vstack([keep, fresh, slow_before[None, :], noise[None, :], missing_share[None, :]])
    people = np.ascontiguousarray(np.pad(people, ((0, 0), (0, padded)), mode="edge"))
    if padded:
        words = np.pad(words, ((0, padded), (0, 0)), mode="edge")
        level = np.pad(level, ((0, padded), (0, 0)), mode="edge")
    found = np.empty((n_days, n + padded))
    gaps = np.ascontiguousarray(kinds, dtype=np.int64)
    numbers = [len(keep), n + padded, n_days, *_steps(words), *_steps(level)]
    _function()(*(each.ctypes.data for each in (found, words, level, gaps, people)), *numbers)
    return found[:, :n].T


def _steps(values: Words | Numbers) -> list[int]:
    """Return how many numbers lie between rows and between columns."""
    return [step // values.itemsize for step in values.strides]


@lru_cache
def _loaded() -> tuple[object, Callable[..., None]]:
    from calor.core import machine

    library = machine.compiled(module_text())
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5, *[ctypes.c_int64] * 7)
    return library, prototype(library.address("diary"))


def _function() -> Callable[..., None]:
    with _making:  # two threads that compile at once would each load a library of the same name
        return _loaded()[1]


def module_text() -> str:
    """Return the module: the tail of the normal quantile, and a loop over people and in it one over days."""
    people = [*_row("before", "%row.before"), *_row("noise", "%row.noise"), *_row("missing", "%row.missing")]
    bodies = {"TAIL_BODY": tail_lines(), "PEOPLE_BODY": people, "DAY_BODY": _day()}
    text = _MODULE
    for name, lines in bodies.items():
        text = text.replace(name, "\n  ".join(lines))
    for name, kind in (("V", "double"), ("I", "i64"), ("M", "i1")):
        text = text.replace(f" {name} ", f" <{LANES} x {kind}> ")
    return text


def _uniform(name: str, bits: str, half: float) -> list[str]:
    """Return the lines of (32 bits + half) / 2^32; an exponent in front of the bits makes them a float."""
    return [
        f"%{name}.m = or I {bits}, <{', '.join([f'i64 {0x4330000000000000}'] * LANES)}>",
        f"%{name}.d = bitcast I %{name}.m to <{LANES} x double>",
        f"%{name}.w = fsub V %{name}.d, {number(2.0**52)}",
        f"%{name}.h = fadd V %{name}.w, {number(half)}",
        f"%{name} = fmul V %{name}.h, {number(2.0**-32)}",
    ]


def _gather(name: str, source: str, kind: str, vector: str) -> list[str]:
    """Return the lines that take a day's numbers of the people, which lie a row apart."""
    lines, last = [], "undef"
    for person in range(LANES):
        end = f"%{name}" if person == LANES - 1 else f"%{name}.g{person}"
        lines += [
            f"%{name}.r{person} = add i64 %person, {person}",
            f"%{name}.s{person} = mul i64 %{name}.r{person}, %{source}_row",
            f"%{name}.c{person} = mul i64 %day, %{source}_column",
            f"%{name}.i{person} = add i64 %{name}.s{person}, %{name}.c{person}",
            f"%{name}.p{person} = getelementptr {kind}, {kind}* %{source}, i64 %{name}.i{person}",
            f"%{name}.v{person} = load {kind}, {kind}* %{name}.p{person}",
            f"{end} = insertelement {vector} {last}, {kind} %{name}.v{person}, i32 {person}",
        ]
        last = end
    return lines


def _row(name: str, row: str) -> list[str]:
    """Return the lines that load a row of the table of people."""
    return [
        f"%{name}.s = mul i64 {row}, %n",
        f"%{name}.i = add i64 %{name}.s, %person",
        f"%{name}.p = getelementptr double, double* %people, i64 %{name}.i",
        f"%{name}.v = bitcast double* %{name}.p to <{LANES} x double>*",
        f"%{name} = load V , <{LANES} x double>* %{name}.v, align 8",
    ]


def _day() -> list[str]:
    """Return the lines of one day: what `diary.ratings_in_trial` says, in an order that decides the bits."""
    zero = number(0.0)
    thirty_two, low = ("<" + ", ".join([f"i64 {value}"] * LANES) + ">" for value in (32, 2**32 - 1))
    return [
        *_gather("word", "words", "i64", "I"),
        f"%high = lshr I %word, {thirty_two}",
        f"%low = and I %word, {low}",
        *_uniform("u", "%high", 0.5),
        *_uniform("miss", "%low", 0.0),
        *score_lines(),
        "%gap.p = getelementptr i64, i64* %gaps, i64 %day",
        "%gap = load i64, i64* %gap.p",
        "%gap.f = add i64 %gap, %n_kinds",
        *_row("keep", "%gap"),
        *_row("fresh", "%gap.f"),
        "%m1 = fmul V %mean, %keep",
        "%keep2 = fmul V %keep, %keep",
        "%v1 = fmul V %variance, %keep2",
        "%v2 = fadd V %v1, %fresh",
        "%total = fadd V %v2, %noise",
        f"%some = fcmp ogt V %total, {zero}",
        "%ratio = fdiv V %v2, %total",
        f"%gain = select M %some, V %ratio, V {zero}",
        f"%root = call V @llvm.sqrt.v{LANES}f64( V %total)",
        f"%deviation = fmul V %z.{LANES}, %root",
        "%change = fmul V %gain, %deviation",
        "%part = fadd V %deviation, %m1",
        "%mean.next = fadd V %m1, %change",
        "%less = fmul V %gain, %v2",
        "%variance.next = fsub V %v2, %less",
        *_gather("level.d", "level", "double", "V"),
        "%felt = fadd V %part, %level.d",
        f"%under = fcmp olt V %felt, {zero}",
        f"%floor = select M %under, V {zero}, V %felt",
        f"%over = fcmp ogt V %floor, {number(10.0)}",
        f"%clipped = select M %over, V {number(10.0)}, V %floor",
        f"%whole = call V @llvm.rint.v{LANES}f64( V %clipped)",
        "%missed = fcmp olt V %miss, %missing",
        f"%written = select M %missed, V {number(float('nan'))}, V %whole",
        "%to.s = mul i64 %day, %n",
        "%to.i = add i64 %to.s, %person",
        "%to.p = getelementptr double, double* %found, i64 %to.i",
        f"%to.v = bitcast double* %to.p to <{LANES} x double>*",
        f"store V %written, <{LANES} x double>* %to.v, align 8",
    ]


_MODULE = f"""declare double @log(double)
declare double @llvm.sqrt.f64(double)
declare V @llvm.sqrt.v{LANES}f64( V )
declare V @llvm.rint.v{LANES}f64( V )

define double @tail(double %y) {{
  TAIL_BODY
  ret double %found
}}

define void @diary(double* %found, i64* %words, double* %level, i64* %gaps, double* %people,
    i64 %n_kinds, i64 %n, i64 %n_days, i64 %words_row, i64 %words_column,
    i64 %level_row, i64 %level_column) {{
entry:
  %row.before = mul i64 %n_kinds, 2
  %row.noise = add i64 %row.before, 1
  %row.missing = add i64 %row.before, 2
  %somebody = icmp sgt i64 %n, 0
  %some_day = icmp sgt i64 %n_days, 0
  %any = and i1 %somebody, %some_day
  br i1 %any, label %each, label %done
each:
  %person = phi i64 [ 0, %entry ], [ %person.next, %each.end ]
  PEOPLE_BODY
  br label %daily
daily:
  %day = phi i64 [ 0, %each ], [ %day.next, %after.{LANES - 1} ]
  %mean = phi V [ %before, %each ], [ %mean.next, %after.{LANES - 1} ]
  %variance = phi V [ zeroinitializer, %each ], [ %variance.next, %after.{LANES - 1} ]
  DAY_BODY
  %day.next = add i64 %day, 1
  %more = icmp slt i64 %day.next, %n_days
  br i1 %more, label %daily, label %each.end
each.end:
  %person.next = add i64 %person, {LANES}
  %more_people = icmp slt i64 %person.next, %n
  br i1 %more_people, label %each, label %done
done:
  ret void
}}
"""
