"""The tolerances of a single simulation where none are given."""

from __future__ import annotations

RTOL = 1e-9
"""Error allowed in a step, relative to what each state is then."""

ATOL = 1e-16
"""Error allowed in a step, relative to the largest that each state has been. What has fallen to 1e-12 of its
largest may grow again (a virus, a tumour), so this reaches down to where rounding begins."""
