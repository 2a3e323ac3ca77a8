"""A posterior as a file: draws of the uncertain parameters' scores under each rival, with weights and origin.

Parquet with one row per draw; what it was made of stands in the file's metadata. Whoever draws worlds may
draw them from a posterior instead of the prior: a score means the same in both.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.population.uncertainty import prior_scores, worlds_of

NARROWED = 0.9
"""A score whose posterior SD is at most this share of its prior's was narrowed by the data."""

METADATA_KEY = b"calor"
RIVAL_COLUMN = "rival"
_KNOWN_BEFORE = re.compile(r"known-before-(\d{4})")

STUDIES = "studies"
"""Where a posterior says which targets of which study it was fitted to."""


@dataclass(frozen=True)
class Posterior:
    """Equally weighted draws under each rival.

    Arguments: the names of the scores; by rival its draws (n_draws, n_scores) and its weight; what the
    posterior was made of (hashes, seed, settings, diagnostics); the name it goes by, the hash of its file and
    the day on which that was written, empty for one that was not read from a file; and the targets that it
    was fitted to by study, None where that is not known.
    """

    names: tuple[str, ...]
    draws: Mapping[str, Numbers]
    weights: Mapping[str, float]
    made_of: Mapping[str, Any]
    name: str = ""
    file_sha256: str = ""
    date: str = ""
    studies: Mapping[str, tuple[str, ...]] | None = None

    def seen_of(self, names: Collection[str]) -> tuple[str, ...] | None:
        """Return the targets it was fitted to that come from a study by any of its names; None: not known."""
        if self.studies is None:
            return None
        return tuple(target for name in names for target in self.studies.get(name, ()))

    def worlds(self, table: ParameterTable, rival: str, stream: Stream, count: int) -> dict[str, Numbers]:
        """Return population values (count,) by parameter in the first worlds drawn under a rival.

        More worlds keep those of fewer. Raises InputError for a rival without draws.
        """
        return self.worlds_at(table, rival, stream, np.arange(count))

    def worlds_at(
        self, table: ParameterTable, rival: str, stream: Stream, numbers: NDArray[np.int64]
    ) -> dict[str, Numbers]:
        """Return population values (n,) by parameter in numbered worlds (n,) under a rival.

        A parameter without a score here (a drug that took no part in the fit) is drawn from its prior, by the
        same random numbers as without a posterior. Raises InputError for a rival without draws.
        """
        fitted = self.scores_at(rival, stream, numbers)
        others = [row for row in table.uncertain if row.identifier not in fitted]
        return worlds_of(table, {**prior_scores(others, stream, numbers), **fitted}, len(numbers))

    def scores_at(self, rival: str, stream: Stream, numbers: NDArray[np.int64]) -> dict[str, Numbers]:
        """Return the fitted parameters' scores (n,) in numbered worlds (n,) under a rival.

        The stream shuffles the draws, each rival's on its own; world k is draw k of them, and after the last
        one they are shuffled anew. Raises InputError for a rival without draws.
        """
        if rival not in self.draws:
            raise InputError.of(
                f"the posterior has no draws under {rival}", file=self.name, key="--posterior"
            )
        available = self.draws[rival]
        rows = _shuffled(len(available), stream.child("posterior draws", rival), numbers)
        return {name: available[rows, column] for column, name in enumerate(self.names)}

    def typical(self, table: ParameterTable) -> dict[str, float]:
        """Return the value of each fitted parameter at its mean score, over the rivals by weight."""
        mean = sum(self.weights[rival] * draws.mean(axis=0) for rival, draws in self.draws.items())
        scores = dict(zip(self.names, np.atleast_1d(mean / sum(self.weights.values())), strict=True))
        return {
            row.identifier: float(row.at(scores[row.identifier]))
            for row in table.uncertain
            if row.identifier in scores
        }

    def left_to_prior(self, table: ParameterTable) -> tuple[str, ...]:
        """Return the uncertain parameters of a table that took no part in the fit."""
        known = set(self.names)
        return tuple(row.identifier for row in table.uncertain if row.identifier not in known)

    def narrowed(self, table: ParameterTable) -> tuple[str, ...]:
        """Return the uncertain parameters of a table that the data narrowed by a tenth or more.

        The SD of a parameter's score within a rival, averaged over rivals by weight, is at most 0.9 of its
        prior's.
        """
        spread = sum(self.weights[rival] * draws.std(axis=0) for rival, draws in self.draws.items())
        found = {name for name, sd in zip(self.names, np.atleast_1d(spread), strict=True) if sd <= NARROWED}
        return tuple(row.identifier for row in table.uncertain if row.identifier in found)

    @property
    def equal_weights(self) -> bool:
        """Whether every rival weighs the same."""
        weights = np.array(list(self.weights.values()))
        return bool(np.allclose(weights, weights.mean(), rtol=1e-9))


