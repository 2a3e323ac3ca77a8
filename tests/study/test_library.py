"""The studies that ship: one file each, named by their ids; a designed one can be run as a trial."""

from __future__ import annotations

from pathlib import Path

import pytest

import calor.study.library as library
from calor.study.library import path_of, study, study_ids, trial_ids, trial_sha256
from calor.study.protocol import Protocol
from calor.trial.protocols.published import published_protocol, published_protocols


def test_every_file_bears_its_id_and_is_read() -> None:
    for name in study_ids():
        assert study(name).id == name
        assert isinstance(study(name), Protocol) == (name in trial_ids())


def test_a_study_that_only_the_fit_knows_is_no_trial() -> None:
    assert set(published_protocols()) == set(trial_ids()) < set(study_ids())
    with pytest.raises(KeyError):
        published_protocol("braus-1994")


def test_every_study_of_the_library_is_a_trial_fitted_or_followed() -> None:
    for name in study_ids():
        found = study(name)
        assert isinstance(found, Protocol) or found.targets or found.natural_course, name


def test_what_a_fit_takes_from_a_study_does_not_change_the_trial(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = path_of("kalita-2006").read_text()
    without = text[: text.index("fitted:")].rstrip() + "\n"
    before = trial_sha256("kalita-2006")
    (tmp_path / "kalita-2006.yaml").write_text(without)
    monkeypatch.setattr(library, "path_of", lambda name: tmp_path / f"{name}.yaml")
    assert library.trial_sha256("kalita-2006") == before
    (tmp_path / "kalita-2006.yaml").write_text(without.replace("patients: 60", "patients: 61"))
    assert library.trial_sha256("kalita-2006") != before
