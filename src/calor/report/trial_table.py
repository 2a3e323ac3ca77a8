"""A trial's prediction as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 80
SHOWN_NAMES = 6
"""Parameters named in a remark; the JSON document has all."""


def print_trial(document: dict[str, Any], console: Console) -> None:
    """Print a result document: the question, arms, contrast, rivals, and what to keep in mind."""
    trial = document["trial"]
    console.print(f"[bold]{trial['title']}[/bold]")
    console.print(f"{trial['id']} · {trial['design']} · {trial['endpoint']} · {trial['analysis']}")
    origin = _origin(document["posterior"])
    console.print(f"[bold]status: {document['status']}[/bold] · {origin} · {_role(document)}", width=WIDTH)
    console.print()
    console.print(_arms(document))
    console.print(_contrast(document))
    if len(document["contrasts"]) > 1:
        console.print(_more_contrasts(document))
    console.print(_rivals(document))
    console.print(_design(document))
    if document["operating_characteristics"]["subgroups"]:
        console.print(_subgroups(document))
    if any(arm["expected_events"] for arm in document["arms"]):
        console.print(_harm(document))
    for line in _remarks(document):
        console.print(line, width=WIDTH)


def print_search(document: dict[str, Any], console: Console) -> None:
    """Print the search of a trial's size."""
    trial = document["trial"]
    console.print(f"[bold]{trial['title']}[/bold]")
    console.print(
        f"{trial['id']} · {trial['design']} · {trial['endpoint']} · {trial['analysis']}", width=WIDTH
    )
    console.print(f"[bold]status: {document['status']}[/bold] · given {document['given']}", width=WIDTH)
    console.print()
    table = Table(title="Sizes that were tried", title_justify="left")
    table.add_column("patients", justify="right")
    table.add_column("power", justify="right")
    table.add_column("enrolled on average", justify="right")
    for step in document["tried"]:
        enrolled = _with_error(step["expected_patients"], 1)
        table.add_row(str(step["patients"]), _with_error(step["power"], 3), enrolled)
    console.print(table)
    console.print(
        f"{document['patients']} patients reach a power of {document['target_power']:g}: "
        f"{_with_error(document['power'], 3)} (Monte Carlo error).",
        width=WIDTH,
    )


def _arms(document: dict[str, Any]) -> Table:
    table = Table(title="Arms (the endpoint as it is measured)", title_justify="left", width=WIDTH)
    table.add_column("arm")
    for heading in ("n", "baseline", "endpoint", "SD between patients"):
        table.add_column(heading, justify="right")
    for arm in document["arms"]:
        values = (arm["baseline_mean"], arm["endpoint_mean"], arm["endpoint_sd"])
        table.add_row(arm["name"], f"{arm['n']:.0f}", *map(_number_text, values))
    return table


def _contrast(document: dict[str, Any]) -> Table:
    contrast = document["contrast"]
    table = Table(
        title=f"Contrast: {contrast['label']}, {contrast['unit']}{_sign(contrast['unit'])}",
        title_justify="left",
        width=WIDTH,
    )
    table.add_column("")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("what it spans")
    mean = f"{contrast['predicted_mean']:+.2f} ± {contrast['monte_carlo_error']:.2f}"
    rivals = ("rivals' means", "", interval_text(contrast["range_over_rivals"]), "lowest to highest")
    effect = ("effect", mean, interval_text(contrast["effect_interval95"]), "what is uncertain")
    for row in (rivals, effect) if contrast["leads"] == "range_over_rivals" else (effect, rivals):
        table.add_row(*row)
    table.add_row("trial result", "", interval_text(contrast["trial_result_interval95"]), "and sampling")
    table.add_row(*published_row(contrast["published"]))
    return table


def _origin(posterior: dict[str, Any]) -> str:
    """Return where the worlds come from, in words."""
    if posterior["name"] == "prior":
        return "the priors"
    date = f" of {posterior['date']}" if posterior["date"] else ""
    return f"posterior {posterior['name']}{date}"


def _role(document: dict[str, Any]) -> str:
    """Return the trial's role, and that the posterior has seen a trial that was held back."""
    role, posterior = document["trial"]["role"], document["posterior"]
    if role != "held-back" or posterior["has_seen_this_trial"] is False:
        return f"role: {role}"
    if posterior["has_seen_this_trial"] is None:
        return f"role: {role}, but whether this posterior has seen the trial is not known"
    targets = ", ".join(posterior["targets_from_this_trial"])
    return f"role: {role}, but this posterior has seen the trial (target {targets})"


