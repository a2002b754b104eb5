"""What a job reads and writes through the SDK beyond its declared ports, noted in its spool.

A result is reused only while what was read is still the same; what was written a reused step does not write again.
Outside of a job nothing is noted.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict, Optional, Set

from azud.sdk.exceptions import AzureMLException
from azud.sdk.sinks import JobSink

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

_noted: Set[str] = set()
_sinks: Dict[str, JobSink] = {}


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
    _sink().record({"t": "read", "source": source, "seen": seen})


def note_write(what: str, **facts: Any) -> None:
    """Note what the job is about to change outside of its outputs."""
    record = {"what": what, **facts}
    if _is_new(["write", record]):
        _sink().record({"t": "write", **record})


def job_run_id() -> Optional[str]:
    """Return the id of the run whose job this process is, or None outside of jobs."""
    return os.environ.get("AZUREML_RUN_ID") if os.environ.get("AZUD_ATTEMPT_DIR") else None


def _sink() -> JobSink:
    folder = os.environ["AZUD_ATTEMPT_DIR"]
    if folder not in _sinks:
        _sinks[folder] = JobSink(folder)
    return _sinks[folder]


def _is_new(value: Any) -> bool:
    """Return whether this process is a job that has not noted this yet."""
    if not os.environ.get("AZUD_ATTEMPT_DIR"):
        return False
    text = json.dumps([os.getpid(), value], sort_keys=True, default=str)
    if text in _noted:
        return False
    _noted.add(text)
    return True
