"""Is the wheel whole? Install it into empty environments and use it from an empty folder.

For each interpreter: a fresh virtual environment outside the checkout, `requirements/core.txt` with its
hashes, the wheel, some commands, and the error of every extra that is not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

ROOT = Path(__file__).parents[1]
PACKAGE = "src/calor/"
MINORS = (11, 12, 13)
TRIAL = ("trial", "goebel-2017-lips", "--worlds", "2", "--replicates", "100")
COMMANDS = (
    ("--version",),
    (*TRIAL, "--out", "lips"),
    ("report", "lips", "--html", "lips.html"),
    ("evidence",),
    ("next", "--list"),
    ("pk", "infliximab", "5 mg/kg iv at week 0, 2, 6", "--posterior", "product"),
)
"""What must end with exit code 0, in this order, in an empty folder."""

WITHOUT = {
    "arviz": ("calibrate", "--out", "fit", "--netcdf"),
    "cluster": (*TRIAL, "--out", "far", "--cluster", "local:1"),
    "gpu": ("--target", "cuda", *TRIAL),
    "pdf": ("report", "lips", "--pdf", "lips.pdf"),
    "web": ("serve",),
    "xpt": ("report", "lips", "--adam", "adam"),
}
"""What needs each extra, after the commands above: it must end with exit code 3 and name the extra."""

NOT_FOR_COMMANDS = {"bench", "browser", "dev", "mutants"}
"""Extras that no command needs: those for developers."""


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel: the folder of its programs, and the folder where they are run."""

    programs: Path
    folder: Path

    def calor(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run calor, which finds nothing of the checkout."""
        return subprocess.run(
            [self.programs / "calor", *arguments],
            cwd=self.folder,
            env=_clean_environment() | {"COLUMNS": "300", "CALOR_CACHE": str(self.folder.parent / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )


def main(interpreters: Sequence[str]) -> int:
    """Check the wheel with each interpreter; return how many problems there are, at most 1."""
    with tempfile.TemporaryDirectory(prefix="calor-wheel-") as name:
        folder = Path(name)
        wheel = _built(folder)
        problems = [*missing_files(wheel), *unprobed_extras(wheel)]
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, {len(problems)} problems", flush=True)
        for interpreter in interpreters or tuple(_found()):
            found = list(_check(interpreter, wheel, folder))
            print(
                f"{_version(interpreter)}: {'sound' if not found else f'{len(found)} problems'}", flush=True
            )
            problems += [f"{interpreter}: {problem}" for problem in found]
    print("\n".join(problems))
    return min(len(problems), 1)


def missing_files(wheel: Path) -> Iterator[str]:
    """Yield what is in the package, by git, and not in the wheel."""
    tracked = subprocess.run(
        ["git", "ls-files", PACKAGE], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    for path in filter(None, tracked):
        if path.removeprefix("src/") not in held:
            yield f"not in the wheel: {path}"


def unprobed_extras(wheel: Path) -> Iterator[str]:
    """Yield the extras of the wheel that nothing here tries, and those tried that it has not."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().split("\n")
    extras = {line.removeprefix("Provides-Extra: ") for line in lines if line.startswith("Provides-Extra: ")}
    for extra in sorted(extras ^ (set(WITHOUT) | NOT_FOR_COMMANDS)):
        yield f"the extra {extra} is either not offered or not tried"


def _built(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.glob("calor-*.whl")
    return wheel


def _check(interpreter: str, wheel: Path, folder: Path) -> Iterator[str]:
    """Yield the problems of the wheel under an interpreter."""
    installed = _install(interpreter, wheel, Path(tempfile.mkdtemp(dir=folder)))
    for arguments in COMMANDS:
        done = installed.calor(arguments)
        if done.returncode != 0 or not done.stdout + done.stderr or "Traceback" in done.stderr:
            yield f"calor {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}"
    for extra, arguments in WITHOUT.items():
        done = installed.calor(arguments)
        if done.returncode != 3 or "pip install" not in done.stderr or f"calor[{extra}]" not in done.stderr:
            yield f"without {extra}, calor {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}"


def _install(interpreter: str, wheel: Path, folder: Path) -> Installed:
    """Make an environment of the locked dependencies and the wheel, and an empty folder beside it."""
    environment, empty = folder / "environment", folder / "empty"
    empty.mkdir()
    install = [environment / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (
        [interpreter, "-m", "venv", environment],
        [*install, "--require-hashes", "--requirement", ROOT / "requirements/core.txt"],
        [*install, "--no-deps", wheel],
        [environment / "bin/python", "-m", "pip", "check"],
    ):
        done = subprocess.run(
            command, cwd=folder, env=_clean_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            sys.exit(
                f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}"
            )
    return Installed(environment / "bin", empty)


def _clean_environment() -> dict[str, str]:
    """Return the environment without what points Python or calor at other places."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "CALOR", "VIRTUAL"))
    }


def _found() -> Iterator[str]:
    """Yield an interpreter of each supported version, on the path or of pyenv; say which there is not."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in MINORS:
        paths = [str(path / "bin/python") for path in sorted(versions.glob(f"3.{minor}.*"))]
        name = which(f"python3.{minor}")
        candidates = [*paths, *([name] if name else [])]
        usable = [path for path in candidates if _version(path).startswith(f"3.{minor}.")]
        if usable:
            yield usable[-1] if not paths else usable[0]
        else:
            print(f"3.{minor}: there is no such interpreter here", flush=True)


def _version(interpreter: str) -> str:
    """Return the version of an interpreter, empty where it does not run."""
    done = subprocess.run(
        [interpreter, "-c", "import platform; print(platform.python_version())"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