def _left_to_prior(posterior: dict[str, Any]) -> str:
    """Return what no data have moved, the first few by name."""
    names = posterior["left_to_prior"]
    if posterior["name"] == "prior":
        return f"All {len(names)} uncertain numbers rest on their priors alone."
    narrowed = (
        f"Of {posterior['uncertain']} uncertain numbers of this run the data narrowed "
        f"{len(posterior['narrowed'])} by a tenth or more; the others rest mostly on their priors."
    )
    if not names:
        return narrowed
    shown = ", ".join(names[:SHOWN_NAMES]) + (", ..." if len(names) > SHOWN_NAMES else "")
    return f"{narrowed} {len(names)} took no part in the fit and rest on their prior alone: {shown}."


def _sign(unit: str) -> str:
    return "; negative is less pain" if unit.startswith("NRS") else ""


def published_row(published: dict[str, Any] | None) -> tuple[str, str, str, str]:
    """Return the row of the published result: a number where one was read, else its direction."""
    if published is None:
        return ("published", "", "", "no trial of this kind on record")
    if published["direction"] == "not-read":
        return ("published", "", "", "no result yet")
    if published["value"] is None:
        return ("published", "not read", "", f"{published['direction']} ({published['grade']})")
    interval = interval_text(published["interval95"]) if published["interval95"] else ""
    if interval and not published["interval_between_patients"]:
        interval += " *"
    return ("published", f"{published['value']:+.2f}", interval, f"{published['grade']}")


def _number_text(value: float | None) -> str:
    return "not had" if value is None else f"{value:.2f}"


def interval_text(pair: list[float] | None) -> str:
    """Return an interval as people read it."""
    if pair is None:
        return "not had"
    return f"{pair[0]:+.2f} to {pair[1]:+.2f}"


def _rivals(document: dict[str, Any]) -> Table:
    rule = document["posterior"]["weights_rule"]
    table = Table(title=f"Rival explanations: {rule}", title_justify="left", width=WIDTH)
    table.add_column("persistence-antibody")
    table.add_column("weight", justify="right")
    table.add_column("effect", justify="right")
    table.add_column("95 % interval over worlds", justify="right")
    table.add_column("worlds", justify="right")
    for rival in document["rivals"]:
        table.add_row(
            rival["name"],
            f"{rival['weight']:.2f}",
            f"{rival['predicted_mean']:+.2f}",
            interval_text(rival["effect_interval95"]),
            str(rival["worlds"]),
        )
    return table


def _more_contrasts(document: dict[str, Any]) -> Table:
    table = Table(title="Every active arm against control", title_justify="left", width=WIDTH)
    for heading in ("contrast", "effect", "what is uncertain", "a trial's result"):
        table.add_column(heading, justify="left" if heading == "contrast" else "right")
    for contrast in document["contrasts"]:
        table.add_row(
            contrast["label"],
            f"{contrast['predicted_mean']:+.2f}",
            interval_text(contrast["effect_interval95"]),
            interval_text(contrast["trial_result_interval95"]),
        )
    return table


def _design(document: dict[str, Any]) -> Table:
    """Return what the design does over many trials, each number with its Monte Carlo error."""
    found = document["operating_characteristics"]
    table = Table(title="The design over many trials", title_justify="left", width=WIDTH)
    table.add_column("")
    table.add_column("value", justify="right")
    table.add_column("what it means")
    error = found["type_one_error"]
    table.add_row(
        "type I error",
        _with_error(error, 3),
        f"mechanism off; the level is {error['alpha']:g}, {error['replicates']:,} trials",
    )
    worst = error["worst_corner"]
    where = ", ".join(f"{name} {value:.2g}" for name, value in worst["at"].items())
    held = {True: "held at", False: "NOT held at", None: "not known at"}[error["held_at_every_corner"]]
    table.add_row(
        "worst corner",
        _with_error(worst, 3),
        f"the level is {held} all {len(error['at_corners'])} corners of {worst['replicates']:,} trials; "
        f"this one: {where}",
    )
    if found["estimator"]:
        first = found["estimator"][0]
        table.add_row(
            "bias", _with_error(first["bias"], 3), "estimate less the value that the question asks for"
        )
        if first["plain_bias"] != first["bias"]:
            table.add_row(
                "plain bias", _with_error(first["plain_bias"], 3), f"the estimate is {found['estimate']}"
            )
        table.add_row("coverage", _with_error(first["coverage"], 3), "of the trial's 95 % interval")
    table.add_row("patients", _with_error(found["patients"], 0), f"about {found['screened']:,.0f} screened")
    if found["days"] is not None:
        table.add_row("days", f"{found['days']:,.0f}", "first patient in to last one out")
    if found["cost"]:
        table.add_row("cost", f"{found['cost']['value']:,.0f}", found["cost"]["currency"])
    for key, words in (
        ("stopped_for_futility", "trials that stop for futility"),
        ("went_on_in_subgroup", "trials that go on in the subgroup"),
    ):
        if found[key]["value"] > 0:
            table.add_row(key.replace("_", " "), _with_error(found[key], 2), words)
    return table


