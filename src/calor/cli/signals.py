"""Ctrl-C and SIGTERM: no traceback, nothing swallowed, and the exit code that shells expect.

What loads a library may swallow an exception, so the process ends at once there, after what a run has begun
to write is removed. Work that is watched is asked to stop at its next safe point. Anything else is
interrupted where it stands; a third signal ends the process at once.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from calor.core.leftovers import remove_leftovers

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPING = b"stopping at the next safe point; once more stops at once\n"
ENDED = b"stopped\n"
PATIENCE = 2
"""Signals after which nothing is waited for."""


class _Received:
    """What has arrived, and who wants to hear of the first one."""

    count = 0
    code = 128 + signal.SIGINT
    ask: Callable[[], None] | None = None


def listen() -> None:
    """Take over Ctrl-C and SIGTERM for the process, unless they are ignored, as nohup has it."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)


def exit_code() -> int:
    """Return 128 and the number of the signal that arrived last: 130 for Ctrl-C, 143 for SIGTERM."""
    return _Received.code


@contextmanager
def first_asks(ask: Callable[[], None]) -> Iterator[None]:
    """Within the context the first signal calls `ask` instead of interrupting what runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread alone
        return
    outer, _Received.ask, _Received.count = _Received.ask, ask, 0
    before = {number: signal.getsignal(number) for number in SIGNALS}
    listen()
    try:
        yield
    finally:
        _Received.ask = outer
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_signal(number: int, frame: FrameType | None) -> None:
    _Received.count += 1
    _Received.code = 128 + number
    if _Received.count == 1 and _Received.ask is not None:
        os.write(2, STOPPING)
        _Received.ask()
    elif _Received.count > PATIENCE or _is_loading(frame):
        remove_leftovers()
        os.write(2, ENDED)
        os._exit(_Received.code)
    else:
        raise KeyboardInterrupt


def _is_loading(frame: FrameType | None) -> bool:
    """Return whether a module is being imported in what a signal interrupts."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
