"""Where `calor` starts: signals first, then the command, and one place where errors become exit codes.

Nothing else is imported above than what listening for signals takes: before that a Ctrl-C meets Python's own
handler, which shows a traceback.
"""

from __future__ import annotations

import os
import signal
import sys


def run() -> None:
    """Run the command line and leave with its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end_at_once)
    from calor.cli import signals

    signals.listen()
    sys.exit(exit_code_of(sys.argv[1:]))


def _end_at_once(number: int, _: object) -> None:
    """End the process, which has begun nothing yet."""
    os.write(2, b"stopped\n")
    os._exit(128 + number)


def exit_code_of(arguments: list[str]) -> int:
    """Run the command line on arguments; return 0, or the exit code that the error tree names."""
    from calor.cli import signals

    try:
        from calor.cli.failures import exit_code_after
        from calor.cli.root import calor_command
        from calor.cli.streams import prepare_streams, silence
    except KeyboardInterrupt:
        return signals.exit_code()
    prepare_streams()
    try:
        outcome = calor_command.main(
            args=arguments, obj=tuple(arguments), prog_name="calor", standalone_mode=False
        )
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else 0
    except BaseException as error:
        code = exit_code_after(error)
        silence(sys.stdout)
        return code
