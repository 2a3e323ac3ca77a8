"""A model that is simulated piece by piece: where its states are by now, and the values given to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Progress
from calor.engine import compile_persistent_kernel
from calor.engine.archives.experiment import Variable
from calor.engine.archives.xml_tree import Element
from calor.engine.archives.xpath import Target
from calor.engine.batch import Batch, BatchResult, Kernel, Options, Status
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower
from calor.engine.outcome import failure
from calor.engine.symbolic.system import System
from calor.engine.symbolic.varying import start_of, with_given_start

TIME = "time"
AMOUNT, CONCENTRATION = "KISAO:0000836", "KISAO:0000838"

_INITIAL = frozenset({"value", "size", "volume", "initialConcentration", "initialAmount"})


@dataclass
class LoadedModel:
    """A model that was read: its name, its XML, its system, and the kernel of it with everything given."""

    name: str
    root: Element
    system: System
    file: str

    @cached_property
    def kernel(self) -> Kernel:
        """The kernel of the system in which what is computed once, at the start, is given instead."""
        return compile_persistent_kernel(with_given_start(self.system, self.system.constant_names))

    @cached_property
    def beginning(self) -> tuple[Numbers, dict[str, float]]:
        """The states (n_states,) at the start, and what is computed then, by the names that hold it."""
        program = lower(self.system)
        parameters = np.array(program.parameter_values)
        nothing = np.zeros(len(program.state_names))
        states = np.asarray(Interpreter(program, "initial")(0.0, nothing, parameters)["initial"])
        inputs = np.concatenate([states, np.zeros(len(program.delays))])  # no constant depends on these
        outputs = Interpreter(program, "outputs")(0.0, inputs, parameters)["outputs"]
        values = dict(zip(program.output_names, outputs.tolist(), strict=True))
        return states, {start_of(name): float(values[name]) for name in self.system.constant_names}

    def quantity(self, target: Target, symbol: str | None = None) -> str:
        """Return the name in the system of what a target means. Raises InputError, UnsupportedError."""
        element = target.element(self.root)
        name = element.get("id", "")
        if element.local in ("localParameter", "parameter") and name not in self.system.output_names:
            name = f"{self._reaction_of(element)}.{name}"
        if target.attribute is not None:
            raise UnsupportedError.of(
                f"the attribute in {target.text} has no course", file=target.file, line=target.line,
                hint="target the element itself",
            )  # fmt: skip
        if symbol == AMOUNT:
            name = self.system.amount_of(name)
        elif symbol == CONCENTRATION:
            name = self.system.concentration_of(name)
        if name not in self.system.output_names:
            raise InputError.of(
                f"{target.text} is no quantity of the model", file=target.file, line=target.line,
                allowed="a species, parameter, compartment or reaction",
            )  # fmt: skip
        return name

    def _reaction_of(self, element: Element) -> str:
        for reaction in self.root.everything():
            if reaction.local == "reaction" and element in reaction.everything():
                return reaction.get("id", "")
        return ""


@dataclass
class Instance:
    """A model in the course of a task. Arguments: the model; parameters and states as they are by now."""

    model: LoadedModel
    progress: Progress
    parameters: dict[str, float] = field(default_factory=dict)
    states: Numbers = field(default_factory=lambda: np.zeros(0))
    time: float = 0.0
    _went_on: bool = False

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to the model's beginning, its changes made."""
        states, constants = self.model.beginning
        self.states, self.parameters = states.copy(), dict(constants)
        self.time, self._went_on = 0.0, False

    def run(self, initial: float, times: Numbers, quantities: tuple[str, ...], options: Options) -> Numbers:
        """Simulate from a time and return quantities (n_times, n_quantities); the states go on from there."""
        if self._went_on and self.model.system.events:
            raise UnsupportedError.of(
                f"the model {self.model.name} has events and is simulated in pieces, which is not supported",
                file=self.model.file, hint="reset the model before each piece (resetModel)",
            )  # fmt: skip
        if self._went_on and self.model.system.delayed:
            raise UnsupportedError.of(
                f"the model {self.model.name} has delays and is simulated in pieces, which is not supported",
                file=self.model.file, hint="reset the model before each piece (resetModel)",
            )  # fmt: skip
        batch = self._batch(initial, times, quantities)
        result = self.model.kernel.simulate(batch, options, self.progress)
        self._check(result, batch, options)
        self.states, self.time, self._went_on = result.final_states[0], float(times[-1]), True
        _refuse_no_numbers(self.model.file, quantities, times, result.outputs[0])
        return np.asarray(result.outputs[0])

    def now(self, quantities: Sequence[str]) -> Numbers:
        """Return quantities (n_quantities,) as they are."""
        program = self.model.kernel.program
        if program.only_for_reference:
            raise UnsupportedError.of(
                f"a change computed from {self.model.name}, a model with {program.only_for_reference}, "
                "is not supported",
                file=self.model.file,
            )
        parameters = np.array(program.parameter_values)
        for name, value in self.parameters.items():
            parameters[program.parameter_names.index(name)] = value
        values = Interpreter(program, "outputs")(self.time, self.states, parameters)["outputs"]
        return np.array([values[program.output_names.index(name)] for name in quantities])

    def give(self, target: Target, value: float) -> None:
        """Give a quantity a value from now on. Raises InputError for one that a rule computes."""
        element = target.element(self.model.root)
        if target.attribute is not None and target.attribute not in _INITIAL:
            raise UnsupportedError.of(
                f"{target.text} cannot be set in a task", file=target.file, line=target.line,
                hint="target the element itself",
            )  # fmt: skip
        name = self.model.quantity(Target(target.text, target.steps, None, target.file, target.line))
        system = self.model.system
        if name in system.parameter_names:
            self.parameters[name] = value
        elif name in system.constant_names:
            self.parameters[start_of(name)] = value
        elif system.amount_of(name) in system.state_names:
            self._give_state(name, value, element, target.attribute)
        else:
            raise InputError.of(
                f"{name} follows from a rule of the model, so it cannot be set", file=target.file,
                line=target.line, hint="set what it is computed from",
            )  # fmt: skip

    def value(self, variable: Variable) -> float:
        """Return a variable as it is by now, or as the model's text has it where an attribute is targeted."""
        if variable.target is None:
            return self.time
        return float(self.now([self.model.quantity(variable.target, variable.symbol)])[0])

    def _give_state(self, name: str, value: float, element: Element, attribute: str | None) -> None:
        amount = self.model.system.amount_of(name)
        size = 1.0
        if amount != name and attribute != "initialAmount":
            size = float(self.now([element.get("compartment", "")])[0])
        if amount == name and attribute == "initialConcentration" and element.get("compartment"):
            size = float(self.now([element.get("compartment", "")])[0])
        self.states = self.states.copy()
        self.states[self.model.system.state_names.index(amount)] = value * size

    def _batch(self, initial: float, times: Numbers, quantities: tuple[str, ...]) -> Batch:
        names: Mapping[str, float] = self.parameters
        return Batch(
            save_at=times,
            outputs=quantities,
            parameter_names=tuple(names),
            parameters=np.array([list(names.values())], dtype=np.float64).reshape(1, len(names)),
            state_names=self.model.system.state_names,
            states=self.states[None],
            start=initial,
        )

    def _check(self, result: BatchResult, batch: Batch, options: Options) -> None:
        if result.status[0] != Status.FINISHED:
            error = failure(self.model.kernel, batch, result, 0, options)
            raise error.at(self.model.file, None, None)


def _refuse_no_numbers(file: str, quantities: Sequence[str], times: Numbers, values: Numbers) -> None:
    """Raise InputError for a quantity that is infinite or not a number, with its time."""
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = (int(place) for place in wrong[0])
        raise InputError.of(
            f"{quantities[column]} is {values[row, column]:g} at time {times[row]:g}", file=file,
            allowed="quantities that are finite numbers at every time that is written",
        )  # fmt: skip
