"""Whether somebody has a file open for writing at this moment.

A process that mapped a file before it was sealed can write to it without leaving a mark: the times of a page that is
dirty already do not move (and on tmpfs they never do). Only the kernel knows who may still write, and it says so to
whoever asks for a read lease.
"""

from __future__ import annotations

import fcntl
import signal


def has_writer(descriptor: int) -> bool:
    """Return whether a process, this one included, may write to an open file through a descriptor or a mapping.

    Args:
        descriptor: Open for reading only.

    Returns:
        False also where that cannot be known: on other systems than Linux, on file systems without leases, and for
        files of another user.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # Somebody who opens the file right now breaks the lease, whose default signal would end this process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
