"""A source snapshot: the listing of a source folder whose files are blobs."""

from __future__ import annotations

import dataclasses
from typing import Tuple

from azud.core.digests import digest_value


@dataclasses.dataclass(frozen=True)
class SnapshotFile:
    """One file. `path` is relative with forward slashes; only the owner's execute bit is kept."""

    path: str
    digest: str
    size_bytes: int
    executable: bool = False


@dataclasses.dataclass(frozen=True)
class SourceSnapshot:
    """A source folder's files, sorted by path."""

    files: Tuple[SnapshotFile, ...]

    def digest(self) -> str:
        """Return the identity of the snapshot: equal content, equal digest."""
        rows = [[file.path, file.digest, file.size_bytes, file.executable] for file in self.files]
        return digest_value(["snapshot/1", sorted(rows)])
