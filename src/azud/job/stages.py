"""What a forked child does, as values: a stage at a time, run from the bottom of the stack.

Stages are returned to the loop in `run_stages` rather than called where they arise, so that a job's stack does
not begin with the frames of a server.
"""

from __future__ import annotations

import os
import socket
from typing import Any, Callable, Dict, NamedTuple, NoReturn, Optional

Stage = Callable[[], Any]
"""Something to do; what it returns is the next stage, or None at the end of the process."""

Entry = Callable[[socket.socket, Dict[str, Any]], bool]
"""What serves a request: gets the client's connection and arguments.

Returns whether this process may serve another: everything it was responsible for is in files, and its client
was there to hear so. One that nobody heard must end, because its end is what others then wait for.
"""


class Prepared(NamedTuple):
    """What a module's `standby()` leaves: the entry in the child itself, a stage in a child of its own."""

    entry: Optional[Entry] = None
    stage: Optional[Stage] = None


def run_stages(stage: Stage) -> NoReturn:
    """Run a child's stages and end the process without clean-up; it never returns into its parent's code."""
    try:
        following: Optional[Stage] = stage
        while following is not None:
            following = following()
    except BaseException:  # noqa: BLE001 - see above
        import traceback

        note(traceback.format_exc())
        os._exit(1)
    os._exit(0)


def note(text: str) -> None:
    """Write a line to the fork server's log, if its disk takes it."""
    write_error(f"azud {os.getpid()}: {text}\n")


def write_error(text: str) -> None:
    """Write to stderr without ever failing: whoever calls has more important things to do."""
    try:
        os.write(2, text.encode("utf-8", "replace"))
    except OSError:
        return
