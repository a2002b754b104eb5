"""Where `azud` starts: dispatch, and the one place that turns errors into text and exit codes.

Exit codes: 0 done, 1 a run or azud failed, 2 something the caller can mend, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from azud.core.errors import AzudError, UserError

EXIT_FAILED, EXIT_USER, EXIT_INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one `azud` command and return its exit code.

    Args:
        argv: The arguments after `azud`; None takes them from the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except AzudError as error:
        report(error)
        return EXIT_USER if isinstance(error, UserError) else EXIT_FAILED
    except KeyboardInterrupt:
        # Commands that wait for a run have said what becomes of it before they let this through.
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def report(error: AzudError) -> None:
    """Print an error as one line and a hint to standard error."""
    from azud.cli.text import one_line

    # A message may quote a log: its first line says what is wrong, the log's last line why.
    lines = [line for line in error.message.splitlines() if line.strip()]
    message = one_line(" … ".join([lines[0], lines[-1]] if len(lines) > 2 else lines))
    print(f"azud: {message}", file=sys.stderr)  # noqa: T201 - this is the command line
    if error.hint:
        print(f"  hint: {one_line(error.hint)}", file=sys.stderr)  # noqa: T201


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == ["run"]:
        from azud.cli import run

        return run.main(arguments[1:])
    if arguments[:1] == ["plan"]:
        from azud.cli import plan

        return plan.main(arguments[1:])
    from azud.cli import app

    return app.main(arguments)