def _subgroups(document: dict[str, Any]) -> Table:
    table = Table(title="Effect by subgroup, as measured at screening", title_justify="left", width=WIDTH)
    table.add_column("subgroup")
    for heading in ("share", "effect", "uncertain", "rivals' means"):
        table.add_column(heading, justify="right")
    for group in document["operating_characteristics"]["subgroups"]:
        table.add_row(
            f"{group['by']}: {group['group']}",
            f"{group['share_of_patients']:.0%}",
            f"{group['predicted_mean']:+.2f}",
            interval_text(group["effect_interval95"]),
            interval_text(group["range_over_rivals"]),
        )
    return table


def _with_error(number: dict[str, float | None], digits: int) -> str:
    """Return a simulated number with its Monte Carlo error."""
    if number["value"] is None:
        return "not had"
    return f"{number['value']:.{digits}f} ± {number['mc_error']:.{max(digits, 1)}f}"


def _harm(document: dict[str, Any]) -> Table:
    table = Table(title="Adverse events to expect (patients)", title_justify="left", width=WIDTH)
    table.add_column("arm")
    table.add_column("event")
    table.add_column("expected", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("grade")
    for arm in document["arms"]:
        for event in arm["expected_events"]:
            name = f"{event['event']} (serious)" if event["serious"] else event["event"]
            expected = "not counted" if event["expected"] is None else f"{event['expected']:.1f}"
            interval = event["interval95"]
            span = f"{interval[0]:.1f} to {interval[1]:.1f}" if interval else "no denominator"
            table.add_row(arm["name"], name, expected, span, event["grade"])
    return table


def _worlds_remark(population: dict[str, Any]) -> str:
    left_out = population["cells_without_enough_patients"]
    total = population["cells"] + left_out
    if not left_out:
        return f"Every one of the {total} worlds (draws under a rival) could run the trial."
    return f"{left_out} of {total} worlds (draws under a rival) had too few eligible people and are left out."


def _power_text(power: dict[str, Any]) -> str:
    if power["value"] is None:
        return f"Power: {power['reason']}."
    return f"Power: {_with_error(power, 3)}, given {power['given']}."


def _assurance_text(assurance: dict[str, Any]) -> str:
    if assurance["estimate"] is None:
        return f"Assurance: {assurance['reason']}."
    low, high = assurance["interval"]
    least, most = assurance["range_over_rivals"]
    return (
        f"Assurance: {assurance['estimate']:.3f} ± {assurance['mc_error']:.3f} ({low:.3f} to {high:.3f}), "
        f"the power averaged over {assurance['draws']} draws of {assurance['over']}, each with its patients; "
        f"{least:.3f} to {most:.3f} from rival to rival."
    )


def _tipping_text(found: dict[str, Any]) -> str:
    """Return what shifting the imputed outcomes does to trials that were significant."""
    shares, unit = found["of_these"], found["unit"]
    if shares["still_significant_at_largest"] is None:
        return f"Tipping point: none of {found['trials']} trials was significant unshifted."
    middle = shares["quartiles"][1]
    half = (
        f"more than half of the significant trials stay so at {found['largest_shift']:g} {unit}"
        if middle is None
        else f"half of the significant trials tip at {middle:.2f} {unit} or less"
    )
    stay = _with_error(shares["still_significant_at_largest"], 2)
    return (
        f"Tipping point, the harm to imputed outcomes of active arms at which significance is lost: {half}; "
        f"a share of {stay} withstands {found['largest_shift']:g} ({found['trials']} trials)."
    )


def _remarks(document: dict[str, Any]) -> list[str]:
    population, contrast = document["population"], document["contrast"]
    shares = document["parameters"]["share_by_status"]
    remarks = [
        f"Screened {population['screened']:,} virtual people; {population['enrolled']:,} were eligible and "
        f"followed under every arm; {population['failed_simulations']:,} could not be simulated.",
        _worlds_remark(population),
        "Parameters of the disease: "
        + ", ".join(f"{share:.0%} {name}" for name, share in shares.items())
        + ".",
        _left_to_prior(document["posterior"]),
        _power_text(document["operating_characteristics"]["power"]),
        _assurance_text(document["operating_characteristics"]["assurance"]),
    ]
    if document["operating_characteristics"]["tipping_point"]:
        remarks.append(_tipping_text(document["operating_characteristics"]["tipping_point"]))
    remarks += [
        f"The protocol provides for {each['hazard']} ({', '.join(each['drugs'])}): {each['statement']}"
        for each in document["safety"]["acknowledged"]
    ]
    published = contrast["published"]
    if published and published["interval95"] and not published["interval_between_patients"]:
        remarks.append(f"* {published['note']}")
    elif published and published["value"] is not None and published["note"]:
        remarks.append(f"Published: {published['note']}.")
    remarks += [f"Assumed: {key}: {reason}." for key, reason in document["trial"]["assumed"].items()]
    remarks += [f"Warning: {warning}." for warning in document["warnings"]]
    remarks.append("For research and education, not for treating a person.")
    return remarks
