"""The statistical section of a protocol, from the run that simulated it.

Estimand by the attributes of ICH E9(R1), design, sample size with its reasoning, analysis, operating
characteristics, and the simulation report that ICH E20 (draft) asks of an adaptive design: assumptions,
replicates, seeds, code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.report.blocks import Block, Heading, Items, Paragraph, Tone
from calor.report.numbers import interval_text, percent_text, with_error_text
from calor.report.page import Page
from calor.report.tables import Table, number, words
from calor.report.trial_remarks import DISCLAIMER, beside_power_text, origin_text, warning_remarks
from calor.report.trial_table import design_table
from calor.report.written.protocol import entry_text, estimand_table, treatments_text, value_text
from calor.report.written.provenance import command_of, reference_text
from calor.store.saved_run import SavedRun
from calor.study.design import DESIGNS

DRAFT = "A draft to be completed and signed by the trial's statistician; it holds what the simulation knows."


def sap_page(run: SavedRun) -> Page:
    """Return the statistical section of the protocol of a run."""
    result = run.result
    day = str(result["provenance"]["started"])[:10]
    about = (
        f"{result['trial']['id']} · simulated by calor {result['provenance']['calor_version']} on {day}",
        DRAFT,
    )
    blocks = (
        *_objective(run),
        *_design(run),
        *_size(run),
        *_analysis(run),
        *_characteristics(run),
        *_simulation(run),
        *_references(run),
    )
    return Page(f"Statistical section: {result['trial']['title']}", about, blocks, DISCLAIMER, day)


def _objective(run: SavedRun) -> Iterator[Block]:
    yield Heading("Objective and estimand", 2, "estimand")
    yield Paragraph(run.protocol.get("question") or "The protocol states no question.")
    yield estimand_table(run)


def _design(run: SavedRun) -> Iterator[Block]:
    protocol = run.protocol
    allocation, design = protocol["allocation"], dict(protocol["design"])
    kind = design.pop("type")
    yield Heading("Design and allocation", 2, "design")
    yield Paragraph(f"Design: {kind}. Entry: {entry_text(protocol)}.")
    yield Items([f"{arm['name']}: {treatments_text(arm)}." for arm in protocol["arms"]])
    ratio = ":".join(f"{part:g}" for part in allocation["ratio"] or []) or "equal"
    yield Paragraph(
        f"Allocation {ratio}, in permuted blocks of {allocation['block_size'] or 'the smallest size'}, "
        f"{'stratified' if allocation['strata'] else 'not stratified'}."
    )
    if protocol.get("sites"):
        yield Paragraph(_sites_text(protocol["sites"]))
    planned = {key: value for key, value in design.items() if value is not None}
    if planned:
        yield Table((words("planned beforehand"), words("value", greedy=True)),
                    [(key.replace("_", " "), value_text(value)) for key, value in planned.items()],
                    title="Planned looks and adaptations")  # fmt: skip
    else:
        yield Paragraph("No interim look and no adaptation is planned.")


def _sites_text(sites: dict[str, Any]) -> str:
    """Return how the sites of a protocol enter the allocation, and what their patients share, in words."""
    blocks = {
        "across": "blocks run over all of them",
        "within": "each has blocks of its own",
        "whole": "each gets one arm as a whole",
    }
    return (
        f"{sites['count']} sites; {blocks[sites['allocation']]}. What the outcomes of a site share beside "
        f"the baseline has an SD of {sites['level_sd']:g} between sites."
    )


def _size(run: SavedRun) -> Iterator[Block]:
    found = run.result["operating_characteristics"]
    power = found["power"]
    patients = f"{run.protocol['patients']:,} patients"
    yield Heading("Sample size", 2, "size")
    if power["value"] is None:
        yield Paragraph(f"{patients}. {power['reason'].capitalize()}.")
        return
    yield Paragraph(
        f"{patients} give a power of {with_error_text(power, 3)} (Monte Carlo error) "
        f"for {power['of']} at the level of {found['type_one_error']['alpha']:g}, given {power['given']}; "
        f"{beside_power_text(power)}."
    )
    yield Paragraph(
        f"About {found['screened']:,.0f} people are screened for them. In each arm the power allows for "
        "stopping, rescue and loss as the protocol describes them."
    )
    rows = [
        (name, "not quoted" if each["power"] is None else f"{each['power']:.3f}",
         interval_text(each["trial_result_interval95"]))
        for name, each in run.context["rivals"].items()
    ]  # fmt: skip
    yield Table((words("explanation"), number("power"), number("a trial's result, 95 %")), rows,
                title="The power under each rival explanation")  # fmt: skip
    yield Paragraph(
        "The size that reaches a wanted power: calor trial PROTOCOL --find n --power 0.8.", Tone.NOTE
    )


def _analysis(run: SavedRun) -> Iterator[Block]:
    analysis = run.protocol["analysis"]
    yield Heading("Analysis", 2, "analysis")
    yield Paragraph(
        f"Primary analysis: {analysis['method']} of {run.result['trial']['endpoint']}, "
        f"{analysis['sided']}-sided at the level of {analysis['alpha']:g}; contrast: "
        f"{run.result['contrast']['label']}, in {run.result['contrast']['unit']}."
    )
    entries = [f"Missing data: {analysis['missing'].replace('-', ' ')}."]
    if analysis["delta"]:
        entries.append(f"Every imputed outcome outside the control arm is shifted by {analysis['delta']:g}.")
    if len(run.result["contrasts"]) > 1:
        labels = "; ".join(contrast["label"] for contrast in run.result["contrasts"])
        kept_by = DESIGNS[run.protocol["design"]["type"]].familywise or analysis["multiplicity"]
        entries.append(f"Contrasts: {labels}. The familywise error is kept by {kept_by}.")
    if run.protocol["design"].get("interaction") == "described":
        entries.append("The interaction is estimated with its interval and is no hypothesis.")
    if analysis.get("margin"):
        margin = analysis["margin"]
        entries.append(
            f"The claim is {margin['claim']} by a margin of {margin['size']:g}: the interval of the level "
            f"{1 - 2 * analysis['alpha'] / analysis['sided']:g} lies within it."
        )
    if analysis["prior"]:
        entries.append(f"Bayesian: {value_text(analysis['prior'])}.")
    estimate = run.result["operating_characteristics"]["estimate"]
    entries.append(f"The estimate that is reported is {estimate}.")
    yield Items(entries)


def _characteristics(run: SavedRun) -> Iterator[Block]:
    yield Heading("Operating characteristics", 2, "characteristics")
    yield design_table(run.result)
    corners = run.result["operating_characteristics"]["type_one_error"]["at_corners"]
    if corners:
        names = list(corners[0]["at"])
        rows = [
            (*(f"{corner['at'][name]:.3g}" for name in names), with_error_text(corner, 3))
            for corner in corners
        ]
        yield Table((*map(number, names), number("type I error")), rows,
                    title="Type I error at the corners of the nuisance parameters")  # fmt: skip


def _simulation(run: SavedRun) -> Iterator[Block]:
    result, origin = run.result, run.result["provenance"]
    population, error = result["population"], result["operating_characteristics"]["type_one_error"]
    people = f"{population['enrolled']:,} eligible of {population['screened']:,} screened"
    yield Heading("Simulation report", 2, "simulation")
    yield Paragraph("What ICH E20 (draft) asks of simulations that support a design.")
    rows = [
        ("assumptions on the effect", f"{result['status']}: {origin_text(result['posterior'])}"),
        ("share of uncertain numbers that rest on judgement",
         percent_text(result["posterior"]["share_resting_on_prior"])),
        ("null", f"mechanism {error['mechanism']}"),
        ("nuisance parameters", ", ".join(error["worst_corner"]["at"]) or "none"),
        ("virtual patients", f"{people}, in {population['cells']:,} worlds"),
        ("replicates", f"{origin['replicates']:,} under the effect, {error['replicates']:,} under the null, "
         f"{error['worst_corner']['replicates']:,} at each corner"),
        ("seed", f"{origin['seed']}; every random number is keyed by what it is for, so threads change none"),
        ("code", ", ".join(f"{name} {version}" for name, version in origin["versions"].items())),
        ("model, SHA-256", origin["model_sha256"]),
        ("protocol, SHA-256", origin["protocol_sha256"]),
        ("command", command_of(run)),
    ]  # fmt: skip
    yield Table((words(""), words("value", greedy=True)), rows, title="How it was simulated")
    for warning in warning_remarks(result):
        yield Paragraph(warning, Tone.WARNING)


def _references(run: SavedRun) -> Iterator[Block]:
    yield Heading("References", 2, "references")
    references = [reference_text(each) for each in run.context["references"]]
    yield Items(references) if references else Paragraph("This run cites no work.")
