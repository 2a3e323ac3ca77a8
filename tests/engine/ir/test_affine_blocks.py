"""Which leading states are solved one after the other, and which are not."""

from __future__ import annotations

import pytest

from calor.engine import load_antimony
from calor.engine.ir.affine_blocks import MOST_STATES, affine_blocks
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.lowering import lower
from calor.model.disease import load_disease
from calor.therapy.compose import compose
from calor.therapy.library import load_drug

# Two compartments, an effect drawn to a saturable target, one that two of them move; a ring of slow states.
MODEL = """
slowest' = 30*effect*(1 + central) - 8*slowest; effect' = 9*(central/(0.4 + central) - effect)
deep' = 4*central - 3*deep; central' = ka*depot - ke*central + 3*deep - 4*central
depot' = -ka*depot
a' = 0.05 - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - 0.8*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c*(1 - 0.3*slowest) - 0.02*d; e' = 0.1*(a - e); f' = 0.1*(b - f)
g' = 0.1*(c - g); h' = 0.1*(d - h); i' = 0.1*(a - i); j' = 0.1*(b - j)
ka = 40; ke = 2; depot = 0; central = 0; deep = 0; effect = 0; slowest = 1
a = 1; b = 1; c = 1; d = 1; e = 0; f = 0; g = 0; h = 0; i = 0; j = 0
"""


def blocks_of(text: str) -> list[set[str]]:
    program = leading_first(lower(load_antimony(text)))
    return [{program.state_names[state] for state in block} for block in affine_blocks(program)]


def test_every_block_stands_after_what_it_depends_on() -> None:
    assert blocks_of(MODEL) == [{"depot"}, {"central", "deep"}, {"effect"}, {"slowest"}]


@pytest.mark.parametrize(
    "rates",
    [
        ("- ke*central", "- ke*central/(3 + central)"),  # saturable
        ("- ke*central", "- ke*(1 + 0.1*sin(time))*central"),  # a rate constant that depends on time
        ("- ke*central", "- ke*central*depot"),  # on an earlier state
        ("- ke*central", "- weight*central; weight' = 0; weight = 2"),  # on what a calendar may set
        ("- 8*slowest", "- 8*slowest^2"),
        ("- 8*slowest", "- 8*sqrt(slowest)"),
        ("- 8*slowest", "- 8*slowest^n; n = 1.5"),
    ],
)
def test_one_state_that_is_not_affine_in_itself_refuses_all(rates: tuple[str, str]) -> None:
    assert blocks_of(MODEL.replace(*rates)) == []


@pytest.mark.parametrize(
    "rates",
    [
        ("depot' = -ka*depot", "depot' = -ka*depot + 3*sin(time)"),  # what drives it may depend on time
        ("- ke*central", "- ke^1.5*log(ka)*central"),  # and constants on parameters
        ("- 8*slowest", "- 8*slowest + weight; weight' = 0; weight = 2"),
    ],
)
def test_what_drives_a_state_may_be_of_any_kind(rates: tuple[str, str]) -> None:
    assert {"slowest"} in blocks_of(MODEL.replace(*rates))


def test_many_states_that_depend_on_each_other_are_refused() -> None:
    def model(back: str) -> str:
        chain = "; far1' = 4*deep - 7*far1; far2' = 4*far1 - 7*far2; far3' = 4*far2 - 3*far3"
        more = "; far1 = 0; far2 = 0; far3 = 0; k' = 0.1*(a - k); l' = 0.1*(b - l); k = 0; l = 0"
        ring = MODEL.replace("0.05 - 0.03*d*a", "0.001*(e + f + g + h) - 0.03*d*(1 + far3)*a")
        ring = ring.replace("- 3*deep;", f"- 3*deep{back};")
        return ring + chain + more

    four, five = model(" + far2"), model(" + far3")
    assert leading_first(lower(load_antimony(five))).leading == 8
    assert {"central", "deep", "far1", "far2"} in blocks_of(four)
    assert blocks_of(five) == []


def test_very_many_leading_states_are_refused() -> None:
    def model(chain: int) -> str:
        sites = "".join(f"; s{i}' = 50*(depot - s{i}); s{i} = 0" for i in range(chain))
        rest = "".join(f"; r{i}' = 0.01*(a - r{i}); r{i} = 0" for i in range(chain))
        total = " + ".join(f"s{i}" for i in range(chain))
        return MODEL.replace("a' = 0.05", f"a' = 0.001*({total}) + 0.05") + sites + rest

    assert len(blocks_of(model(MOST_STATES - 5))) == MOST_STATES - 1
    assert blocks_of(model(MOST_STATES - 4)) == []


def test_where_nothing_leads_there_are_no_blocks() -> None:
    assert affine_blocks(lower(load_antimony(MODEL))) == ()


@pytest.mark.parametrize("drug", ["prednisolone", "dexamethasone", "thalidomide", "mycophenolate"])
def test_the_kinetics_of_oral_drugs_are_affine(drug: str) -> None:
    found = blocks_of(compose(load_disease(), [load_drug(drug)]).antimony)
    assert any(f"{drug}_central" in block for block in found)
