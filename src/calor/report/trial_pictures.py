"""The figures of a trial itself, each with its data and what it shows in words, from the run folder alone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calor.report.basis_figure import basis_rows, draw_basis
from calor.report.blocks import Picture
from calor.report.exposure_figure import draw_samples
from calor.report.icon_figure import draw_icons, icon_rows
from calor.report.numbers import fixed_text, interval_text, percent_text
from calor.report.outcomes_figure import draw_outcomes, outcome_rows
from calor.report.trial_figure import draw_contrasts, draw_courses
from calor.report.within_figure import draw_within, within_rows
from calor.store.saved_run import Kind, SavedRun


def basis(run: SavedRun) -> Iterator[Picture]:
    """Yield how much of the answer rests on data and how much on judgement."""
    if run.kind is not Kind.TRIAL:
        return
    rows = basis_rows(run.result["posterior"], run.result["parameters"]["share_by_status"])
    shares = [f"{bar} {kind}: {percent_text(share)}" for bar, kind, share in rows.to_numpy().tolist()]
    yield Picture(
        "basis",
        "What rests on data and what on judgement: the uncertain numbers of this run, of which those count "
        "as data that a fit narrowed by a tenth or more; and all numbers of the disease, by their status.",
        f"{', '.join(shares)}.",
        draw_basis(rows),
        rows,
    )


def within(run: SavedRun) -> Iterator[Picture]:
    """Yield the difference within the same person over time, for each active arm."""
    for place, entry in enumerate(run.context.get("within_person", ()), start=1):
        last = dict(zip(("low", "quarter", "middle", "three", "high"), entry["quantiles"][-1], strict=True))
        yield Picture(
            f"within-{place}",
            f"What {entry['arm']} changes in pain within the same person, compared with {entry['control']}. "
            "The bands are people (in all worlds and under all rivals), the dashed lines the rivals' means.",
            f"On day {entry['days'][-1]} the median person has {fixed_text(last['middle'], 2, signed=True)} "
            f"points, nine of ten people {interval_text((last['low'], last['high']))}.",
            draw_within(entry),
            within_rows(entry),
        )


def outcomes(run: SavedRun) -> Iterator[Picture]:
    """Yield what each active arm changes in the six outcomes within the same person, over time."""
    for place, entry in enumerate(run.context.get("outcomes", ()), start=1):
        medians = [
            f"{outcome['name']} {_change_text(outcome, outcome['quantiles'][-1][2])}"
            for outcome in entry["outcomes"]
        ]
        yield Picture(
            f"outcomes-{place}",
            f"What {entry['arm']} changes in six outcomes within the same person, compared with "
            f"{entry['control']}: true values of {entry['people']:,} people of all worlds and rivals. "
            "Line: no change. Of TNF and IL-6 it is the ratio.",
            f"On day {entry['days'][-1]} in the median person: {', '.join(medians)}.",
            draw_outcomes(entry),
            outcome_rows(entry),
        )


def _change_text(outcome: dict[str, Any], change: float) -> str:
    if outcome["as_ratio"]:
        return f"times {change:.2f}"
    return f"{fixed_text(change, 2, signed=True)} {outcome['unit']}"


def contrast(run: SavedRun) -> Iterator[Picture]:
    """Yield each contrast under each rival: what is uncertain, and with sampling."""
    if run.kind is not Kind.TRIAL:
        return
    for place, document in enumerate(_contrasts(run)):
        figure, rows = draw_contrasts(document)
        low, high = document["contrast"]["range_over_rivals"]
        numbers = "all numbers stand in the table of rivals" if place == 0 else "all numbers are in its data"
        yield Picture(
            "contrast" if place == 0 else f"contrast-{place + 1}",
            f"{document['contrast']['label']} by rival explanation, {document['contrast']['unit']}.",
            f"The rivals' means lie between {fixed_text(low, 2, signed=True)} and "
            f"{fixed_text(high, 2, signed=True)}; {numbers}.",
            figure,
            rows,
        )


def _contrasts(run: SavedRun) -> Iterator[dict[str, Any]]:
    """Yield each contrast with its rivals: the first one, and those of which the run has kept the rivals."""
    results = run.context.get("rivals", {})
    first = [
        {**rival, "trial_result_interval95": results.get(rival["name"], {}).get("trial_result_interval95")}
        for rival in run.result["rivals"]
    ]
    yield {"contrast": run.result["contrast"], "rivals": first}
    kept = {each["label"]: each.get("rivals") for each in run.context.get("contrasts", ())}
    for other in run.result["contrasts"][1:]:
        if kept.get(other["label"]):
            yield {"contrast": {**other, "published": None}, "rivals": kept[other["label"]]}


def courses(run: SavedRun) -> Iterator[Picture]:
    """Yield the mean pain of the arms over time; where each person has several, of the sequences."""
    rows, people = _table(run, "figure.csv"), _table(run, "adsl.csv")
    if run.kind is not Kind.TRIAL or rows is None:
        return
    rows = rows[rows["panel"] == "course"][["label", "day", "value", "lower", "upper"]]
    ends = rows[rows["day"] == rows["day"].max()]
    said = ", ".join(f"{row.label} {row.value:.1f}" for row in ends.itertuples())
    in_turn = people is not None and "TRTSEQP" in people
    whose = "each sequence, named by the arm that it begins with" if in_turn else "each arm"
    yield Picture(
        "courses",
        f"Mean pain of {whose}, as its patients would report it. Bands overlap because they hold the spread "
        "between worlds, which is the same for all; the figure within the same person shows the effect.",
        f"Mean pain on the last day in the median world: {said}.",
        draw_courses(rows),
        rows,
    )


def exposure(run: SavedRun) -> Iterator[Picture]:
    """Yield the concentrations of each drug in the first simulated trial, by arm."""
    rows, people = _table(run, "adppk.csv"), _table(run, "adsl.csv")
    if rows is None or people is None or "PARAMCD" not in rows:
        return
    if "TRTSEQP" in people:  # each person is given everything in turn
        people = people.assign(ARM="all sequences")
    arms = list(dict.fromkeys([*_arm_names(run), *people["ARM"]]))
    people = people.assign(ARM=pd.Categorical(people["ARM"], arms))
    rows = rows.merge(people[["USUBJID", "ARM"]], on="USUBJID")
    seen = rows[(rows["EVID"] == 0) & rows["AVAL"].notna()]
    for place, (drug, part) in enumerate(seen.groupby("DRUG", sort=True), start=1):
        samples = _samples(
            part[part["ARM"].isin(rows.loc[(rows["DRUG"] == drug) & (rows["EVID"] == 1), "ARM"])]
        )
        if samples.empty:
            continue
        first, highest = part.iloc[0], samples.iloc[int(samples["median"].argmax())]
        quantity = str(first["PARAM"]).rsplit(": ", 1)[-1].replace("_", " ")
        yield Picture(
            f"exposure-{place}",
            f"Concentration of {drug} in the patients of the first simulated trial who are given it, without "
            "assay error, on the days of the samples.",
            f"The median concentration of a sample is highest in {highest['arm']}, at "
            f"{highest['median']:.3g} {first['AVALU']} on day {highest['time_days']:g}.",
            draw_samples(samples, str(drug), f"{quantity}, {first['AVALU']}"),
            samples,
        )


def _arm_names(run: SavedRun) -> list[str]:
    return [arm["name"] for arm in run.result["arms"]] if run.kind is Kind.TRIAL else []


def _samples(seen: pd.DataFrame) -> pd.DataFrame:
    """Return the quantiles over people of each sample, by arm and time."""
    groups = seen.groupby(["ARM", "TIME"], sort=True, observed=True)
    quantiles = groups["AVAL"].quantile(np.array([0.05, 0.5, 0.95])).unstack()
    quantiles.columns = pd.Index(["p5", "median", "p95"])
    found = quantiles.assign(people=groups["USUBJID"].nunique()).reset_index()
    return found.rename(columns={"ARM": "arm", "TIME": "time_days"})[
        ["arm", "people", "time_days", "p5", "median", "p95"]
    ]


def benefit(run: SavedRun) -> Iterator[Picture]:
    """Yield, of 100 people, who is better with a treatment, without it, either way or neither."""
    for place, entry in enumerate(run.context.get("responders", ()), start=1):
        groups = {f"{entry['arm']} compared with {entry['control']}": entry["of_100"]}
        yield Picture(
            f"benefit-{place}",
            f"Better: at least {entry['response_percent']:.0f} % less pain than at screening, over days "
            f"{entry['days'][0]} to {entry['days'][1]}.",
            "; ".join(f"{count} of 100 {kind}" for kind, count in entry["of_100"].items()) + ".",
            draw_icons(groups),
            icon_rows(groups),
        )


def harm(run: SavedRun) -> Iterator[Picture]:
    """Yield, of 100 people in each active arm, how many are expected to have each event that was counted."""
    if run.kind is not Kind.TRIAL:
        return
    for place, arm in enumerate(run.result["arms"], start=1):
        groups = {
            f"{event['event']}{' (serious)' if event['serious'] else ''}, {event['drug']}": {
                "harmed": round(100 * event["expected"] / arm["n"]),
                "not harmed": 100 - round(100 * event["expected"] / arm["n"]),
            }
            for event in arm["expected_events"]
            if event["expected"] is not None and event["expected"] <= arm["n"] and not none_seen(event)
        }
        groups = {name: kinds for name, kinds in groups.items() if kinds["harmed"]}
        if groups:
            yield Picture(
                f"harm-{place}",
                f"Harms to expect in {arm['name']}, each of 100 people, rounded to whole ones. "
                "Rarer events, and those that were looked for and not seen, stand in the table.",
                "; ".join(f"{kinds['harmed']} of 100: {name}" for name, kinds in groups.items()) + ".",
                draw_icons(groups),
                icon_rows(groups),
            )


def none_seen(event: dict[str, Any]) -> int | None:
    """Return among how many people an event was looked for and not seen, None where it was seen."""
    found = re.match(r"0 of ([\d,]+) patients", event["basis"])
    return int(found.group(1).replace(",", "")) if found else None


def _table(run: SavedRun, name: str) -> pd.DataFrame | None:
    path: Path = run.folder / name
    if not path.is_file() or not path.stat().st_size:
        return None
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")))
