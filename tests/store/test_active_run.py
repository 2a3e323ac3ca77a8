"""A run is there from the start, keeps what it finishes, and is believed once it is whole."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import CalorError, InputError, UnsupportedError
from calor.core.progress import SILENT, Stopped, stop_if_requested
from calor.store.active_run import active_run
from calor.store.queued_runs import queue_run
from calor.store.requests import Request, read_request
from calor.store.saved_run import read_run
from calor.store.saved_runs import listed_run, remove_run, runs_in, stop_run
from calor.store.states import State, Status, last_written, read_status, write_status
from calor.store.watching import LOOKED_EVERY
from calor.store.whole_files import write_whole_json

REQUEST = Request(
    command="trial",
    question="a question",
    arguments=("trial", "one.yaml", "--seed", "3"),
    working_folder="/",
    asked={"seed": 3, "protocol": {"id": "one"}},
    made_with={"versions": {"calor": "0"}},
)


def finished(folder: Path, request: Request = REQUEST) -> None:
    with active_run(folder, request) as run:
        write_whole_json(run.results / "comparison.json", {"a": 1})
        run.finish({"seed": 3})


def ended(folder: Path, by: BaseException, request: Request = REQUEST) -> None:
    """Begin a run, finish a piece of it, and end it."""
    with active_run(folder, request) as run:
        run.pieces.kept("one", lambda: {"at": np.array(1)})
        raise by


def stopped(folder: Path) -> str:
    """Begin a run, finish a piece of it, and stop it; return what is said."""
    with pytest.raises(Stopped) as caught:
        ended(folder, Stopped())
    return str(caught.value)


def test_a_run_is_whole_when_it_is_done_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    with active_run(folder, REQUEST) as run:
        assert read_request(folder) == REQUEST
        assert read_status(folder).state is State.RUNNING
        run.pieces.kept("one", lambda: {"at": np.array(1)})
        write_whole_json(run.results / "comparison.json", {"a": 1})
        assert not (folder / "comparison.json").exists()
        with pytest.raises(InputError, match="holds a run that is not finished: it is running"):
            read_run(folder)
        run.finish({"seed": 3})
    assert sorted(path.name for path in folder.iterdir()) == [
        "comparison.json", "manifest.json", "request.json",
    ]  # fmt: skip
    assert read_status(folder).state is State.DONE
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["command"] == ["calor", "trial", "one.yaml", "--seed", "3"]
    assert set(manifest["files_sha256"]) == {"comparison.json", "request.json"}
    assert read_run(folder).result == {"a": 1, "provenance": {
        name: manifest[name] for name in ("started", "seconds", "run_folder", "workers")
    }}  # fmt: skip


def test_a_done_run_is_not_done_again_and_another_request_is_refused(tmp_path: Path) -> None:
    finished(tmp_path / "one")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "one").iterdir()}
    with active_run(tmp_path / "one", REQUEST) as run:
        assert run.is_done
    other = replace(REQUEST, asked={"seed": 4, "protocol": {"id": "two"}})
    with pytest.raises(InputError, match="its seed is 3 and not 4; it has another protocol"):
        finished(tmp_path / "one", other)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "one").iterdir()}


def test_a_done_run_that_other_code_made_is_not_taken_for_this_one_s(tmp_path: Path) -> None:
    finished(tmp_path / "one")
    with pytest.raises(InputError, match="made by another copy of calor"):
        finished(tmp_path / "one", replace(REQUEST, made_with={"versions": {"calor": "1"}}))


def test_a_stop_keeps_what_is_finished_and_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "my run"
    said = stopped(folder)
    assert "what was finished is kept" in said
    assert f"calor resume '{folder}'" in said
    status = read_status(folder)
    assert (status.state, status.pieces) == (State.STOPPED, 1)
    with active_run(folder, REQUEST) as run:
        assert run.pieces.kept("one", lambda: pytest.fail("made again"))["at"] == 1
        write_whole_json(run.results / "comparison.json", {})
        run.finish({})


def test_a_stop_before_anything_is_finished_does_not_say_that_something_is_kept(tmp_path: Path) -> None:
    said = "stopped before anything was finished; to begin again: calor resume"
    with pytest.raises(Stopped, match=said), active_run(tmp_path / "one", REQUEST):
        raise KeyboardInterrupt


def test_pieces_made_by_other_code_are_not_read(tmp_path: Path) -> None:
    stopped(tmp_path / "one")
    with active_run(tmp_path / "one", replace(REQUEST, made_with={"versions": {"calor": "1"}})) as run:
        assert run.pieces.kept("one", lambda: {"at": np.array(2)})["at"] == 2
        run.finish({})


@pytest.mark.parametrize("error", [InputError.of("is wrong"), UnsupportedError.of("is not offered")])
def test_what_is_refused_before_anything_is_finished_leaves_nothing(
    tmp_path: Path, error: CalorError
) -> None:
    with pytest.raises(type(error)), active_run(tmp_path / "one", REQUEST):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_what_was_queued_and_is_refused_says_why(tmp_path: Path) -> None:
    queue_run(tmp_path / "one", replace(REQUEST, asked={}, made_with={}))
    assert read_status(tmp_path / "one").state is State.QUEUED
    with pytest.raises(InputError), active_run(tmp_path / "one", REQUEST):
        raise InputError.of("is wrong", key="population")
    status = read_status(tmp_path / "one")
    assert (status.state, status.message) == (State.FAILED, "population: is wrong")
    with pytest.raises(InputError, match="already holds a run"):
        queue_run(tmp_path / "one", REQUEST)


def test_a_fault_keeps_what_is_finished(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        ended(tmp_path / "one", ZeroDivisionError("division by zero"))
    status = read_status(tmp_path / "one")
    assert (status.state, status.pieces) == (State.FAILED, 1)
    assert status.message == "ZeroDivisionError: division by zero"


def test_a_full_disk_is_one_line_and_the_run_goes_on_once_there_is_room(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "one" / "result.json"))
    with pytest.raises(InputError, match="No space left on device") as caught:
        ended(tmp_path / "one", full)
    assert f"calor resume {tmp_path / 'one'}" in str(caught.value)
    finished(tmp_path / "one")


def test_an_error_about_another_file_is_not_the_folders(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), active_run(tmp_path / "one", REQUEST):
        (tmp_path / "elsewhere.txt").read_text()


def test_a_folder_with_something_else_or_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "file").touch()
    for folder, words in (
        ("full", "already exists"), ("file", "already exists"), ("file/one", "cannot be written: "),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            finished(tmp_path / folder)
    (tmp_path / "empty").mkdir()
    finished(tmp_path / "empty")


def test_two_runs_cannot_be_at_work_in_one_folder(tmp_path: Path) -> None:
    with active_run(tmp_path / "one", REQUEST) as run:
        with pytest.raises(InputError, match="another process is at work in this folder"):
            finished(tmp_path / "one")
        with pytest.raises(InputError, match="is at work"):
            remove_run(tmp_path / "one")
        run.finish({})


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from calor.store.active_run import active_run
from tests.store.test_active_run import REQUEST
with active_run(Path(sys.argv[1]), REQUEST) as run:
    run.pieces.kept("one", lambda: {"at": np.array(1)})
    run.pieces.shelf.write()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_was_killed_reads_as_stopped_and_goes_on(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    folder, here = tmp_path / "one", {**os.environ}
    here["PYTHONPATH"] = f"{pytestconfig.rootpath}:{here.get('PYTHONPATH', '')}"
    assert subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=here).returncode == -9
    status = read_status(folder)
    assert (status.state, status.message) == (State.STOPPED, "its process ended without a word")
    with active_run(folder, REQUEST) as run:
        assert run.pieces.kept("one", lambda: pytest.fail("made again"))["at"] == 1
        run.finish({})


def test_another_process_asks_a_run_to_stop(tmp_path: Path) -> None:
    def work() -> None:
        with active_run(tmp_path / "one", REQUEST) as run:
            progress = run.watching(SILENT)
            progress.start("patients", 4)
            run.pieces.kept("one", lambda: {"at": np.array(1)})
            assert not progress.stop_requested
            assert stop_run(tmp_path / "one")
            time.sleep(LOOKED_EVERY)
            stop_if_requested(progress)

    with pytest.raises(Stopped, match="what was finished is kept"):
        work()
    status = listed_run(tmp_path / "one").status
    assert (status.state, status.stage, status.total) == (State.STOPPED, "patients", 4)
    assert not stop_run(tmp_path / "one")
    finished(tmp_path / "one")  # the wish ends with the run that it was about
    with pytest.raises(InputError, match="is not at work: it is done"):
        stop_run(tmp_path / "one")


def test_runs_are_listed_in_the_order_in_which_they_were_begun_and_removed(tmp_path: Path) -> None:
    finished(tmp_path / "b")
    stopped(tmp_path / "a")
    (tmp_path / "no run").mkdir()
    manifest = tmp_path / "b" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"started": "2', '"started": "1'))
    listed = runs_in(tmp_path)
    assert [(run.folder.name, run.status.state) for run in listed] == [
        ("b", State.DONE), ("a", State.STOPPED),
    ]  # fmt: skip
    assert listed[1].to_document()["question"] == "a question"
    remove_run(tmp_path / "a")
    assert [run.folder.name for run in runs_in(tmp_path)] == ["b"]
    with pytest.raises(InputError, match="holds no run"):
        remove_run(tmp_path / "no run")
    with pytest.raises(InputError, match="nowhere: no such folder"):
        runs_in(tmp_path / "nowhere")


def test_a_damaged_request_is_named(tmp_path: Path) -> None:
    stopped(tmp_path / "one")
    (tmp_path / "one" / "request.json").write_text('{"command": ')
    with pytest.raises(InputError, match=r"request\.json: is not the request of a run"):
        listed_run(tmp_path / "one")


def test_a_changed_result_is_named(tmp_path: Path) -> None:
    finished(tmp_path / "one")
    (tmp_path / "one" / "comparison.json").write_text("{}")
    with pytest.raises(InputError, match="has changed since the run wrote it"):
        read_run(tmp_path / "one")


def test_a_run_at_work_has_worked_since_it_last_said_so() -> None:
    status = Status(State.RUNNING, updated="2026-11-28T14:11:00+00:00", seconds=5.0)
    now = datetime(2026, 11, 28, 14, 12, tzinfo=UTC)
    assert status.seconds_by(now) == 65.0
    assert replace(status, state=State.STOPPED).seconds_by(now) == 5.0


def test_a_state_with_a_time_that_is_none_cannot_be_read(tmp_path: Path) -> None:
    write_status(tmp_path, Status(State.RUNNING, updated="yesterday"))
    assert last_written(tmp_path).message == "its state cannot be read"
