"""Where calor keeps things, and the folder that it does not trust."""

import os
import tempfile

import pytest

from calor.core import cache
from calor.core.kept_files import read_kept, write_kept


@pytest.fixture
def shared(monkeypatch, tmp_path):
    """The folder in a temporary one that everybody may write in, of an account without a home."""
    for name in ("CALOR_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "relative")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"calor-cache-{os.getuid()}"


def test_an_account_without_a_home_keeps_things_in_the_temporary_folder(shared):
    assert cache.cache_folder() == shared
    write_kept(cache.cache_folder() / "kernels" / "a.o", b"code")
    assert read_kept(cache.cache_folder() / "kernels" / "a.o") == b"code"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_in_is_not_used(shared, mode):
    file = shared / "kernels" / "a.o"
    write_kept(file, b"code")
    shared.chmod(mode)
    there = cache.cache_folder() / "kernels" / "a.o"
    assert read_kept(there) is None
    write_kept(there, b"other code")
    assert read_kept(file) == b"code"


def test_a_folder_of_somebody_else_is_not_used(shared, monkeypatch):
    assert cache.cache_folder() == shared
    uid = os.getuid()
    real = os.lstat(shared)
    monkeypatch.setattr(cache.Path, "lstat", lambda _: os.stat_result((*real[:4], uid + 1, *real[5:])))
    assert read_kept(cache.cache_folder() / "a") is None
    assert cache.cache_folder() != shared


def test_a_link_to_a_folder_is_not_used(shared, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    shared.symlink_to(tmp_path / "elsewhere")
    assert cache.cache_folder() != shared
