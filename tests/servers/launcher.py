"""Becomes a server that ends with the process that started it: `launcher.py PARENT SIGNAL UID GID COMMAND...`.

Run as a script in a fresh interpreter, so nothing but the standard library is here.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Give up root where another user is named, ask the kernel for the signal at the parent's death, and exec."""
    parent, signal_number, uid, gid = (int(word) for word in sys.argv[1:5])
    if os.getuid() == 0 and uid != 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    # After the change of user, which would clear it; and before the look at the parent, who may be dead by now.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the process that wanted this server is gone")
    os.execvp(sys.argv[5], sys.argv[5:])


main()
