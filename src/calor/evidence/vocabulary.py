"""The closed word lists of evidence records: kinds of study, drug classes, directions, phases, roles."""

from __future__ import annotations

from enum import StrEnum


class StudyKind(StrEnum):
    """What kind of source a record describes."""

    TRIAL = "trial"
    CASE_SERIES = "case-series"
    CASE_REPORT = "case-report"
    COHORT = "cohort"
    SYSTEMATIC_REVIEW = "systematic-review"
    REGISTERED_TRIAL = "registered-trial"
    REGISTERED_STUDY = "registered-study"
    CONTEXT_TABLE = "context-table"


class DrugClass(StrEnum):
    """What was given, as the evidence table groups it."""

    IMMUNOGLOBULIN = "immunoglobulin"
    PLASMA_EXCHANGE = "plasma-exchange"
    MYCOPHENOLATE = "mycophenolate"
    ANTI_TNF = "anti-tnf"
    THALIDOMIDE = "thalidomide"
    GLUCOCORTICOID = "glucocorticoid"
    NALTREXONE = "naltrexone"
    IL1_ANTAGONIST = "il1-antagonist"
    ANTI_CGRP = "anti-cgrp"
    RADICAL_SCAVENGER = "radical-scavenger"
    BISPHOSPHONATE = "bisphosphonate"
    NMDA_ANTAGONIST = "nmda-antagonist"
    NEUROSTIMULATION = "neurostimulation"
    SEVERAL = "several"
    PLACEBO = "placebo"
    NATURAL_COURSE = "natural-course"


class Direction(StrEnum):
    """Which way a result points.

    The first three compare arms. `improved` and `not-improved` are changes without a control, `mixed` is
    neither one nor the other, `not-read` says that no result was read.
    """

    FAVOURS_ACTIVE = "favours-active"
    FAVOURS_CONTROL = "favours-control"
    NONE = "none"
    IMPROVED = "improved"
    NOT_IMPROVED = "not-improved"
    MIXED = "mixed"
    NOT_READ = "not-read"


class Phase(StrEnum):
    """How long the patients had had CRPS."""

    ACUTE = "acute"
    PERSISTENT = "persistent"
    MIXED = "mixed"
    UNCLEAR = "unclear"
    NOT_CRPS = "not-crps"


class Role(StrEnum):
    """What the model does with a record's numbers.

    `calibration`: fitted. `held-back`: predicted and compared, never fitted. `prior-only`: informs a
    prior. `none`: read by people only.
    """

    CALIBRATION = "calibration"
    HELD_BACK = "held-back"
    PRIOR_ONLY = "prior-only"
    NONE = "none"
