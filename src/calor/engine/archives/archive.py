"""A COMBINE archive from a stranger: a zip file whose parts are read in memory, never unpacked to disk.

Refused: names that lead out of the archive, entries that stand twice, links, encryption, and more bytes than
`LARGEST_ARCHIVE` holds when unpacked (a small zip can hold very many).
"""

from __future__ import annotations

import posixpath
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calor.core.errors import InputError, UnsupportedError
from calor.engine.archives.xml_tree import Element, parse_xml

MANIFEST = "manifest.xml"
LARGEST_ARCHIVE = 200_000_000
"""Bytes of all parts together, unpacked."""
LARGEST_PART = 50_000_000
"""Bytes of one part that is read, unpacked: what a model file may have."""
MOST_PARTS = 10_000

_SEDML_FORMATS = ("sed-ml", "sedml")


@dataclass(frozen=True)
class Content:
    """An entry of the manifest: the path in the archive, the format, whether it is a master file."""

    location: str
    format: str
    master: bool

    @property
    def is_experiment(self) -> bool:
        """Whether it is a simulation experiment in SED-ML."""
        return any(word in self.format.lower() for word in _SEDML_FORMATS)


@dataclass(frozen=True)
class Archive:
    """An archive: its path, what its manifest lists, and its parts' sizes by name."""

    path: Path
    contents: tuple[Content, ...]
    sizes: Mapping[str, int]

    def read(self, name: str) -> bytes:
        """Return a part. Raises InputError where it is absent, too large or damaged."""
        if name not in self.sizes:
            raise InputError.of(
                f"the archive holds no {name}", file=self.path, allowed=", ".join(sorted(self.sizes)[:20])
            )
        with _opened(self.path) as file:
            return _part(file, name, self.path)

    def file(self, name: str) -> str:
        """Return how a part is named in messages."""
        return f"{self.path}/{name}"

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments to run: those marked as master, or all. Raises InputError where there is none."""
        found = [content for content in self.contents if content.is_experiment]
        masters = [content for content in found if content.master]
        if not found:
            raise InputError.of(
                "holds no simulation experiment", file=self.path, allowed="an archive with a SED-ML document"
            )
        return tuple(content.location for content in (masters or found))


def open_archive(path: Path) -> Archive:
    """Return an archive after looking at its names, sizes and manifest.

    Raises InputError for what is no archive or is hostile, UnsupportedError for encrypted parts.
    """
    with _opened(path) as file:
        entries = [entry for entry in file.infolist() if not entry.is_dir()]
        _refuse_hostile(entries, path)
        sizes = {posixpath.normpath(entry.filename): entry.file_size for entry in entries}
        if MANIFEST not in sizes:
            raise InputError.of(f"holds no {MANIFEST}", file=path, hint="is it a COMBINE archive?")
        root = parse_xml(_part(file, MANIFEST, path), f"{path}/{MANIFEST}")
    return Archive(path, _contents(root, f"{path}/{MANIFEST}"), sizes)


def inside(folder: str, source: str, file: str, line: int) -> str:
    """Return the path in the archive of a source that is written relative to a folder of it.

    Raises InputError where it leads out of the archive.
    """
    joined = posixpath.normpath(posixpath.join(folder, source))
    if source.startswith("/") or "\\" in source or joined.split("/")[0] == "..":
        raise InputError.of(
            f"{source} leads out of the archive", file=file, line=line, allowed="a path in the archive"
        )
    return joined


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        if path.stat().st_size > LARGEST_ARCHIVE:
            raise InputError.of(
                f"is {path.stat().st_size:,} bytes", file=path, allowed=f"at most {LARGEST_ARCHIVE:,}"
            )
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise InputError.of("no such file", file=path, hint="check the spelling of the path") from None
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=path) from None
    except (zipfile.BadZipFile, ValueError, UnicodeError) as error:
        raise InputError.of(
            f"is no zip file ({error})", file=path, hint="a COMBINE archive is a zip file with a manifest"
        ) from None
    except NotImplementedError as error:
        raise UnsupportedError.of(
            f"is a kind of zip file that is not supported ({error})", file=path
        ) from None


def _refuse_hostile(entries: list[zipfile.ZipInfo], path: Path) -> None:
    if len(entries) > MOST_PARTS:
        raise InputError.of(f"holds {len(entries):,} parts", file=path, allowed=f"up to {MOST_PARTS:,}")
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_ARCHIVE:
        raise InputError.of(f"unpacks to {total:,} bytes", file=path, allowed=f"at most {LARGEST_ARCHIVE:,}")
    seen: set[str] = set()
    for entry in entries:
        name = posixpath.normpath(entry.filename)
        if name.startswith("/") or name.split("/")[0] in ("..", ".") or "\\" in name or ":" in name:
            raise InputError.of(
                f"the part {entry.filename!r} leads out of the archive", file=path,
                allowed="relative paths with forward slashes",
            )  # fmt: skip
        if name in seen:
            raise InputError.of(f"the part {name} stands twice", file=path, allowed="each part once")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError.of(f"the part {name} is a link", file=path, allowed="files")
        if entry.flag_bits & 1:
            raise UnsupportedError.of(f"the part {name} is encrypted", file=path)
        seen.add(name)


def _part(file: zipfile.ZipFile, name: str, path: Path) -> bytes:
    entry = next(each for each in file.infolist() if posixpath.normpath(each.filename) == name)
    try:
        with file.open(entry) as stream:
            content = stream.read(LARGEST_PART + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise InputError.of(f"the part {name} is damaged ({error})", file=path) from None
    except NotImplementedError:
        raise UnsupportedError.of(
            f"the part {name} is compressed in a way not supported", file=path
        ) from None
    if len(content) > LARGEST_PART:
        raise InputError.of(
            f"the part {name} unpacks to more than {LARGEST_PART:,} bytes", file=path,
            allowed=f"at most {LARGEST_PART:,}",
        )  # fmt: skip
    return content


def _contents(root: Element, file: str) -> tuple[Content, ...]:
    if root.local != "omexManifest":
        raise InputError.of(
            f"begins with <{root.local}>", file=file, line=root.line, allowed="<omexManifest>"
        )
    contents = []
    for entry in root.elements():
        if entry.local != "content":
            continue
        location, kind = entry.get("location"), entry.get("format")
        if location is None or kind is None:
            raise InputError.of(
                "an entry lacks its location or format", file=file, line=entry.line,
                allowed='<content location="..." format="..."/>',
            )  # fmt: skip
        if location not in (".", "./"):
            place = inside("", location, file, entry.line)
            contents.append(Content(place, kind, entry.get("master", "false").strip() == "true"))
    return tuple(contents)
