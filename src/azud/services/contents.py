"""What changed inside of a component of a key: files and their lines, packages and their versions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from azud.core.errors import NotFoundError, StorageError
from azud.engine.ports import ListedFile
from azud.model.explanation import Change, FileChange
from azud.planning.contents import environment_changes, file_changes, named
from azud.services.explaining_ports import BlobReader, ExplanationStore
from azud.services.ports import AssetCatalog

LONGEST_TEXT_BYTES = 256 * 1024
MOST_LINES = 40
MOST_DIFFED = 10
_CONTEXT = 1


class Contents:
    """Looks into sources, environments and inputs.

    Args:
        store: Environments and files of inputs.
        assets: Snapshots.
        blobs: Bytes of source files.
    """

    def __init__(self, store: ExplanationStore, assets: AssetCatalog, blobs: BlobReader) -> None:
        self._store = store
        self._assets = assets
        self._blobs = blobs

    # -- sources --------------------------------------------------------------------------------

    def source(self, before: str, now: str) -> Change:
        """Return how two source folders differ, down to the lines of text files."""
        listings = []
        for digest in (before, now):
            try:
                files = self._assets.snapshot(digest).files
            except (NotFoundError, StorageError):
                return Change("source", note="the earlier source folder is not kept any more")
            listings.append({file.path: (file.digest, file.size_bytes, file.executable) for file in files})
        old, new = listings
        changes: list[FileChange] = []
        for path in sorted({*old, *new}):
            if old.get(path) != new.get(path):
                changes.append(self._source_file(path, old.get(path), new.get(path), len(changes) < MOST_DIFFED))
        return Change("source", files=named(changes))

    def _source_file(
        self, path: str, old: tuple[str, int, bool] | None, new: tuple[str, int, bool] | None, diffed: bool
    ) -> FileChange:
        if old is None or new is None:
            return FileChange(path, "added" if old is None else "removed")
        if old[0] == new[0]:
            return FileChange(path, "changed", note="is executable now" if new[2] else "is not executable any more")
        texts = [self._text(digest, size) if diffed else None for digest, size, _ in (old, new)]
        if texts[0] is None or texts[1] is None:
            return FileChange(path, "changed", note=f"{old[1]:,} → {new[1]:,} bytes")
        return FileChange(path, "changed", *_line_difference(texts[0], texts[1]))

    def _text(self, digest: str, size_bytes: int) -> list[str] | None:
        """Return the lines of a blob, or None if it is large, gone, or no text."""
        if size_bytes > LONGEST_TEXT_BYTES:
            return None
        try:
            with open(self._blobs.path(digest), encoding="utf-8", newline="") as stream:
                text = stream.read()
        except (OSError, UnicodeDecodeError):
            return None
        return None if "\0" in text else text.splitlines(keepends=True)

    # -- environments ---------------------------------------------------------------------------

    def environment(self, before: str, now: str) -> list[Change]:
        """Return how two environments differ: Python, packages, editable installs."""
        old, new = self._store.environment(before), self._store.environment(now)
        if old is None or new is None:
            return [Change("environment", note="what the earlier environment held is not kept any more")]
        return environment_changes(old, new)

    # -- inputs ---------------------------------------------------------------------------------

    def input(self, name: str, before: Iterable[ListedFile] | None, now: Iterable[ListedFile] | None) -> Change:
        """Return which files of an input changed; None: they are not known."""
        if before is None or now is None:
            return Change("input", name, note="its content changed; its files of then are not kept")
        files = file_changes(before, now)
        return Change("input", name, files=files, note="" if files else "the same files, read in another way")


def _line_difference(old: Sequence[str], new: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the changed lines with their neighbours, and a note where that is not all."""
    lines = list(difflib.unified_diff(old, new, n=_CONTEXT))[2:]
    shown = tuple(line.rstrip("\r\n") for line in lines[:MOST_LINES])
    notes = []
    if len(lines) > MOST_LINES:
        notes.append(f"{len(lines) - MOST_LINES:,} more lines")
    if [line.rstrip("\r\n") for line in old] == [line.rstrip("\r\n") for line in new]:
        notes.append("line ends differ")
    return shown, ", ".join(notes)
