"""Where `calor` starts: signals first, then the command, and one place where errors become exit codes.

Only what takes no time to load is imported above: Ctrl-C is heard from the start.
"""

from __future__ import annotations

import sys

from calor.cli import signals


def run() -> None:
    """Run the command line and leave with its exit code."""
    signals.listen()
    sys.exit(exit_code_of(sys.argv[1:]))


def exit_code_of(arguments: list[str]) -> int:
    """Run the command line on arguments; return 0, or the exit code that the error tree names."""
    try:
        from calor.cli.failures import exit_code_after
        from calor.cli.root import calor_command
        from calor.cli.streams import prepare_streams, silence
    except KeyboardInterrupt:
        return signals.exit_code()
    prepare_streams()
    try:
        outcome = calor_command.main(args=arguments, prog_name="calor", standalone_mode=False)
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else 0
    except BaseException as error:
        code = exit_code_after(error)
        silence(sys.stdout)
        return code
