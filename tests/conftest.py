"""Settings for all tests: a property test is judged by what it finds, not by how busy the machine is."""

import os
import signal

import pytest
from hypothesis import settings

from calor.core import kept_work

settings.register_profile("calor", deadline=None)
settings.load_profile("calor")

# What a test breaks must not be hidden by what an earlier one simulated; children inherit that.
os.environ["CALOR_CACHE_MB"] = "0"

# A shell starts what runs in its background with SIGINT ignored, and children inherit that: the tests of
# Ctrl-C must not depend on how the tests themselves were started.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Make everything anew: what is kept knows nothing of code that a test, or a mutant, puts in place."""
    monkeypatch.setattr(kept_work, "kept", lambda kind, key: None)
    monkeypatch.setattr(kept_work, "keep", lambda kind, key, content: None)
