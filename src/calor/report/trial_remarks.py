"""The sentences under a trial's tables: who was simulated, power, what it rests on, what to keep in mind."""

from __future__ import annotations

from typing import Any

from calor.report.numbers import percent_text, shares_text, with_error_text

SHOWN_NAMES = 6
"""Parameters named in a remark; the JSON document has all."""

DISCLAIMER = "For research and education, not for treating a person."

RIVALS_LEGEND = (
    "Rivals are named by what keeps pain going (central: a memory in the cord; peripheral: a reservoir "
    "in the limb) and the antibody that matters (igg, igm, none)."
)


def trial_remarks(document: dict[str, Any]) -> list[str]:
    """Return the remarks on a result document, in the order in which they are printed."""
    population, contrast = document["population"], document["contrast"]
    found = document["operating_characteristics"]
    remarks = [
        RIVALS_LEGEND,
        f"Screened {population['screened']:,} virtual people; {population['enrolled']:,} were eligible and "
        f"followed under every arm; {population['failed_simulations']:,} could not be simulated.",
        _worlds_remark(population),
        f"Parameters of the disease: {shares_text(document['parameters']['share_by_status'])} "
        "(calibrated: a fit narrowed them).",
        resting_remark(document["posterior"]),
        _power_text(found["power"]),
        _assurance_text(found["assurance"]),
    ]
    if found["tipping_point"]:
        remarks.append(_tipping_text(found["tipping_point"]))
    for each in document["safety"]["acknowledged"]:
        remarks.append(
            f"The protocol provides for {each['hazard']} ({', '.join(each['drugs'])}): {each['statement']}"
        )
        remarks += [f"Warning: but {what}." for what in each["contradicted_by"]]
    if contrast["published"] is None:
        remarks.append(precedents_remark(document["precedents"]))
    else:
        remarks += _published_remark(contrast["published"])
    remarks += [f"Assumed: {key}: {reason}." for key, reason in document["trial"]["assumed"].items()]
    return [*remarks, *warning_remarks(document), DISCLAIMER]


def warning_remarks(document: dict[str, Any]) -> list[str]:
    """Return a document's warnings as sentences."""
    return [f"Warning: {warning}." for warning in document["warnings"]]


def origin_text(posterior: dict[str, Any]) -> str:
    """Return where the worlds come from, and which numbers were held at another value, in words."""
    date = f" of {posterior['date']}" if posterior["date"] else ""
    name = "the priors" if posterior["name"] == "prior" else f"posterior {posterior['name']}{date}"
    changes = [
        f"{each['name']} = {each['value']:g} (not {each['instead_of']:g})" for each in posterior["changed"]
    ]
    return f"{name} · CHANGED: {', '.join(changes)}" if changes else name


def role_text(document: dict[str, Any]) -> str:
    """Return the trial's role, and that the posterior has seen a trial that was held back."""
    role, posterior = document["trial"]["role"], document["posterior"]
    if role != "held-back" or posterior["has_seen_this_trial"] is False:
        return f"role: {role}"
    if posterior["has_seen_this_trial"] is None:
        return f"role: {role}, but whether this posterior has seen the trial is not known"
    targets = ", ".join(posterior["targets_from_this_trial"])
    return f"role: {role}, but this posterior has seen the trial (target {targets})"


def resting_remark(posterior: dict[str, Any]) -> str:
    """Return how many uncertain numbers the data have narrowed, and which took no part in a fit."""
    names = posterior["left_to_prior"]
    if posterior["name"] == "prior":
        return f"All {posterior['uncertain']} uncertain numbers of this run rest on their priors alone."
    narrowed = (
        f"Of {posterior['uncertain']} uncertain numbers of this run the data narrowed "
        f"{len(posterior['narrowed'])} by a tenth or more; the others rest mostly on their priors."
    )
    if not names:
        return narrowed
    shown = ", ".join(names[:SHOWN_NAMES]) + (", ..." if len(names) > SHOWN_NAMES else "")
    return f"{narrowed} {len(names)} took no part in the fit and rest on their prior alone: {shown}."


def beside_power_text(power: dict[str, Any]) -> str:
    """Return what stands beside every power: its range over rivals, and what rests on the prior."""
    least, most = power["range_over_rivals"]
    return (
        f"{least:.3f} to {most:.3f} from rival to rival; "
        f"{percent_text(power['share_resting_on_prior'])} of the uncertain numbers rest on the prior"
    )


def precedents_remark(precedents: dict[str, Any]) -> str:
    """Return which trials of a protocol's kind are on record, where the protocol is linked to none."""
    link = "A key `record: ID` in the protocol sets one beside the prediction."
    if not precedents["looked_for"]:
        return f"Published: not linked; the evidence groups no drug of this trial. {link}"
    kind = f"randomised trials of this kind ({precedents['looked_for']})"
    if not precedents["records"]:
        return f"Published: no {kind} on record."
    found = ", ".join(f"{each['id']} ({each['result']})" for each in precedents["records"])
    return f"Published: not linked; {kind} on record: {found}. {link}"


def _worlds_remark(population: dict[str, Any]) -> str:
    left_out = population["cells_without_enough_patients"]
    total = population["cells"] + left_out
    if not left_out:
        return f"Every one of the {total} worlds (draws under a rival) could run the trial."
    return f"{left_out} of {total} worlds (draws under a rival) had too few eligible people and are left out."


def _power_text(power: dict[str, Any]) -> str:
    if power["value"] is None:
        return f"Power: {power['reason']}."
    return (
        f"Power: {with_error_text(power, 3)}, given {power['given']}, of {power['of']}; "
        f"{beside_power_text(power)}."
    )


def _assurance_text(assurance: dict[str, Any]) -> str:
    if assurance["estimate"] is None:
        return f"Assurance: {assurance['reason']}."
    low, high = assurance["interval"]
    return (
        f"Assurance: {assurance['estimate']:.3f} ± {assurance['mc_error']:.3f} ({low:.3f} to {high:.3f}), "
        f"the power averaged over {assurance['draws']} draws of {assurance['over']}, each with its patients; "
        f"{beside_power_text(assurance)}."
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
    stay = with_error_text(shares["still_significant_at_largest"], 2)
    return (
        f"Tipping point, the harm to imputed outcomes of active arms at which significance is lost: {half}; "
        f"a share of {stay} withstands {found['largest_shift']:g} ({found['trials']} trials)."
    )


def _published_remark(published: dict[str, Any]) -> list[str]:
    if published["interval95"] and not published["interval_between_patients"]:
        return [f"* {published['note']}"]
    if published["value"] is not None and published["note"]:
        return [f"Published: {published['note']}."]
    return []
