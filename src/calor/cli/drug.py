"""`calor drug`: the drug library, and one drug with every number and its source."""

from __future__ import annotations

import click

from calor.cli.console import console, print_json, watched
from calor.cli.options import excludes, needs


@click.command(epilog="Examples: calor drug · calor drug infliximab · calor drug prednisolone --antimony")
@click.argument("drug", metavar="[ID]", required=False)
@click.option("--antimony", is_flag=True, help="Print the drug's generated equations instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@needs("--antimony", "ID")
@excludes("--antimony", "--json")
def command(drug: str | None, antimony: bool, as_json: bool) -> None:
    """Show the drug library, or one drug: ID or another name of it, or the path of a drug file.

    Every number comes with its source, its grade (verified, secondary, recalled) and its status (measured,
    derived, calibrated, assumed). The published facts are simulated afresh, beside what was published.
    """
    if drug is None:
        _show_library(as_json)
        return
    # What knows and simulates drugs takes long to load, and help is answered without it.
    from calor.report.drug_document import drug_document, studies_of
    from calor.report.drug_page import print_drug
    from calor.therapy.checking import run_checks
    from calor.therapy.compose import antimony_of
    from calor.therapy.library import load_drug

    chosen = load_drug(drug)
    if antimony:
        click.echo(antimony_of(chosen), nl=False)
        return
    with watched() as progress:
        progress.start("simulating the published facts", 1)
        outcomes = run_checks(chosen)
        progress.advance()
    studies = studies_of(chosen)
    if as_json:
        print_json(drug_document(chosen, outcomes, studies))
    else:
        print_drug(console(), chosen, outcomes, studies)


def _show_library(as_json: bool) -> None:
    from calor.report.drug_page import print_library
    from calor.therapy.inventory import share_of_status
    from calor.therapy.library import load_library

    drugs = load_library()
    if not as_json:
        print_library(console(), drugs)
        return
    print_json(
        {
            "drugs": [
                {
                    "id": drug.id,
                    "name": drug.name,
                    "kind": drug.kind,
                    "routes": list(drug.pharmacokinetics.routes),
                    "slots": sorted({action.slot for action in drug.actions}),
                    "acknowledgements": [item.id for item in drug.safety.acknowledgements],
                    "numbers": share_of_status(drug),
                }
                for drug in drugs
            ]
        }
    )
