"""What a job reads and writes through the SDK beyond its declared ports, noted in its spool.

A result is reused only while what was read is still the same; what was written a reused step does not write again.
Outside of a job nothing is noted.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict, Set

from azud.sdk.exceptions import AzureMLException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

_noted: Set[str] = set()


def note_read(workspace: Workspace, source: Dict[str, Any]) -> None:
    """Have a source looked at before it is read, and note what was seen; see `azud.engine.observed`.

    If the server cannot look, that is noted: the job goes on, and its result is not kept for reuse.
    """
    if not _is_new(["read", source]):
        return
    try:
        seen = workspace._api.send("POST", "/observations", {"source": source}, repeat=True)["seen"]
    except AzureMLException:
        seen = None
    _write({"t": "read", "source": source, "seen": seen})


def note_write(what: str, **facts: Any) -> None:
    """Note what the job is about to change outside of its outputs."""
    record = {"what": what, **facts}
    if _is_new(["write", record]):
        _write({"t": "write", **record})


def _is_new(value: Any) -> bool:
    """Return whether this process is a job that has not noted this yet."""
    if not os.environ.get("AZUD_ATTEMPT_DIR"):
        return False
    text = json.dumps([os.getpid(), value], sort_keys=True, default=str)
    if text in _noted:
        return False
    _noted.add(text)
    return True


def _write(record: Dict[str, Any]) -> None:
    from azud.job.spool import Spool
    from azud.sdk.support import warn

    try:
        Spool.open(os.environ["AZUD_ATTEMPT_DIR"]).write(record)
    except OSError as error:
        warn(f"what this job reads could not be noted: {error}")
