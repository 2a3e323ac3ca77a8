"""A predicted trial for the terminal: the question, arms, contrast, rivals, design, harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from calor.report.numbers import fixed_text, interval_text, percentages, with_error_text
from calor.report.tables import WIDEST, Row, Table, label, number, words
from calor.report.trial_remarks import origin_text, role_text, trial_remarks
from calor.trial.bank.intervals import FEWEST_FOR_INTERVAL


def print_trial(document: dict[str, Any], console: Console) -> None:
    """Print a result document: the question, arms, contrast, rivals, and what to keep in mind."""
    for part in trial_parts(document):
        console.print(part, width=WIDEST)


def trial_parts(document: dict[str, Any]) -> Iterator[Text | Table]:
    """Yield the texts and tables of a result document in the order in which they are read."""
    trial = document["trial"]
    described = f"{trial['id']} · {trial['design']} · {trial['endpoint']} · {trial['analysis']}"
    yield Text(trial["title"], style="bold")
    yield Text(described)
    status = Text(f"status: {document['status']}", style="bold")
    rest = f" · {origin_text(document['posterior'])} · {role_text(document)}"
    yield Text.assemble(status, (rest, "not bold"))
    yield Text()
    yield arms_table(document)
    yield contrast_table(document)
    if len(document["contrasts"]) > 1:
        yield contrasts_table(document)
    yield rivals_table(document)
    yield design_table(document)
    yield from subgroups_tables(document)[:1]
    if any(arm["expected_events"] for arm in document["arms"]):
        yield harm_table(document)
    for line in trial_remarks(document):
        yield Text(line)


def arms_table(document: dict[str, Any]) -> Table:
    """Return the arms: patients, baseline, endpoint and spread."""
    rows = [
        (
            arm["name"],
            fixed_text(arm["n"], 0),
            *(fixed_text(arm[key], 2) for key in ("baseline_mean", "endpoint_mean", "endpoint_sd")),
        )
        for arm in document["arms"]
    ]
    columns = (words("arm"), *map(number, ("n", "baseline", "endpoint", "SD between patients")))
    return Table(columns, rows, title="Arms (the endpoint as it is measured)", fills=True)


def contrast_table(document: dict[str, Any]) -> Table:
    """Return the main contrast: rivals, effect, a trial's result, and what was published."""
    contrast = document["contrast"]
    mean = f"{fixed_text(contrast['predicted_mean'], 2, signed=True)} ± {contrast['monte_carlo_error']:.2f}"
    rivals = ("rivals' means", "", interval_text(contrast["range_over_rivals"]), "lowest to highest")
    effect = ("effect", mean, interval_text(contrast["effect_interval95"]), "what is uncertain")
    leads = contrast["leads"] == "range_over_rivals"
    rows: list[Row] = [rivals, effect] if leads else [effect, rivals]
    rows.append(("trial result", "", interval_text(contrast["trial_result_interval95"]), "and sampling"))
    rows.append(published_row(contrast["published"], document["precedents"]))
    title = f"Contrast: {contrast['label']}, {contrast['unit']}{_sign(contrast['unit'])}"
    columns = (label(""), number("value"), number("95 % interval"), words("what it spans"))
    return Table(columns, rows, title=title, fills=True)


def _sign(unit: str) -> str:
    return "; negative is less pain" if unit.startswith("NRS") else ""


