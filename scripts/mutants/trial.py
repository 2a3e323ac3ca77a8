"""One mutant tried by pytest in a process of its own, which already holds the libraries."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from scripts.mutants.mutant import Mutant

LIBRARIES = (
    "antimony", "click", "hypothesis", "libsbml", "llvmlite.binding", "numpy", "pandas", "pyarrow.parquet",
    "pydantic", "pytest", "rich.console", "roadrunner", "ruamel.yaml", "scipy.linalg", "scipy.optimize",
    "scipy.special", "scipy.stats", "xarray",
)  # fmt: skip
"""Imported once, before anything is tried; calor itself is imported anew by every trial."""

PASSED, FAILED, BROKEN = 0, 1, 2
"""What pytest returns where all tests pass, where one fails, and where a test file cannot be imported."""


ENDED_FROM_OUTSIDE = (-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT)
"""How a trial ends that somebody else ended: no verdict on its mutant."""


def load_libraries() -> None:
    """Import what every trial needs and no mutant changes."""
    for library in LIBRARIES:
        import_module(library)


@dataclass
class Trial:
    """A running trial.

    Arguments: the mutant (None: the code as it is), the tests, the seconds after which it is stopped, and the
    file to which the tests write.
    """

    mutant: Mutant | None
    tests: tuple[str, ...]
    limit: float
    log: Path
    process: int = 0
    started: float = field(default_factory=time.monotonic)
    code: int | None = None

    def start(self, root: Path) -> None:
        """Begin in a process of its own."""
        self.process = os.fork()
        if self.process:
            return
        code = BROKEN
        try:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            if self.mutant is not None:
                _put_in_place(root / self.mutant.path, self.mutant.text)
            code = _run(self.tests)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def poll(self) -> bool:
        """Return whether it is over, stopping it where its time is up; `code` is None then."""
        done, status = os.waitpid(self.process, os.WNOHANG)
        if done:
            self.code = os.waitstatus_to_exitcode(status)
            return True
        if self.seconds <= self.limit:
            return False
        self.stop()
        return True

    def stop(self) -> None:
        """End it at once, with everything that it started."""
        os.killpg(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.started


def _run(tests: tuple[str, ...]) -> int:
    import pytest
    from hypothesis import settings

    settings.register_profile("mutants", deadline=None, derandomize=True, database=None)
    quiet = ["-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist"]
    # Hypothesis is imported already, which pytest warns of.
    known = ["-W", "ignore::pytest.PytestAssertRewriteWarning", "--hypothesis-profile=mutants"]
    return int(pytest.main([*quiet, *known, *tests]))


def _put_in_place(path: Path, text: str) -> None:
    """Let the imports and the readers of this process find a text in place of a file."""
    code_of, text_of = SourceFileLoader.get_code, Path.read_text

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        if Path(self.path) == path:
            return compile(text, str(path), "exec", dont_inherit=True)
        return code_of(self, name)

    def read_text(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        return text if self == path else text_of(self, encoding, errors)

    SourceFileLoader.get_code = get_code
    Path.read_text = read_text
