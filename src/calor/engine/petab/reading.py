"""A PEtab problem read from its files."""

from __future__ import annotations

from pathlib import Path

from calor.engine.petab import version_1, version_2
from calor.engine.petab.aliases import with_model_names
from calor.engine.petab.files import read_problem_files
from calor.engine.petab.measurement_table import read_measurements
from calor.engine.petab.observable_table import read_observables
from calor.engine.petab.parameter_table import read_parameters
from calor.engine.petab.problem import PetabProblem


def read_problem(path: Path) -> PetabProblem:
    """Return the problem of a YAML file of PEtab version 1 or 2; formulas are read, never run.

    Raises InputError, with file, line and column, for what is wrong; UnsupportedError for what is not
    supported, by name.
    """
    files = read_problem_files(path)
    parameters = read_parameters(files.parameters, files.version)
    observables = read_observables(files.observables, files.version)
    if files.version == 1:
        first = version_1.read_conditions(files.conditions)
        measurements = read_measurements(
            files.measurements, (version_1.SIMULATED,),
            lambda row: version_1.experiment_name(row, first), observables, parameters,
        )  # fmt: skip
        experiments = version_1.experiments_of({row.experiment for row in measurements}, first)
    else:
        conditions = version_2.read_conditions(files.conditions, parameters)
        every = version_2.read_experiments(files.experiments, conditions)
        measurements = read_measurements(
            files.measurements, ("experimentId",),
            lambda row: version_2.experiment_name(row, every), observables, parameters,
        )  # fmt: skip
        used = {row.experiment for row in measurements}
        experiments = {name: every[name] for name in every if name in used}
    read = PetabProblem(
        file=files.yaml,
        version=files.version,
        model=files.model,
        parameters=parameters,
        observables=observables,
        experiments=experiments,
        measurements=measurements,
    )
    return with_model_names(read, version_2.read_aliases(files.mappings))
