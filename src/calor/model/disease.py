"""The disease: equations in Antimony, numbers in the parameter table, and the slots a drug may act on.

The three stand in `data/`; this file joins them into one Antimony or SBML text. It knows no drug: who wants
one to act gives a formula for a slot.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from calor.core.documents import read_document
from calor.core.provenance import sha256_of_text
from calor.model.parameters import ParameterTable, read_parameters

SLOT_PREFIX = "slot_"


@dataclass(frozen=True)
class Slot:
    """A process that drugs may act on; the model's symbol is `slot_<name>`, and 1 is no action."""

    name: str
    process: str

    @property
    def symbol(self) -> str:
        """The name of the slot in the equations."""
        return SLOT_PREFIX + self.name


@dataclass(frozen=True)
class Variable:
    """A state or an assigned quantity of the model, with its name in words, module and unit."""

    identifier: str
    name: str
    module: str
    unit: str
    kind: str


@dataclass(frozen=True)
class Disease:
    """The disease without drugs.

    Arguments: the Antimony text of the equations and of the units, the parameter table, the variables and
    the slots.
    """

    equations: str
    units: str
    parameters: ParameterTable
    variables: tuple[Variable, ...]
    slots: tuple[Slot, ...]

    @property
    def states(self) -> tuple[Variable, ...]:
        """The variables with a differential equation."""
        return tuple(variable for variable in self.variables if variable.kind == "state")

    def antimony(
        self,
        slot_formulas: Mapping[str, str] | None = None,
        additions: str = "",
        inflows: Mapping[str, str] | None = None,
    ) -> str:
        """Return the whole model as Antimony.

        Arguments: a formula for each slot that something acts on (by slot name), further Antimony lines
        (the drugs), and what flows into states of the disease from outside (formulas by state: immunoglobulin
        from under the skin). Raises ValueError for a slot or state that does not exist.
        """
        formulas = dict(slot_formulas or {})
        unknown = sorted(set(formulas) - {slot.name for slot in self.slots})
        if unknown:
            raise ValueError(f"no such slot: {', '.join(unknown)}")
        head, end = self.equations.rsplit("\nend", 1)
        for state, formula in (inflows or {}).items():
            head, found = re.subn(rf"^( *{state}' = .*)$", rf"\1 + {formula}", head, flags=re.MULTILINE)
            if found != 1:
                raise ValueError(f"no such state: {state}")
        numbers = [f"  {row.identifier} = {row.value!r}" for row in self.parameters]
        slots = [
            f"  {slot.symbol} := {formulas[slot.name]}" if slot.name in formulas else f"  {slot.symbol} = 1"
            for slot in self.slots
        ]
        declared = {row.identifier: row.unit for row in self.parameters}
        declared |= {variable.identifier: variable.unit for variable in self.variables}
        declared |= {slot.symbol: "dimensionless" for slot in self.slots}
        of_units = [f"  {symbol} has {unit}" for symbol, unit in declared.items()]
        parts = [head, *numbers, *slots, self.units.rstrip("\n"), *of_units]
        return "\n".join([*parts, additions.rstrip("\n"), "end" + end]) + "\n"

    @property
    def sha256(self) -> str:
        """The hash of the model: equations, numbers and slots."""
        return sha256_of_text(self.antimony())


@cache
def load_disease() -> Disease:
    """Return the disease that ships with calor."""
    data = Path(str(files("calor.model"))) / "data"
    slots = read_document(data / "slots.yaml").data["slots"]
    return Disease(
        equations=(data / "disease.ant").read_text(encoding="utf-8"),
        units=(data / "units.ant").read_text(encoding="utf-8"),
        parameters=read_parameters(data / "parameters.tsv"),
        variables=_read_variables(data / "variables.tsv"),
        slots=tuple(Slot(slot["name"], slot["process"]) for slot in slots),
    )


def _read_variables(path: Path) -> tuple[Variable, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Variable(row["variableId"], row["variableName"], row["module"], row["unit"], row["kind"])
            for row in csv.DictReader(file, delimiter="\t")
        )
