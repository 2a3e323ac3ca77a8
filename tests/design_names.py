"""The designs that a protocol can have, as its schema names them."""

from __future__ import annotations

from typing import get_args

from calor.study import Design

DESIGNS = tuple(
    get_args(design.model_fields["type"].annotation)[0] for design in get_args(get_args(Design)[0])
)
