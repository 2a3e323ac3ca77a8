"""Good protocols are read; each kind of bad one gets an error with line, key, what is allowed, and a hint."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError, UnsupportedError
from calor.evidence.library import record
from calor.study import Crossover, Parallel, Protocol
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.published import published_protocols
from calor.trial.protocols.reading import check_protocol, read_protocol

GOOD = """\
id: my-trial
title: Immunoglobulin against placebo
population:
  duration_months: {at_least: 12, at_most: 60}
  pain_nrs: {at_least: 4, run_in_days: 7}
design: {type: parallel}
arms:
  - name: IVIG
    treatments:
      - {drug: ivig, regimen: "0.5 g/kg iv at day 1, 22"}
  - name: placebo
allocation: {ratio: [1, 1], block_size: 4}
patients: 100
endpoint: {variable: pain-diary, from_day: 6, to_day: 42}
analysis: {method: ancova, alpha: 0.05, sided: 2}
acknowledge: [thrombosis]
"""


VISITS = "visits: [37, 42]\n"
RESCUE = "conduct: {rescue: {per_month: 0.1, drug: %s, regimen: '%s'}}\n"


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, f"{old!r} is not in the good protocol"
        return text.replace(old, new, 1)

    return change


BAD = {
    "unknown key": (swap("patients: 100", "patient: 100"), "line 13: patient: is not a known key"),
    "unknown nested key": (
        swap("from_day: 6", "first_day: 6"),
        "line 14: endpoint.first_day: is not a known key",
    ),
    "missing key": (swap("patients: 100\n", ""), "patients: is missing"),
    "text for a number": (swap("patients: 100", "patients: many"), "line 13: patients: is 'many'"),
    "fraction of a patient": (swap("patients: 100", "patients: 10.5"), "line 13: patients"),
    "too few patients": (swap("patients: 100", "patients: 2"), "at least 4"),
    "too many patients": (swap("patients: 100", "patients: 10000000"), "at most 100000"),
    "pain above the scale": (swap("at_least: 4,", "at_least: 14,"), "line 5: population.pain_nrs.at_least"),
    "duration upside down": (swap("at_most: 60", "at_most: 6"), "at_most (6) must exceed at_least (12)"),
    "negative duration": (swap("at_least: 12", "at_least: -1"), "population.duration_months.at_least: is -1"),
    "unknown design": (swap("type: parallel", "type: pentagonal"), "line 6: design"),
    "design without type": (swap("{type: parallel}", "{}"), "line 6: design"),
    "one arm": (swap("  - name: placebo\n", ""), "line 7: arms"),
    "arms of one name": (swap("name: placebo", "name: IVIG"), "two arms have the same name"),
    "no control": (
        swap(
            "  - name: placebo\n",
            '  - {name: b, treatments: [{drug: ivig, regimen: "1 g/kg iv at day 1"}]}\n',
        ),
        "name the control arm",
    ),
    "control that is no arm": (swap("patients:", "control: sham\npatients:"), "control: is 'sham'"),
    "unknown drug": (
        swap("drug: ivig", "drug: ivigg"),
        "line 10: arms[0].treatments[0].drug: no drug 'ivigg'",
    ),
    "regimen without sense": (
        swap("0.5 g/kg iv at day 1, 22", "half a bottle"),
        "line 10: arms[0].treatments[0].regimen",
    ),
    "route the drug lacks": (swap("g/kg iv", "g/kg oral"), "line 10: arms[0].treatments[0].regimen"),
    "negative dose": (swap("0.5 g/kg", "-0.5 g/kg"), "line 10: arms[0].treatments[0].regimen"),
    "empty regimen": (swap("0.5 g/kg iv at day 1, 22", ""), "line 10: arms[0].treatments[0].regimen"),
    "hazard not acknowledged": (swap("acknowledge: [thrombosis]\n", ""), "does not name thrombosis"),
    "hazard of no drug": (swap("[thrombosis]", "[thrombosis, tuberculosis]"), "names 'tuberculosis'"),
    "endpoint upside down": (swap("to_day: 42", "to_day: 2"), "to_day (2) must not lie before from_day (6)"),
    "endpoint before day 1": (swap("from_day: 6", "from_day: 0"), "line 14: endpoint.from_day: is 0"),
    "unknown endpoint": (
        swap("pain-diary", "blood-pressure"),
        "line 14: endpoint.variable: is 'blood-pressure'",
    ),
    "unknown analysis": (swap("method: ancova", "method: anova"), "line 15: analysis.method: is 'anova'"),
    "analysis of another design": (
        swap("method: ancova", "method: crossover"),
        "does not fit a parallel design",
    ),
    "alpha of one": (swap("alpha: 0.05", "alpha: 1.0"), "line 15: analysis.alpha"),
    "three-sided": (swap("sided: 2", "sided: 3"), "line 15: analysis.sided"),
    "ratio of three": (swap("ratio: [1, 1]", "ratio: [1, 1, 1]"), "line 12: allocation"),
    "ratio of nought": (swap("ratio: [1, 1]", "ratio: [1, 0]"), "at least 1"),
    "block that does not divide": (swap("block_size: 4", "block_size: 5"), "multiple of 2"),
    "id with spaces": (swap("id: my-trial", "id: my trial"), "line 1: id"),
    "not YAML": (swap("design: {type: parallel}", "design: {type: parallel"), "is not YAML"),
    "empty": (lambda _: "", "is empty"),
    "a list": (lambda _: "- 1\n- 2\n", "is a list"),
    "a tag": (swap("title: Imm", "title: !!python/name:os.system Imm"), "line 2: title: has the tag"),
    "not a number": (swap("alpha: 0.05", "alpha: .nan"), "line 15: analysis.alpha"),
    "infinite": (swap("at_most: 60", "at_most: .inf"), "population.duration_months.at_most"),
    "grade of a key that is not there": (
        lambda text: text + "provenance:\n  visits: {assumed: nobody knows}\n",
        "line 18: provenance.visits: grades a key",
    ),
    "grade without source": (
        lambda text: text + "provenance:\n  patients: {grade: verified}\n",
        "line 18: provenance.patients: a grade needs its source",
    ),
    "grade and assumption": (
        lambda text: text + "provenance:\n  patients: {grade: verified, source: x, assumed: y}\n",
        "give either a grade",
    ),
}

BAD |= {
    "nine arms": (
        swap("  - name: placebo\n", "  - name: placebo\n" + "".join(f"  - name: x{i}\n" for i in range(8))),
        "line 7: arms",
    ),
    "limits without a side": (
        swap("design:", "  temperature_difference: {}\ndesign:"),
        "line 6: population.temperature_difference: give at_least, at_most or both",
    ),
    "limits upside down": (
        swap("design:", "  blister_tnf: {at_least: 5, at_most: 2}\ndesign:"),
        "line 6: population.blister_tnf: at_most (2) must exceed at_least (5)",
    ),
    "cytokine that plasma does not show": (
        swap("design:", "  plasma_il1b: {at_least: 5}\ndesign:"),
        "line 6: population.plasma_il1b: is not a known key",
    ),
    "falling visits": (
        swap("endpoint:", "visits: [42, 14]\nendpoint:"),
        "line 14: visits: visits must be rising",
    ),
    "visits that do not end with the endpoint": (
        swap("endpoint:", "visits: [37, 40]\nendpoint:"),
        "line 14: visits: the last visit must be the endpoint's last day, 42",
    ),
    "visit without room for its window": (
        swap("endpoint:", "visits: [14, 42]\nendpoint:"),
        "line 14: visits: the first visit must leave room for its window of 37 days",
    ),
    "mmrm without visits": (
        swap("method: ancova", "method: mmrm"),
        "visits: analysis method 'mmrm' needs two",
    ),
    "mmrm of a change": (
        lambda text: swap("to_day: 42", "to_day: 42, scale: change")(
            swap("endpoint:", "visits: [37, 42]\nendpoint:")(swap("method: ancova", "method: mmrm")(text))
        ),
        "line 15: endpoint.scale: analysis method 'mmrm' models the baseline",
    ),
    "mmrm while on treatment": (
        lambda text: swap(
            "endpoint:", "visits: [37, 42]\nestimand: {stopping: while-on-treatment}\nendpoint:"
        )(swap("method: ancova", "method: mmrm")(text)),
        "line 15: estimand: while-on-treatment needs",
    ),
    "responders by ancova": (
        swap("to_day: 42", "to_day: 42, responder: {reduction_percent: 30}"),
        "line 15: analysis.method: analysis method 'ancova' does not fit a responder rule",
    ),
    "risk difference of a mean": (
        swap("method: ancova", "method: risk-difference"),
        "line 15: analysis.method: analysis method 'risk-difference' needs a responder rule",
    ),
    "responder of more than all": (
        swap("to_day: 42", "to_day: 42, responder: {reduction_percent: 130}"),
        "line 14: endpoint.responder.reduction_percent: is 130",
    ),
    "responders of a change": (
        swap("to_day: 42", "to_day: 42, scale: change, responder: {reduction_percent: 30}"),
        "line 14: endpoint: a responder rule already compares with baseline",
    ),
    "temperature over a window": (
        swap("pain-diary", "temperature-difference"),
        "line 14: endpoint: temperature-difference is read on one day",
    ),
    "unknown strategy": (
        swap("endpoint:", "estimand: {stopping: ignore}\nendpoint:"),
        "line 14: estimand.stopping: is 'ignore'",
    ),
    "loss as if it were seen": (
        swap("endpoint:", "estimand: {loss: treatment-policy}\nendpoint:"),
        "line 14: estimand.loss: is 'treatment-policy'",
    ),
    "looks that fall": (
        swap("{type: parallel}", "{type: group-sequential, looks: [0.6, 0.5, 1]}"),
        "line 6: design.looks: are 0.6, 0.5, 1\n  allowed: rising fractions of the patients",
    ),
    "looks that do not end at 1": (
        swap("{type: parallel}", "{type: group-sequential, looks: [0.3, 0.6]}"),
        "line 6: design.looks: are 0.3, 0.6\n  allowed: rising fractions of the patients",
    ),
    "futility at the last look": (
        swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1], futility: [0, 0]}"),
        "line 6: design.futility: has 2\n  allowed: 1 number, one for every look but the last",
    ),
    "two-sided futility": (
        swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1], futility: [0]}"),
        "line 15: analysis.sided: futility needs a one-sided test",
    ),
    "unknown spending": (
        swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1], spending: XX}"),
        "line 6: design.spending: is 'XX'",
    ),
    "spending without its parameter": (
        swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1], spending: WT}"),
        "parameter: is missing: WT needs its shape delta",
    ),
    "interim at the end": (
        swap(
            "{type: parallel}",
            "{type: sample-size-reestimation, interim_patients: 100, most_patients: 200,"
            " assumed_difference: 1, power: 0.8}",
        ),
        "line 6: design.interim_patients: interim_patients must be below patients (100)",
    ),
    "most patients below the plan": (
        swap(
            "{type: parallel}",
            "{type: sample-size-reestimation, interim_patients: 50, most_patients: 80,"
            " assumed_difference: 1, power: 0.8}",
        ),
        "line 6: design.most_patients: most_patients must not be below patients (100)",
    ),
    "power of a coin": (
        swap(
            "{type: parallel}",
            "{type: sample-size-reestimation, interim_patients: 50, most_patients: 180,"
            " assumed_difference: 1, power: 0.5}",
        ),
        "line 6: design.power: is 0.5",
    ),
    "subgroup with two sides": (
        swap(
            "{type: parallel}",
            "{type: adaptive-enrichment, subgroup: {by: duration, below: 9, at_least: 3},"
            " interim_patients: 50}",
        ),
        "line 6: design.subgroup: give either at_least or below",
    ),
    "subgroup by what is not measured": (
        swap(
            "{type: parallel}",
            "{type: adaptive-enrichment, subgroup: {by: plasma-il1b, below: 12}, interim_patients: 50}",
        ),
        "line 6: design.subgroup.by: is 'plasma-il1b'",
    ),
    "two-sided enrichment": (
        swap(
            "{type: parallel}",
            "{type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 50}",
        ),
        "line 15: analysis.sided: an adaptive-enrichment design needs a one-sided test",
    ),
    "prior without spread": (
        swap("sided: 2}", "sided: 2, prior: {mean: 0, sd: 0}}"),
        "line 15: analysis.prior.sd: is 0",
    ),
    "unknown multiplicity": (
        swap("sided: 2}", "sided: 2, multiplicity: tukey}"),
        "line 15: analysis.multiplicity: is 'tukey'",
    ),
    "imputation without visits": (
        swap("sided: 2}", "sided: 2, missing: jump-to-reference}"),
        "line 15: analysis.missing: missing: jump-to-reference needs ancova, two visits",
    ),
    "delta without visits": (
        swap("sided: 2}", "sided: 2, delta: 0.5}"),
        "line 15: analysis.delta: delta needs ancova, two visits or more, parallel arms",
    ),
    "tipping point without visits": (
        swap("sided: 2}", "sided: 2, tipping_point: {largest: 3}}"),
        "line 15: analysis.tipping_point: tipping_point needs ancova or clda or mmrm, two visits",
    ),
    "tipping point of a posterior": (
        swap(
            "sided: 2}", "sided: 2, tipping_point: {largest: 3}, prior: {mean: 0, sd: 1}}\nvisits: [40, 42]"
        ),
        "line 15: analysis.prior: a tipping point is of a p value: leave out the prior",
    ),
    "tipping point that looks nowhere": (
        swap("sided: 2}", "sided: 2, tipping_point: {largest: 0}}"),
        "line 15: analysis.tipping_point.largest: is 0",
    ),
    "strata of one covariate": (
        swap("block_size: 4}", "block_size: 4, strata: [{by: pain, cuts: [5]}, {by: pain, cuts: [7]}]}"),
        "line 12: allocation: two strata cut the same covariate",
    ),
    "cuts that fall": (
        swap("block_size: 4}", "block_size: 4, strata: [{by: pain, cuts: [7, 5]}]}"),
        "line 12: allocation.strata[0]: cuts must rise",
    ),
    "too many strata": (
        swap(
            "block_size: 4}",
            "block_size: 4, strata: [{by: pain, cuts: [4, 5, 6, 7]}, {by: duration, cuts: [1, 2, 3, 4]},"
            " {by: temperature, cuts: [0]}]}",
        ),
        "line 12: allocation: the strata make 50 cells",
    ),
    "side effects of an arm that is not there": (
        swap("acknowledge:", "conduct: {stopping: {side_effects_per_month: {sham: 0.1}}}\nacknowledge:"),
        "line 16: conduct.stopping.side_effects_per_month: names 'sham', which is not an arm",
    ),
    "belief in an arm that is not there": (
        swap(
            "acknowledge:", "conduct: {unblinding: {believing_share: {sham: 1}, shift_nrs: -1}}\nacknowledge:"
        ),
        "line 16: conduct.unblinding.believing_share: names 'sham'",
    ),
    "adherence of nobody": (
        swap("acknowledge:", "conduct: {adherence: 0}\nacknowledge:"),
        "line 16: conduct.adherence: is 0",
    ),
    "rescue that hurts": (
        swap("acknowledge:", "conduct: {rescue: {per_month: 0.1, relief_nrs: -1}}\nacknowledge:"),
        "line 16: conduct.rescue.relief_nrs: is -1",
    ),
    "rescue of two kinds": (
        swap(
            "acknowledge:",
            "conduct: {rescue: {per_month: 0.1, relief_nrs: 1, drug: ivig, regimen: x}}\nacknowledge:",
        ),
        "line 16: conduct.rescue: give either relief_nrs, or a drug with its regimen",
    ),
    "rescue of no kind": (
        swap("acknowledge:", "conduct: {rescue: {per_month: 0.1}}\nacknowledge:"),
        "line 16: conduct.rescue: give either relief_nrs, or a drug with its regimen",
    ),
    "rescue drug without a regimen": (
        swap("acknowledge:", "conduct: {rescue: {per_month: 0.1, drug: ivig}}\nacknowledge:"),
        "line 16: conduct.rescue: a rescue drug needs its regimen",
    ),
    "rescue drug without visits": (
        swap("acknowledge:", RESCUE % ("ivig", "0.5 g/kg iv at day 1") + "acknowledge:"),
        "line 16: conduct.rescue: a rescue drug starts on a visit before the last",
    ),
    "rescue by a drug that is not there": (
        swap(
            "acknowledge:", VISITS + RESCUE % ("ibuprofene", "400 mg oral daily for 7 days") + "acknowledge:"
        ),
        "line 17: conduct.rescue.drug",
    ),
    "rescue by a regimen that cannot be read": (
        swap("acknowledge:", VISITS + RESCUE % ("ivig", "some, when needed") + "acknowledge:"),
        "line 17: conduct.rescue.regimen",
    ),
    "hazards of the rescue drug": (
        swap(
            "acknowledge:",
            VISITS + RESCUE % ("prednisolone", "20 mg oral daily for 7 days") + "acknowledge:",
        ),
        "line 18: acknowledge: does not name",
    ),
    "wins of another analysis": (
        swap("sided: 2}", "sided: 2, wins: {tie_within: 1}}"),
        "line 15: analysis.wins: wins are for analysis method 'win-ratio'",
    ),
    "win ratio by an event that is no failure": (
        swap("method: ancova, alpha: 0.05, sided: 2}", "method: win-ratio, wins: {first: [rescue]}}"),
        "line 15: analysis.wins.first: rescue decides pairs, so its strategy is composite",
    ),
    "win ratio by what is no event": (
        swap("method: ancova, alpha: 0.05, sided: 2}", "method: win-ratio, wins: {first: [sleep]}}"),
        "line 15: analysis.wins.first[0]: is 'sleep'",
    ),
    "cost without accrual": (
        swap("acknowledge:", "cost: {per_site: 1000}\nacknowledge:"),
        "line 16: cost: a cost per site or month needs conduct.accrual",
    ),
    "a currency by its sign": (
        swap("acknowledge:", "cost: {currency: $}\nacknowledge:"),
        "line 16: cost.currency: is '$'",
    ),
}


def test_there_are_sixty_kinds_of_bad_protocol() -> None:
    assert len(BAD) >= 60


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            swap("type: parallel", "type: stepped-wedge"),
            "line 6: design.type: stepped-wedge is not supported",
        ),
        (swap("method: ancova", "method: gee"), "line 15: analysis.method: gee is not supported"),
        (swap("pain-diary", "iss"), "line 14: endpoint.variable: iss is not supported"),
        (
            swap("endpoint:", "estimand: {stopping: principal-stratum}\nendpoint:"),
            "line 14: estimand.stopping: principal-stratum is not supported",
        ),
    ],
)
def test_what_is_known_and_not_supported_is_refused_by_name(change: Callable[[str], str], words: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        check_protocol(parse_document(change(GOOD), "trial.yaml"))
    assert words in str(refusal.value)
    assert refusal.value.problems[0].hint


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_protocol_gets_a_precise_error(kind: str) -> None:
    change, words = BAD[kind]
    with pytest.raises(InputError) as refusal:
        check_protocol(parse_document(change(GOOD), "trial.yaml"))
    assert words in str(refusal.value)
    assert all(problem.place.file == "trial.yaml" for problem in refusal.value.problems)


UNDONE = {
    "prior in a sequential design": (
        lambda text: swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1]}")(
            swap("sided: 2}", "sided: 2, prior: {mean: 0, sd: 1}}")(text)
        ),
        "line 15: analysis.prior: a prior does not fit",
    ),
    "win ratio with a prior": (
        swap("method: ancova, alpha: 0.05, sided: 2}", "method: win-ratio, prior: {mean: 0, sd: 1}}"),
        "line 15: analysis.prior: analysis method 'win-ratio' takes no prior",
    ),
    "margin in a sequential design": (
        lambda text: swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1]}")(
            swap("sided: 2}", "sided: 1, margin: {claim: non-inferiority, size: 1}}")(text)
        ),
        "line 15: analysis.margin: a group-sequential design is not tested against a margin",
    ),
    "sites of a sequential design": (
        lambda text: (
            swap("{type: parallel}", "{type: group-sequential, looks: [0.5, 1]}")(text)
            + "sites: {count: 4}\n"
        ),
        "sites: sites are for parallel arms of a fixed size",
    ),
}


@pytest.mark.parametrize("kind", UNDONE)
def test_what_could_be_done_and_is_not_simulated_is_refused_as_unsupported(kind: str) -> None:
    change, words = UNDONE[kind]
    with pytest.raises(UnsupportedError) as refusal:
        check_protocol(parse_document(change(GOOD), "trial.yaml"))
    assert words in str(refusal.value)


def test_wrong_input_is_wrong_input_whatever_is_unsupported_beside_it() -> None:
    text = UNDONE["sites of a sequential design"][0](GOOD).replace("count: 4", "count: 1")
    with pytest.raises(InputError, match="count"):
        check_protocol(parse_document(text, "trial.yaml"))
    both = UNDONE["prior in a sequential design"][0](GOOD) + "cost: {per_site: 10}\n"
    with pytest.raises(InputError) as refusal:
        check_protocol(parse_document(both, "trial.yaml"))
    assert len(refusal.value.problems) == 2


def test_a_good_protocol_is_read() -> None:
    protocol = check_protocol(parse_document(GOOD, "trial.yaml"))
    assert protocol.role == "user"
    assert protocol.control_name == "placebo"
    assert layout_of(protocol).sequences == ((0,), (1,))
    assert layout_of(protocol).starts == (0.0,)


def test_a_crossover_has_two_sequences_and_a_second_period_after_the_washout() -> None:
    protocol = published_protocols()["goebel-2010"]
    assert isinstance(protocol.design, Crossover)
    assert layout_of(protocol).sequences == ((0, 1), (1, 0))
    assert layout_of(protocol).starts == (0.0, 56.0)


def test_the_lips_protocol_is_the_published_trial() -> None:
    protocol = published_protocols()["goebel-2017-lips"]
    assert isinstance(protocol.design, Parallel)
    assert protocol.role == "held-back"
    assert (protocol.population.duration_months.at_least, protocol.population.duration_months.at_most) == (
        12,
        60,
    )
    assert protocol.arms[0].treatments[0].regimen == "0.5 g/kg iv at day 1, 22"
    assert (protocol.endpoint.from_day, protocol.endpoint.to_day) == (6, 42)
    assert "population.pain_nrs.at_least" in {
        key for key, graded in protocol.provenance.items() if graded.assumed
    }


@pytest.mark.parametrize("identifier", published_protocols())
def test_a_published_protocol_has_a_record_and_grades_every_part(identifier: str) -> None:
    protocol = published_protocols()[identifier]
    assert protocol.id == identifier
    assert protocol.record is not None
    assert record(protocol.record).id == protocol.record
    graded = {key.split(".")[0] for key in protocol.provenance}
    assert {"population", "design", "arms", "patients", "endpoint", "analysis"} <= graded


def test_examples_are_valid(pytestconfig: pytest.Config) -> None:
    examples = sorted((Path(pytestconfig.rootpath) / "examples" / "protocols").glob("*.yaml"))
    assert len(examples) >= 3
    assert all(isinstance(read_protocol(path), Protocol) for path in examples)


@pytest.mark.parametrize(
    "design",
    [
        "Aggregated N-of-1", "aggregated_n_of_1", "Bayesian adaptive", "master protocol", "MAMS", "MCP-Mod",
        "enriched enrollment", "non-inferiority", "noninferiority", "cluster", "stepped_wedge", "basket",
    ],
)  # fmt: skip
@pytest.mark.parametrize("written", ["{{type: {}}}", "{}"])
def test_designs_that_others_have_are_refused_by_name(design: str, written: str) -> None:
    text = GOOD.replace("{type: parallel}", written.format(design))
    assert text != GOOD
    with pytest.raises(UnsupportedError, match=f"{design} is not supported") as refusal:
        check_protocol(parse_document(text, "trial.yaml"))
    assert refusal.value.exit_code == 3


def test_a_hypothesis_is_refused_by_name() -> None:
    text = GOOD.replace("analysis: {", "analysis: {hypothesis: non-inferiority, ")
    with pytest.raises(UnsupportedError, match=r"analysis.hypothesis: is not supported"):
        check_protocol(parse_document(text, "trial.yaml"))


def test_a_duration_without_a_least_begins_at_the_injury() -> None:
    text = re.sub(r"duration_months: \{[^}]*\}", "duration_months: {at_most: 3}", GOOD)
    assert text != GOOD
    window = check_protocol(parse_document(text, "trial.yaml")).population.duration_months
    assert (window.at_least, window.at_most) == (0, 3)
