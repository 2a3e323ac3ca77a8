"""`calor petab`: a PEtab problem simulated, and how likely its measurements are."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.assignments import assigned, set_option
from calor.cli.console import print_json, show_parts, watched
from calor.cli.number_types import Number
from calor.core.errors import ReportedError
from calor.engine.course import RTOL_BOUNDS, accuracy_of


@click.command(epilog="Example: calor petab problem.yaml --simulations simulated.tsv")
@click.argument("problem", type=click.Path(path_type=Path))
@click.option(
    "--parameters", "values_file", type=click.Path(path_type=Path), metavar="FILE",
    help="Table with parameterId and nominalValue (linear) in place of the problem's own values.",
)  # fmt: skip
@set_option("a parameter of the problem")
@click.option(
    "--simulations", type=click.Path(path_type=Path), metavar="FILE",
    help="Write a PEtab simulation table.",
)  # fmt: skip
@click.option(
    "--rtol", type=Number(*RTOL_BOUNDS), default=1e-8, show_default=True,
    help="Error allowed in a step, relative to what each state is then.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to stdout.")
def command(
    problem: Path,
    values_file: Path | None,
    assignments: tuple[tuple[str, float], ...],
    simulations: Path | None,
    rtol: float,
    as_json: bool,
) -> None:
    """Simulate PROBLEM, the YAML file of a PEtab problem (version 1 or 2), and weigh its measurements.

    The result has the log-likelihood, chi squared, the log posterior where there are priors, each observable,
    and with --json each measurement. Values are the problem's nominal ones; --set goes before --parameters.
    """
    # What reads and compiles takes long to load; help answers at once.
    from calor.engine.petab.assessment import Assessor
    from calor.engine.petab.parameter_table import read_values
    from calor.engine.petab.reading import read_problem
    from calor.engine.petab.simulation_table import write_simulation_table
    from calor.report.petab_table import petab_document, petab_parts

    read = read_problem(problem)
    changed = read_values(values_file, read.parameters) if values_file is not None else {}
    changed |= assigned(assignments)
    with watched() as progress:
        try:
            assessment = Assessor(read, accuracy_of(rtol, rtol * 1e-2))(changed, progress)
        except ReportedError as error:
            raise error.at(str(problem), None, None) from None
    if simulations is not None:
        write_simulation_table(read, assessment, simulations)
    document = petab_document(read, assessment)
    if as_json:
        print_json(document)
    else:
        show_parts(petab_parts(document))
