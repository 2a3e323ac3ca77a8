"""What a prior alone carries is listed with a reason, and is no target."""

from __future__ import annotations

from calor.calibration.prior_only import load_prior_only
from calor.calibration.studies import held_out_ids
from calor.calibration.targets import load_targets
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records
from calor.model.disease import load_disease
from calor.model.parameters import Scale
from calor.population.measurement import load_measurement
from calor.therapy.equations import equations_of
from calor.therapy.library import drug_ids, load_drug


def test_each_is_carried_by_uncertain_parameters_that_exist() -> None:
    drugs = [load_drug(name) for name in drug_ids()]
    rows = [*load_disease().parameters, *load_measurement()]
    rows += [row for drug in drugs for row in equations_of(drug).parameters]
    uncertain = {row.identifier for row in rows if row.scale is not Scale.FIXED}
    for each in load_prior_only():
        assert set(each.carried_by) <= uncertain, each.id


def test_each_is_from_a_known_source_and_from_no_held_out_trial() -> None:
    known = {entry.id for entry in load_records()} | {entry.id for entry in load_findings()}
    known |= {source for name in drug_ids() for source in load_drug(name).sources}
    for each in load_prior_only():
        assert each.study_id in known
        assert each.study_id not in held_out_ids()
        assert each.reason


def test_none_is_a_target() -> None:
    prior_only = load_prior_only()
    targets = load_targets("product")
    assert not {each.id for each in prior_only} & {target.id for target in targets}
    assert not {each.study_id for each in prior_only} & {target.study_id for target in targets}
    assert all(target.role == "calibration" for target in targets)
