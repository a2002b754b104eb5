"""Datastores, paths on them, and dataset definitions."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from azud.core.digests import digest_value
from azud.model.codec import to_json

LOCAL_DRIVER, WEB_DRIVER = "local", "web"


@dataclasses.dataclass(frozen=True)
class DatastoreRecord:
    """A place for data, known to the workspace by name.

    `type` is v1's word (`AzureBlob`, `AzureFile`, …), which user code may read; `driver` says how azud
    reaches the bytes, and `options` where they are: those of `local` are `{"root": absolute folder}`, the others'
    stand in `azud.services.datastore_kinds`. What opens it is no part of the record.
    """

    name: str
    type: str
    driver: str
    options: Dict[str, Any] = dataclasses.field(default_factory=dict)
    is_default: bool = False
    created_at: str = ""


@dataclasses.dataclass(frozen=True)
class DataLocation:
    """A file, folder or glob on a datastore. `path` is relative, with forward slashes; "" is the root.

    With `WEB` for a datastore it is a web address.
    """

    datastore: str
    path: str = ""


@dataclasses.dataclass(frozen=True)
class DatasetDefinition:
    """What a dataset means: places, how to read them, and transformations in order.

    Args:
        type: `file` or `tabular`.
        locations: Where the bytes are; a path may hold `*`, `?`, `[...]` and `**`.
        reader: For tabular datasets, `{"format": "delimited", "separator": ",", "header": ...,
            "encoding": ..., "include_path": bool, "column_types": {...}, ...}`.
        operations: `{"op": name, ...}` objects applied in order (`keep_columns`, `take`, …).
    """

    type: str
    locations: Tuple[DataLocation, ...] = ()
    reader: Dict[str, Any] = dataclasses.field(default_factory=dict)
    operations: Tuple[Dict[str, Any], ...] = ()

    @classmethod
    def of_path(cls, datastore: str, path: str) -> DatasetDefinition:
        """Return the dataset of what lies at, or below, a path on a datastore."""
        return cls("file", (DataLocation(datastore, path),))

    def saved_id(self) -> str:
        """Return the id under which this definition is saved: equal definitions, equal ids."""
        hexadecimal = digest_value(to_json(self))[:32]
        parts = (hexadecimal[:8], hexadecimal[8:12], hexadecimal[12:16], hexadecimal[16:20], hexadecimal[20:])
        return "-".join(parts)


NOTHING = "nothing"
"""The digest of places where there is no file: to find nothing is a finding as well."""


@dataclasses.dataclass(frozen=True)
class DataState:
    """What the files behind a dataset were at one moment.

    Args:
        at: When they were looked at.
        digest: What they were together, `NOTHING` if there were none, None if that could not be found out.
        file_count: How many; None if they were not counted.
        size_bytes: Of all together; None if they were not counted.
        reason: Why there is no digest, or "".
    """

    at: str
    digest: Optional[str] = None
    file_count: Optional[int] = None
    size_bytes: Optional[int] = None
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class DatasetRecord:
    """A saved dataset; registered under a name and version, or only saved (name "" and version 0).

    Args:
        fingerprint: What a version's files were when they were first looked at, which is right after the
            registration where they could be read; None until then.
        seen: What they were when they were last found to be something else, or to be again what they were; None if
            they never were anything else.
        drifted: Whether they were not what the fingerprint says when they were last looked at; None if there is no
            fingerprint to compare with.
    """

    id: str
    definition: DatasetDefinition
    name: str = ""
    version: int = 0
    description: str = ""
    tags: Dict[str, str] = dataclasses.field(default_factory=dict)
    created_at: str = ""
    fingerprint: Optional[DataState] = None
    seen: Optional[DataState] = None
    drifted: Optional[bool] = None


def has_drifted(fingerprint: Optional[DataState], seen: Optional[DataState]) -> Optional[bool]:
    """Return whether files are not what they were; None if that is not known."""
    if fingerprint is None or fingerprint.digest is None:
        return None
    return seen is not None and seen.digest is not None and seen.digest != fingerprint.digest
