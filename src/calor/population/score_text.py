"""LLVM text of standard normal scores by inversion, with the bits of SciPy's `ndtri`.

In the text V, I and M stand for vectors of floats, of 64-bit words and of truths.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LANES = 4
"""Numbers at once; LLVM cuts them to what the processor's vectors hold, which changes no bit."""

TAIL = 0.13533528323661269189
"""exp(-2): beyond this share from either end the quantile is computed from its logarithm."""

# The rational functions of Cephes' ndtri (Moshier 1989, Methods and Programs for Mathematical Functions), as
# SciPy has them. Its third pair is for shares below exp(-32), which scores of 32 bits never reach.
CENTRE = (
    (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439, 13.9312609387279679503,
     -1.23916583867381258016),
    (1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575, -225.462687854119370527,
     200.260212380060660359, -82.0372256168333339912, 15.9056225126211695515, -1.18331621121330003142),
)  # fmt: skip
ENDS = (
    (4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162, 44.0805073893200834700,
     14.6849561928858024014, 2.18663306850790267539, -0.140256079171354495875, -0.0350424626827848203418,
     -8.57456785154685413611e-4),
    (15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440, 15.0425385692907503408,
     2.50464946208309415979, -0.142182922854787788574, -0.0380806407691578277194, -9.33259480895457427372e-4),
)  # fmt: skip
ROOT_OF_TWO_PI = 2.50662827463100050242


def number(value: float, kind: str = "V") -> str:
    """Return a constant as LLVM writes its bits."""
    bits = f"double 0x{np.float64(value).view(np.uint64):016X}"
    return bits[7:] if kind == "double" else "<" + ", ".join([bits] * LANES) + ">"


def _rational(name: str, x: str, pair: tuple[Sequence[float], Sequence[float]], kind: str) -> list[str]:
    """Return the lines of top and bottom by Horner's rule, %name.top and %name.bottom (led by x itself)."""
    top, bottom = pair
    lines = []
    for part, coefficients, last in (("top", top[1:], number(top[0], kind)), ("bottom", bottom[1:], "")):
        if not last:
            last = f"%{name}.bottom.s"
            lines.append(f"{last} = fadd {kind} {x}, {number(bottom[0], kind)}")
        for place, coefficient in enumerate(coefficients):
            end = f"%{name}.{part}" + ("" if place == len(coefficients) - 1 else f".{place}")
            lines.append(f"%{name}.{part}.p{place} = fmul {kind} {last}, {x}")
            lines.append(f"{end} = fadd {kind} %{name}.{part}.p{place}, {number(coefficient, kind)}")
            last = end
    return lines


def tail_lines() -> list[str]:
    """Return the lines of -ndtri(y), %found, for a share y of at most exp(-2)."""
    return [
        "%log = call double @log(double %y)",
        f"%twice = fmul double {number(-2.0, 'double')}, %log",
        "%x = call double @llvm.sqrt.f64(double %twice)",
        "%log_x = call double @log(double %x)",
        "%correction = fdiv double %log_x, %x",
        "%x0 = fsub double %x, %correction",
        f"%z = fdiv double {number(1.0, 'double')}, %x",
        *_rational("r", "%z", ENDS, "double"),
        "%scaled = fmul double %z, %r.top",
        "%x1 = fdiv double %scaled, %r.bottom",
        "%found = fsub double %x0, %x1",
    ]


def score_lines() -> list[str]:
    """Return the lines of the normal quantile of %u, %z: the centre for all at once, the tails one by one."""
    lines = [
        f"%upper = fcmp ogt V %u, {number(1.0 - TAIL)}",
        f"%other = fsub V {number(1.0)}, %u",
        "%y = select M %upper, V %other, V %u",
        f"%central = fcmp ogt V %y, {number(TAIL)}",
        f"%c = fsub V %y, {number(0.5)}",
        "%c2 = fmul V %c, %c",
        *_rational("q", "%c2", CENTRE, "V"),
        "%q.a = fmul V %c2, %q.top",
        "%q.b = fdiv V %q.a, %q.bottom",
        "%q.c = fmul V %c, %q.b",
        "%q.d = fadd V %c, %q.c",
        f"%z.0 = fmul V %q.d, {number(ROOT_OF_TWO_PI)}",
    ]
    for lane in range(LANES):
        before = f"start.{lane}"
        lines += [
            f"br label %start.{lane}",
            f"start.{lane}:",
            f"%in.{lane} = extractelement M %central, i32 {lane}",
            f"br i1 %in.{lane}, label %after.{lane}, label %tail.{lane}",
            f"tail.{lane}:",
            f"%y.{lane} = extractelement V %y, i32 {lane}",
            f"%t.{lane} = call double @tail(double %y.{lane})",
            f"%minus.{lane} = fneg double %t.{lane}",
            f"%up.{lane} = extractelement M %upper, i32 {lane}",
            f"%s.{lane} = select i1 %up.{lane}, double %t.{lane}, double %minus.{lane}",
            f"%put.{lane} = insertelement V %z.{lane}, double %s.{lane}, i32 {lane}",
            f"br label %after.{lane}",
            f"after.{lane}:",
            f"%z.{lane + 1} = phi V [ %z.{lane}, %{before} ], [ %put.{lane}, %tail.{lane} ]",
        ]
    return lines
