"""The controlled trials of a drug class side by side, and whether they may be pooled.

Effects are differences between arms, active minus control, rescaled linearly to a scale of 0 to 10 on which
more is worse, so that negative favours the active arm. Only pain is pooled. A trial without usable numbers
stands as a row with its direction, and where such trials hold a quarter or more of the randomised patients
nothing is pooled: what was printed in numbers would then speak for what was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.effects import Effect, Measure, standard_error_from_interval
from calor.evidence.published import primary_outcome
from calor.evidence.quantity import quantity_in_words
from calor.evidence.record import Outcome, Record
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, pool
from calor.evidence.vocabulary import Direction, DrugClass, Phase, StudyKind

LARGEST_SHARE_WITHOUT_NUMBERS = 0.25
"""At this share of randomised patients in trials without usable numbers, or above it, nothing is pooled."""

COMMON_SCALE = 10.0


@dataclass(frozen=True)
class ForestRow:
    """One controlled trial of the class.

    Arguments: the record's id; randomised patients; phase of disease; route; comparator; direction and its
    grade; the outcome's name and domain; the difference on the scale of 0 to 10 with interval and standard
    error (None where not printed); whether the interval is one between patients; the result as printed; and
    the key path of the number in the record.
    """

    record: str
    n: int | None
    phase: Phase
    route: str | None
    comparator: str | None
    direction: Direction
    grade: Grade | None
    outcome: str
    domain: str
    value: float | None
    interval95: tuple[float, float] | None
    interval_reliable: bool
    standard_error: float | None
    printed: str
    path: str | None

    @property
    def poolable(self) -> bool:
        """Whether the row is a difference in pain with a standard error between patients."""
        return self.domain == "pain" and self.value is not None and self.standard_error is not None


@dataclass(frozen=True)
class Forest:
    """The rows of a class, what was left out and why, and the pooled effect or the reason there is none."""

    drug_class: DrugClass
    rows: tuple[ForestRow, ...]
    records: int
    left_out: dict[str, tuple[str, ...]]
    randomised: int
    randomised_without_numbers: int
    size_unknown: tuple[str, ...]
    pooled: MetaAnalysis | None
    not_pooled_because: str | None

    @property
    def share_without_numbers(self) -> float:
        """The share of randomised patients (of trials of known size) in trials without usable numbers."""
        return self.randomised_without_numbers / self.randomised if self.randomised else 0.0


def forest_with_rows(records: Iterable[Record], drug_class: DrugClass) -> Forest:
    """Return the controlled trials of a class. Raises InputError where the class has none."""
    forest = forest_of(records, drug_class)
    if not forest.rows:
        raise InputError.of(
            f"no controlled trial of {forest.drug_class.value} in the evidence",
            key="--forest",
            hint=f"`calor evidence --class {forest.drug_class.value}` lists what there is",
        )
    return forest


def forest_of(records: Iterable[Record], drug_class: DrugClass) -> Forest:
    """Return the forest of a drug class from records."""
    own = [record for record in records if record.drug_class is drug_class]
    left_out: dict[str, list[str]] = {}
    rows: list[ForestRow] = []
    for record in own:
        reason = reason_left_out(record)
        if reason is None:
            rows.append(row_of(record))
        else:
            left_out.setdefault(reason, []).append(record.id)
    known = [row for row in rows if row.n is not None]
    without = sum(row.n or 0 for row in known if row.value is None)
    randomised = sum(row.n or 0 for row in known)
    pooled, because = _pooled(rows, randomised, without)
    return Forest(
        drug_class=drug_class,
        rows=tuple(rows),
        records=len(own),
        left_out={reason: tuple(names) for reason, names in left_out.items()},
        randomised=randomised,
        randomised_without_numbers=without,
        size_unknown=tuple(row.record for row in rows if row.n is None),
        pooled=pooled,
        not_pooled_because=because,
    )


def reason_left_out(record: Record) -> str | None:
    """Return why a record is no row of a forest, or None when it is one."""
    if record.kind is StudyKind.SYSTEMATIC_REVIEW or record.kind is StudyKind.CONTEXT_TABLE:
        return "review or table"
    registered = record.kind in (StudyKind.REGISTERED_TRIAL, StudyKind.REGISTERED_STUDY)
    if registered and record.headline.direction is Direction.NOT_READ:
        return "registered, no result read"
    if not record.design.randomised:
        return "not randomised"
    if record.population.phase is Phase.NOT_CRPS:
        return "not CRPS"
    drugs = {arm.drug for arm in record.arms}
    if len(drugs) == 1 and None not in drugs:
        return "compares doses of one drug"
    return None


def row_of(record: Record) -> ForestRow:
    """Return the row of a randomised trial: its primary outcome, or its first difference in pain."""
    index, outcome = _shown_outcome(record)
    value, interval, error, reliable = (None, None, None, False) if outcome is None else _difference(outcome)
    comparator = next((arm.drug or arm.name for arm in record.arms if arm.role == "control"), None)
    return ForestRow(
        record=record.id,
        n=_randomised(record),
        phase=record.population.phase,
        route=record.route,
        comparator=record.design.comparator or comparator,
        direction=record.headline.direction,
        grade=record.headline.grade,
        outcome=outcome.name if outcome else record.headline.statement,
        domain=outcome.domain if outcome else "other",
        value=value,
        interval95=interval,
        interval_reliable=reliable,
        standard_error=error,
        printed=_as_printed(outcome),
        path=None if outcome is None or value is None else f"outcomes[{index}]",
    )


def _shown_outcome(record: Record) -> tuple[int, Outcome | None]:
    """Return the primary outcome, unless it has no difference and one on pain has."""
    primary = primary_outcome(record)
    if primary is None:
        return -1, None
    candidates = [primary, *(outcome for outcome in record.outcomes if outcome.domain == "pain")]
    shown = next((outcome for outcome in candidates if _difference(outcome)[0] is not None), primary)
    return record.outcomes.index(shown), shown


def _difference(
    outcome: Outcome,
) -> tuple[float | None, tuple[float, float] | None, float | None, bool]:
    """Return value, interval, standard error (0-10, more is worse), and whether the interval is reliable."""
    contrast = outcome.contrast
    if contrast is None or contrast.measure != "mean-difference" or contrast.value is None:
        return None, None, None, False
    if outcome.scale is None or outcome.better is None:
        return None, None, None, False
    factor = COMMON_SCALE / (outcome.scale[1] - outcome.scale[0]) * (1 if outcome.better == "lower" else -1)
    value = contrast.value * factor
    interval = None
    if contrast.interval95 is not None:
        low, high = sorted(limit * factor for limit in contrast.interval95)
        interval = (low, high)
    reliable = contrast.interval_reliable
    error = None if contrast.se is None else contrast.se * abs(factor)
    if error is None and interval is not None and reliable and interval[0] < interval[1]:
        error = standard_error_from_interval(*interval)
    return value, interval, error, reliable


def _randomised(record: Record) -> int | None:
    """Return how many were randomised, or the nearest size that was read."""
    design = record.design
    for size in (design.n_randomised, design.n_enrolled, design.n_included, design.n_analysed):
        if size is not None and size.value is not None:
            return round(size.value)
    return None


def _as_printed(outcome: Outcome | None) -> str:
    if outcome is None:
        return "no result was read"
    if outcome.contrast is not None:
        return quantity_in_words(outcome.contrast)
    shares = [
        f"{arm.responders.percent:g} %" if arm.responders.percent is not None else f"{arm.responders.count}"
        for arm in outcome.arms.values()
        if arm.responders is not None
    ]
    if shares:
        return f"{' against '.join(shares)} responded"
    return outcome.finding or "no number was read"


def _pooled(
    rows: Sequence[ForestRow], randomised: int, without: int
) -> tuple[MetaAnalysis | None, str | None]:
    usable = [row for row in rows if row.poolable]
    if randomised and without / randomised >= LARGEST_SHARE_WITHOUT_NUMBERS:
        return None, (
            f"trials without usable numbers hold {without} of {randomised} randomised patients "
            f"({without / randomised:.0%}), a quarter or more"
        )
    if len(usable) < 2:
        return None, f"{len(usable)} of {len(rows)} trials print a difference in pain with its precision"
    effects = [
        Effect(row.record, row.value, row.standard_error**2, Measure.MEAN_DIFFERENCE)
        for row in usable
        if row.value is not None and row.standard_error is not None
    ]
    return (
        pool(
            [effect.estimate for effect in effects],
            [effect.variance for effect in effects],
            method=Method.REML,
            studies=[effect.study for effect in effects],
        ),
        None,
    )
