"""`calor check study` says whether a study or protocol of one's own is sound, without simulating."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calor.cli.main import exit_code_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_study_is_sound_and_shows_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["check", "study", str(EXAMPLES / "studies" / "own-study.yaml"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["id"], found["kind"], found["sound"]) == ("our-pilot-2025", "study", True)
    assert found["targets"] == [
        {"id": "our-pilot-contrast", "value": -0.9, "grade": "verified", "published_at": "table 2"}
    ]


def test_a_protocol_is_sound_as_a_trial(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["check", "study", str(EXAMPLES / "protocols" / "early-ivig.yaml")]) == 0
    assert "is sound: a trial" in capsys.readouterr().out


def test_an_arm_that_a_platform_is_too_full_for_is_told_before_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (EXAMPLES / "designs" / "platform.yaml").read_text()
    path = tmp_path / "platform.yaml"
    path.write_text(text.replace("patients: 180", "patients: 100"))
    assert exit_code_of(["check", "study", str(path)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Warning: IVIG gets about 12 of its 30 patients where no arm ends early" in told
    path.write_text(text)
    assert exit_code_of(["check", "study", str(path)]) == 0
    assert "Warning" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("printed: -0.9, grade: verified, from: table 2", 'at: "outcomes[pain]"', "names none"),
        ("printed: -0.9", "printed: -90", "is -90: contrast_mean lies from -10 to 10"),
        ("printed: -0.9", "printed: 1e300", "is 1e+300: contrast_mean lies from -10 to 10"),
        ("standard_error: 0.5", "standard_error: 50", "standard_error: is 50: contrast_mean spans 20 in all"),
        ("standard_error: 0.5", "standard_error: 1e-300", "no study knows a contrast_mean as well as that"),
        ("bias_sd: 0.5", "bias_sd: 1e9", "bias_sd: is 1e+09: contrast_mean spans 20 in all"),
        ("title:", "titel:", "did you mean title?"),
        ("acknowledge: [glucose,", "acknowledge: [", "does not name glucose"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    text = (EXAMPLES / "studies" / "own-study.yaml").read_text()
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1))
    assert exit_code_of(["check", "study", str(path)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert words in told
    assert "mine.yaml, line" in told
