"""`calor trials`: the published trials that can be run by id."""

from __future__ import annotations

import click
from rich.table import Table

from calor.cli.console import console, print_json
from calor.trial.document import published_of
from calor.trial.published import published_protocols


@click.command(epilog="Example: calor trials, then calor trial goebel-2010")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(as_json: bool) -> None:
    """List the published trials that ship as protocols.

    Role "held-back": its result is kept out of every fit that is used to judge calor. Role "calibration":
    its result may be used in a fit.
    """
    protocols = published_protocols()
    found = {identifier: published_of(protocol) for identifier, protocol in protocols.items()}
    if as_json:
        print_json(
            {
                "trials": [
                    {
                        "id": identifier,
                        "role": protocol.role,
                        "title": protocol.title,
                        "design": protocol.design.type,
                        "patients": protocol.patients,
                        "published": {
                            "value": published.value,
                            "direction": str(published.direction),
                            "grade": str(published.grade) if published.grade else None,
                        }
                        if (published := found[identifier])
                        else None,
                    }
                    for identifier, protocol in protocols.items()
                ]
            }
        )
        return
    table = Table(title="Published trials that can be run", title_justify="left", width=80)
    table.add_column("id", no_wrap=True)
    for heading in ("role", "design", "n", "published result"):
        table.add_column(heading)
    for identifier, protocol in protocols.items():
        published = found[identifier]
        direction = f"{published.direction} ({published.grade})" if published else "none on record"
        table.add_row(identifier, protocol.role, protocol.design.type, str(protocol.patients), direction)
    console().print(table)
    console().print("Run one: calor trial ID")