def _shuffled(n_draws: int, stream: Stream, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return positions among some draws for numbers (n,): every draw once in random order, then anew."""
    rounds, row = np.unique(numbers // n_draws, return_inverse=True)
    order = np.argsort(stream.words(rounds, n_draws), axis=1, kind="stable")
    return np.asarray(order[row, numbers % n_draws])


def known_before_year(kind: str) -> int | None:
    """Return the year before which everything that a posterior of a kind was fitted to was known, if any."""
    found = _KNOWN_BEFORE.fullmatch(kind)
    return int(found[1]) if found else None


def write_posterior(path: Path, posterior: Posterior) -> None:
    """Write a posterior with its date, or today's; scores are kept to single precision."""
    import pyarrow as pa  # takes long to load
    import pyarrow.parquet as pq

    rivals = [name for name, draws in posterior.draws.items() for _ in range(len(draws))]
    scores = np.concatenate(list(posterior.draws.values())).astype(np.float32)
    columns = {RIVAL_COLUMN: pa.array(rivals).dictionary_encode()}
    columns |= {name: pa.array(scores[:, column]) for column, name in enumerate(posterior.names)}
    about = {
        "weights": dict(posterior.weights),
        "made_of": dict(posterior.made_of),
        "date": posterior.date or datetime.now(UTC).date().isoformat(),
    }
    table = pa.table(columns).replace_schema_metadata({METADATA_KEY: json.dumps(about)})
    pq.write_table(table, path, compression="zstd")


def read_posterior(path: Path) -> Posterior:
    """Read a posterior; it goes by its path. Raises InputError for a file that is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError.of("no such file", file=path, hint="calor calibrate makes a posterior") from None
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=path) from None
    import pyarrow as pa  # takes long to load
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        raise InputError.of("is not a Parquet file", file=path) from None
    metadata = table.schema.metadata or {}
    if METADATA_KEY not in metadata or RIVAL_COLUMN not in table.column_names:
        raise InputError.of("is not a posterior of calor", file=path, hint="calor calibrate makes one")
    about = json.loads(metadata[METADATA_KEY])
    names = tuple(name for name in table.column_names if name != RIVAL_COLUMN)
    scores = np.column_stack([table[name].to_numpy() for name in names]).astype(np.float64)
    rivals = np.array(table[RIVAL_COLUMN].to_pylist())
    draws = {str(name): scores[rivals == name] for name in dict.fromkeys(rivals.tolist())}
    return Posterior(
        names=names,
        draws=draws,
        weights=about["weights"],
        made_of=about["made_of"],
        name=str(path),
        file_sha256=hashlib.sha256(content).hexdigest(),
        date=about.get("date", ""),
        studies=_studies(about["made_of"], path),
    )


def _studies(made_of: Mapping[str, Any], path: Path) -> dict[str, tuple[str, ...]] | None:
    """Return the targets of a posterior by study: from its file, or the report of the same fit beside it."""
    if STUDIES in made_of:
        return {study: tuple(targets) for study, targets in made_of[STUDIES].items()}
    report = path.with_suffix(".json")
    if not report.exists():
        return None
    about = json.loads(report.read_text(encoding="utf-8"))
    if about.get("made_of") != made_of:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for target in about["targets"]:
        found[target["study_id"]] = (*found.get(target["study_id"], ()), target["id"])
    return found
