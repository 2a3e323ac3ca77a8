"""Mistakes in notes, annotations, drawings, display names and metaids stop nothing: they change no number."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import ReportedError
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Options
from calor.engine.importers.sbml_stripping import without_what_changes_no_number

LAYOUT = "http://www.sbml.org/sbml/level3/version1/layout/version1"
RENDER = "http://www.sbml.org/sbml/level3/version1/render/version1"
COMP = "http://www.sbml.org/sbml/level3/version1/comp/version1"
MULTI = "http://www.sbml.org/sbml/level3/version1/multi/version1"
LAYOUT_2 = "http://projects.eml.org/bcb/sbml/level2"
LEVEL_2 = ("http://www.sbml.org/sbml/level2/version4", 'level="2" version="4"', "")
LEVEL_3 = (
    "http://www.sbml.org/sbml/level3/version1/core",
    'level="3" version="1"',
    'constant="false" boundaryCondition="false" hasOnlySubstanceUnits="false"',
)


def decay(level: tuple[str, str, str], *, root: str = "", model: str = "", inside: str = "") -> str:
    """Return S' = -0.5 S with S = 1, with something more on the root, on the model and in the model."""
    namespace, number, flags = level
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="{namespace}" {number} {root}><model id="m" {model}>{inside}
<listOfCompartments><compartment id="c" size="1" {flags and 'constant="true"'}/></listOfCompartments>
<listOfSpecies><species id="S" compartment="c" initialConcentration="1" {flags}/></listOfSpecies>
<listOfRules><rateRule variable="S"><math xmlns="http://www.w3.org/1998/Math/MathML">
<apply><times/><cn>-0.5</cn><ci>S</ci></apply></math></rateRule></listOfRules></model></sbml>"""


@pytest.mark.parametrize(
    "text",
    [
        decay(LEVEL_2, inside="<notes><p>a note without the XHTML namespace</p></notes>"),
        decay(LEVEL_2, inside="<notes/>"),
        decay(LEVEL_2, inside='<notes><p xmlns="http://www.w3.org/1999/xhtml">&#xe9; é > 1 /></p></notes>'),
        decay(LEVEL_2, inside="<annotation>no element</annotation>"),
        decay(LEVEL_2, inside='<annotation><a xmlns="u:1"/><b xmlns="u:1"/></annotation>'),
        decay(LEVEL_2, inside="<annotation><species/></annotation>"),
        decay(LEVEL_2, root=f'xmlns:layout="{LAYOUT}" layout:required="false"'),
        decay(LEVEL_2, root=f'xmlns:layout_L2="{LAYOUT_2}" layout_L2:required="false"'),
        decay(LEVEL_2, model='metaid="1 2"'),
        decay(LEVEL_2, model='sboTerm="SBO:none"'),
        decay(LEVEL_3, root=f'xmlns:comp="{COMP}" comp:required="true"'),
        decay(
            LEVEL_3,
            root=f'xmlns:layout="{LAYOUT}" layout:required="false"'
            f' xmlns:render="{RENDER}" render:required="false"',
            inside="<layout:listOfLayouts><render:listOfGlobalRenderInformation><render:nonsense/>"
            "</render:listOfGlobalRenderInformation></layout:listOfLayouts>",
        ),
    ],
)
def test_what_changes_no_number_stops_nothing(text: str) -> None:
    batch = Batch(np.array([2.0]), ("S",))
    result = compile_kernel(load_sbml(text), "reference").simulate(batch, Options(rtol=1e-9, atol=1e-12))
    assert result.outputs[0, 0, 0] == pytest.approx(np.exp(-1.0), rel=1e-7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (decay(LEVEL_2, inside="<notes><p>one</p></notes>\n<nonsense/>"), "'nonsense'"),
        (decay(LEVEL_2, model='id2="m"'), "line 2: .*Attribute 'id2'"),
        (
            decay(
                LEVEL_3,
                root=f'xmlns:comp="{COMP}" comp:required="true"',
                inside='<comp:listOfSubmodels><comp:submodel comp:id="a" comp:modelRef="b"/>'
                "</comp:listOfSubmodels>",
            ),
            "the SBML package 'comp'",
        ),
        (decay(LEVEL_3, root=f'xmlns:multi="{MULTI}" multi:required="true"'), "the SBML package 'multi'"),
    ],
)
def test_what_a_simulation_depends_on_does(text: str, message: str) -> None:
    with pytest.raises(ReportedError, match=message):
        load_sbml(text)


def test_only_the_harmless_is_taken_out_and_every_line_stays() -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<sbml xmlns="http://www.sbml.org/sbml/level2"><notes>\n'
        '<a/></notes><notes/><keep>ä</keep><x:notes xmlns:x="u:other">1</x:notes><annotation/></sbml>'
    )
    found = without_what_changes_no_number(text)
    assert found.splitlines()[1].split() == ["<sbml", 'xmlns="http://www.sbml.org/sbml/level2">']
    assert found.splitlines()[2].split() == [
        "<keep>ä</keep><x:notes",
        'xmlns:x="u:other">1</x:notes>',
        "</sbml>",
    ]
