"""What only the job needed: its working folder, its copies of inputs, the emptied folder of its outputs.

Much of it goes at once, a little is left to the server, which removes it when nothing runs: deleting takes a core
from steps that start, and on some file systems whoever makes files is slower for a while after others were freed.
"""

from __future__ import annotations

from azud.job.attempt import Attempt
from azud.model.attempt_files import INPUTS, OUTPUTS, WORK
from azud.runner.files import remove, size_below

FOLDERS = (WORK, INPUTS, OUTPUTS)
LITTLE_BYTES = 1 << 20


def is_little(attempt: Attempt) -> bool:
    """Return whether the disk can do without these bytes for a while."""
    return sum(size_below(attempt.path(name)) for name in FOLDERS) <= LITTLE_BYTES


def remove_leftovers(attempt: Attempt) -> None:
    """Free what was made for the job; done in part or not at all, it can be done again."""
    for name in FOLDERS:
        remove(attempt.path(name))