def published_row(published: dict[str, Any] | None, precedents: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return the row of the published result: a number where one was read, else its direction.

    Without a linked record it says whether trials of the kind are on record.
    """
    if published is None:
        unknown = precedents["records"] or not precedents["looked_for"]
        return ("published", "", "", "not linked; see below" if unknown else "none of this kind on record")
    if published["direction"] == "not-read":
        return ("published", "", "", "no result yet")
    if published["value"] is None:
        return ("published", "not read", "", f"{published['direction']} ({published['grade']})")
    interval = interval_text(published["interval95"]) if published["interval95"] else ""
    if interval and not published["interval_between_patients"]:
        interval += " *"
    return ("published", fixed_text(published["value"], 2, signed=True), interval, f"{published['grade']}")


def rivals_table(document: dict[str, Any]) -> Table:
    """Return the rival explanations with their weight and effect."""
    rule = document["posterior"]["weights_rule"]
    rows = [
        (
            rival["name"],
            f"{rival['weight']:.2f}",
            fixed_text(rival["predicted_mean"], 2, signed=True),
            interval_text(rival["effect_interval95"]),
            str(rival["worlds"]),
        )
        for rival in document["rivals"]
    ]
    few = any(rival["worlds"] < FEWEST_FOR_INTERVAL for rival in document["rivals"])
    interval = "lowest to highest world" if few else "95 % interval over worlds"
    headings = ("weight", "effect", interval, "worlds")
    columns = (words("persistence-antibody"), *map(number, headings))
    of = f" of {document['contrast']['label']}" if len(document["contrasts"]) > 1 else ""
    return Table(columns, rows, title=f"Rival explanations{of}: {rule}", fills=True)


def contrasts_table(document: dict[str, Any]) -> Table:
    """Return every contrast of a trial that has several."""
    rows = [
        (
            contrast["label"],
            fixed_text(contrast["predicted_mean"], 2, signed=True),
            interval_text(contrast["effect_interval95"]),
            interval_text(contrast["trial_result_interval95"]),
        )
        for contrast in document["contrasts"]
    ]
    columns = (words("contrast"), *map(number, ("effect", "what is uncertain", "a trial's result")))
    return Table(columns, rows, title="Every contrast", fills=True)


def design_table(document: dict[str, Any]) -> Table:
    """Return what the design does over many trials, each number with its Monte Carlo error."""
    found = document["operating_characteristics"]
    rows = [*_error_rows(found), *_estimator_rows(found)]
    rows += [
        (name.replace("_", " "), with_error_text(each, 2), "mean, or share, of the trials that have it")
        for name, each in found.get("of_the_design", {}).items()
    ]
    rows.append(
        ("patients", with_error_text(found["patients"], 0), f"about {found['screened']:,.0f} screened")
    )
    if found["run_in"]:
        rows += _run_in_rows(found["run_in"])
    if found["sites"]:
        rows.append(_site_row(found["sites"]))
    if found["days"] is not None:
        rows.append(("days", f"{found['days']:,.0f}", "first patient in to last one out"))
    if found["cost"]:
        rows.append(("cost", f"{found['cost']['value']:,.0f}", found["cost"]["currency"]))
    for key, meaning in (
        ("stopped_for_futility", "trials that stop for futility"),
        ("went_on_in_subgroup", "trials that go on in the subgroup"),
    ):
        if found[key]["value"] > 0:
            rows.append((key.replace("_", " "), with_error_text(found[key], 2), meaning))
    columns = (words(""), number("value"), words("what it means", greedy=True))
    return Table(columns, rows, title="The design over many trials", fills=True)


def _error_rows(found: dict[str, Any]) -> list[Row]:
    """Return the type I error on average, at the worst corner, and under what else it depends on."""
    error, rows = found["type_one_error"], list[Row]()
    worst = error["worst_corner"]
    where = ", ".join(f"{name} {value:.2g}" for name, value in worst["at"].items())
    held = {True: "held at", False: "NOT held at", None: "not known at"}[error["held_at_every_corner"]]
    at_margin = ", at the margin" if error["margin"] else ""
    rows.append(
        (
            "type I error",
            with_error_text(error, 3),
            f"mechanism off{at_margin}; the level is {error['alpha']:g}, {error['replicates']:,} trials",
        )
    )
    rows.append(
        (
            "worst corner",
            with_error_text(worst, 3),
            f"the level is {held} all {len(error['at_corners'])} corners of {worst['replicates']:,} trials; "
            f"this one: {where}",
        )
    )
    for key, row_of in (("borrowed_control", _conflict_row), ("moving_shares", _trend_row)):
        if found.get(key):
            rows.append(row_of(found[key]))
    if found.get("non_concurrent_controls"):
        rows += _controls_rows(found["non_concurrent_controls"])
    return rows


def _conflict_row(borrowed: dict[str, Any]) -> Row:
    """Return the largest type I error of a control arm that borrows, and what its prior is worth."""
    worst, prior = borrowed["worst_conflict"], borrowed["prior"]
    return (
        "type I error, conflict",
        with_error_text(worst, 3),
        f"where controls lie {worst['controls_above_history_by']:+.2g} from earlier ones; the prior is worth "
        f"{prior['effective_patients']:.1f} patients",
    )


def _trend_row(moving: dict[str, Any]) -> Row:
    """Return the largest type I error where outcomes change over the trial, with the blocks and without."""
    worst, without = moving["worst_trend"], moving["worst_trend_without_blocks"]
    error = with_error_text(without["without_blocks"], 3)
    return (
        "type I error, trend",
        with_error_text(worst["with_blocks"], 3),
        f"where outcomes rise by {worst['outcomes_rise_by']:+.2g} over the trial; without blocks as strata "
        f"{error} at {without['outcomes_rise_by']:+.2g}; tested at {moving['calibrated_level']:.4f}",
    )


def _controls_rows(found: dict[str, Any]) -> list[Row]:
    """Return the largest type I error of a platform by each choice of controls, under the trends tried."""
    chosen = found["controls"]
    return [
        (
            f"controls: {name}",
            with_error_text(worst, 3),
            f"worst type I error, where the outcome {worst['trend']}"
            + (" (the design's choice)" if name == chosen else ""),
        )
        for name, worst in found["worst"].items()
    ]


def _estimator_rows(found: dict[str, Any]) -> list[Row]:
    """Return bias and coverage of the first contrast's estimate, where it estimates a contrast of means."""
    if not found["estimator"]:
        return []
    first, rows = found["estimator"][0], list[Row]()
    rows.append(
        ("bias", with_error_text(first["bias"], 3), "estimate less the value that the question asks for")
    )
    if first["plain_bias"] != first["bias"]:
        rows.append(
            ("plain bias", with_error_text(first["plain_bias"], 3), f"the estimate is {found['estimate']}")
        )
    rows.append(("coverage", with_error_text(first["coverage"], 3), "of the trial's 95 % interval"))
    return [*rows, *_individual_rows(found["individual_effects"])]


def _run_in_rows(found: dict[str, Any]) -> list[Row]:
    """Return whom a run-in leaves, and what the effect is in them and in everybody who enters."""
    without = 100 * found["share_of_responders_who_respond_to_control"]
    of_all = found["effect_in_all_who_enter"]
    responding: Row = (
        "respond in run-in",
        f"{100 * found['share_responding']:.0f}%",
        f"of those who enter; {without:.0f} % of these would respond under the control too",
    )
    if of_all is None:
        return [responding]
    uncertain = interval_text(of_all["effect_interval95"])
    return [
        responding,
        (
            "effect in all",
            fixed_text(of_all["predicted_mean"], 2, signed=True),
            f"of going on in everybody who enters ({uncertain}); the trial speaks of responders alone",
        ),
    ]


def _site_row(sites: dict[str, Any]) -> Row:
    """Return how alike the patients of a site are, and what that costs where whole sites are allocated."""
    alike = f"intraclass correlation {sites['intraclass_correlation']:.3f}"
    if sites["design_effect"] is not None:
        alike += f"; whole sites multiply the variance by {sites['design_effect']:.2f}"
    return ("sites", str(sites["count"]), alike)


def _individual_rows(found: dict[str, Any] | None) -> list[Row]:
    """Return how well single patients' effects are told, where the analysis tells them."""
    if found is None:
        return []
    spread = "true SD of the effect between the patients of a trial"
    rows: list[Row] = [("patients differ", with_error_text(found["true_sd"], 2), spread)]
    for name, words_of in (
        ("own", "a patient's own cycles alone"),
        ("shrunken", "drawn towards the mean of all"),
    ):
        each = found[name]
        meaning = f"typical error of a patient's effect from {words_of}"
        covered = f"its 95 % interval holds {100 * each['coverage']['value']:.0f} %"
        rows.append(
            (f"{name} estimate", with_error_text(each["root_mean_squared_error"], 2), f"{meaning}; {covered}")
        )
    return rows


def subgroups_tables(document: dict[str, Any]) -> list[Table]:
    """Return the effect by subgroup, a table each contrast."""
    by_contrast: dict[str, list[dict[str, Any]]] = {}
    for group in document["operating_characteristics"]["subgroups"]:
        by_contrast.setdefault(group.get("contrast", document["contrast"]["label"]), []).append(group)
    several = len(document["contrasts"]) > 1
    return [
        _subgroups_table(groups, f" of {contrast}" if several else "")
        for contrast, groups in by_contrast.items()
    ]


def _subgroups_table(groups: list[dict[str, Any]], of: str) -> Table:
    shares: dict[str, dict[str, float]] = {}
    for group in groups:
        shares.setdefault(group["by"], {})[group["group"]] = group["share_of_patients"]
    percents = {by: percentages(of) for by, of in shares.items()}
    rows = [
        (
            f"{group['by']}: {group['group']}",
            f"{percents[group['by']][group['group']]}%",
            fixed_text(group["predicted_mean"], 2, signed=True),
            interval_text(group["effect_interval95"]),
            interval_text(group["range_over_rivals"]),
        )
        for group in groups
    ]
    columns = (words("subgroup"), *map(number, ("share", "effect", "uncertain", "rivals' means")))
    return Table(columns, rows, title=f"Effect{of} by subgroup, as measured at screening", fills=True)


def harm_table(document: dict[str, Any]) -> Table:
    """Return the adverse events to expect in each arm."""
    rows = []
    for arm in document["arms"]:
        for event in arm["expected_events"]:
            name = f"{event['event']} (serious)" if event["serious"] else event["event"]
            rows.append((arm["name"], name, _expected(event), event["scaled"], event["grade"]))
    headings = (words("arm"), words("event", greedy=True))
    columns = (*headings, number("expected (95 %)"), words("scaled"), label("grade"))
    return Table(columns, rows, title="Adverse events to expect (patients)", fills=True)


def _expected(event: dict[str, Any]) -> str:
    """Return the expected number of patients with its interval, as far as the source lets it be said."""
    if event["expected"] is None:
        return "no incidence read"
    interval = event["interval95"]
    span = f" ({interval_text(interval, 1, signed=False)})" if interval else ", no interval"
    return f"{fixed_text(event['expected'], 1)}{span}"
