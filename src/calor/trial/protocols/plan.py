"""A protocol as the rooms of a trial take it: its parts, each worked out once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calor.study import Protocol
from calor.trial.protocols.analysis_plan import AnalysisPlan, analysis_plan_of
from calor.trial.protocols.assessments import Assessments, assessments_of
from calor.trial.protocols.enrolment import Enrolment, enrolment_of
from calor.trial.protocols.event_rules import EventRules, event_rules_of
from calor.trial.protocols.given import Given, given_of
from calor.trial.protocols.layout import Layout, layout_of
from calor.trial.protocols.rules import refuse_misfits


@dataclass(frozen=True)
class Plan:
    """What a protocol comes to; one that breaks a rule has no plan.

    Arguments: the protocol as it was written, for the criteria, the design and what a result says of its
    trial; the arms over time; what is given; what is measured; what happens besides; how many are enrolled
    and allocated how; and how they are analysed.
    """

    protocol: Protocol
    layout: Layout
    given: Given
    assessments: Assessments
    events: EventRules
    enrolment: Enrolment
    analysis: AnalysisPlan


def at_margin(plan: Plan) -> Plan:
    """Return the plan of a trial whose active arm is measured worse by its margin; without one the plan.

    What is measured is moved, so that with the mechanism off the true value is the margin itself.
    """
    margin = plan.analysis.asked.margin
    if margin is None:
        return plan
    worse = margin.size if plan.analysis.less_is_better else -margin.size
    added = worse * (plan.layout.arm_asked != plan.layout.control)
    return replace(plan, assessments=replace(plan.assessments, added=added))


def plan_of(protocol: Protocol) -> Plan:
    """Return the plan of a protocol.

    Raises InputError with every rule that it breaks or for a drug that does not exist or fit, and
    UnsupportedError where it would take too many courses.
    """
    refuse_misfits(protocol)
    layout = layout_of(protocol)
    return Plan(
        protocol=protocol,
        layout=layout,
        given=given_of(protocol, layout),
        assessments=assessments_of(protocol, layout),
        events=event_rules_of(protocol, layout),
        enrolment=enrolment_of(protocol, layout),
        analysis=analysis_plan_of(protocol),
    )
