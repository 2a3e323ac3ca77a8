"""What is kept as arrays comes back as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from typing_extensions import TypeAliasType

from calor.store.packing import packed, unpacked

Number = TypeVar("Number")
Aliased = TypeAliasType("Aliased", "np.ndarray[Any, np.dtype[Number]]", type_params=(Number,))


@dataclass(frozen=True)
class Kept:
    """An array whose type is an alias, as NumPy writes its own from version 2.5 on."""

    values: Aliased[np.float64]


def test_an_array_whose_type_is_an_alias_comes_back() -> None:
    back = unpacked(Kept, packed(Kept(np.array([1.0, 2.5]))))
    np.testing.assert_array_equal(back.values, [1.0, 2.5])
