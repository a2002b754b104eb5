"""The few C library calls that Python does not offer, each with an answer for systems that lack it."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn, Optional

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_library: Optional[Any] = None
_looked = False


def _libc() -> Optional[Any]:
    """Return the C library, or None where ctypes is not built (the callers then do without)."""
    global _library, _looked  # noqa: PLW0603 - one handle a process, made on first use
    if not _looked:
        _looked = True
        try:
            import ctypes
        except ImportError:
            return None
        # PyDLL keeps the GIL: none of these calls blocks but syncfs, whose callers have one thread.
        _library = ctypes.PyDLL(None, use_errno=True)
    return _library


def preload() -> None:
    """Load the C library's handle now, so that forked children have it."""
    _libc()


def _prctl(option: int, value: int) -> bool:
    library = _libc() if sys.platform == "linux" else None
    return library is not None and library.prctl(option, value, 0, 0, 0) == 0


def set_subreaper() -> bool:
    """Make orphans below this process its children; returns False where the system cannot."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal_number: int) -> bool:
    """Have the kernel send this process a signal when its parent dies; False where the system cannot."""
    return _prctl(_PR_SET_PDEATHSIG, signal_number)


def sync_file_system(descriptor: int) -> bool:
    """Write everything of a descriptor's file system to disk; returns False where the system cannot.

    Raises:
        OSError: The disk refused.
    """
    library = _libc()
    if library is None or not hasattr(library, "syncfs"):
        return False
    import ctypes

    if library.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True


def flush() -> None:
    """Write out what C code has printed and the C library still holds."""
    library = _libc()
    if library is not None:
        library.fflush(None)


def exit_process(status: int) -> NoReturn:
    """End the process as C's `exit` does: C libraries flush and run their own exit handlers."""
    library = _libc()
    if library is not None:
        library.exit(status & 0xFF)
    os._exit(status & 0xFF)
