"""What changed inside of a component of a key: files and their lines, packages and their versions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from azud.core.errors import NotFoundError, StorageError
from azud.engine.ports import ListedFile
from azud.model.explanation import Change, FileChange
from azud.services.explaining_ports import BlobReader, ExplanationStore
from azud.services.ports import AssetCatalog

LONGEST_TEXT_BYTES = 256 * 1024
MOST_LINES = 40
MOST_DIFFED, MOST_NAMED = 10, 50
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
        return Change("source", files=_first(changes))

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
        found = [
            Change("environment", name, str(old.get(name)), str(new.get(name)))
            for name in ("implementation", "version", "platform")
            if old.get(name) != new.get(name)
        ]
        found.extend(_packages(old["distributions"], new["distributions"]))
        found.extend(_paths(old, new))
        if old.get("conda") != new.get("conda"):
            found.append(Change("environment", "conda", note="the records of the conda environment changed"))
        return found or [Change("environment", note="it differs in something that is not recorded")]

    # -- inputs ---------------------------------------------------------------------------------

    def input(self, name: str, before: Iterable[ListedFile] | None, now: Iterable[ListedFile] | None) -> Change:
        """Return which files of an input changed; None: they are not known."""
        if before is None or now is None:
            return Change("input", name, note="its content changed; its files of then are not kept")
        files = _listed(before, now)
        return Change("input", name, files=files, note="" if files else "the same files, read in another way")


def _first(changes: Sequence[FileChange]) -> tuple[FileChange, ...]:
    if len(changes) <= MOST_NAMED:
        return tuple(changes)
    rest = FileChange("…", "changed", note=f"and {len(changes) - MOST_NAMED:,} more files")
    return (*changes[:MOST_NAMED], rest)


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


def _packages(before: Iterable[Sequence[str]], now: Iterable[Sequence[str]]) -> Iterator[Change]:
    old, new = _versions(before), _versions(now)
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        was, has = (", ".join(version for version, _ in found.get(name, ())) or None for found in (old, new))
        note = "the same version with other files" if was == has else ""
        yield Change("package", name, was, has, note=note)


def _versions(distributions: Iterable[Sequence[str]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return `{name: ((version, digest of RECORD), …)}`; a package may be installed twice."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for name, version, digest in distributions:
        found[name] = (*found.get(name, ()), (version, digest))
    return found


def _paths(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the folders of editable installs that changed; their place does not count, their content does."""
    were, are = ({digest: folder for folder, digest in body["paths"]} for body in (old, new))
    gone = {were[digest]: digest for digest in were if digest not in are}
    come = {are[digest]: digest for digest in are if digest not in were}
    for folder in sorted({*gone, *come}):
        before, now = (body.get("files", {}).get(folder) for body in (old, new))
        change = "changed" if folder in gone and folder in come else "added" if folder in come else "removed"
        files = _listed(before, now) if before and now and change == "changed" else ()
        yield Change("editable", folder, files=files, note="" if files else f"source folder {change}")


def _listed(before: Iterable[ListedFile], now: Iterable[ListedFile]) -> tuple[FileChange, ...]:
    old, new = ({name: (digest, size) for name, digest, size in files} for files in (before, now))
    changes = []
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            changes.append(FileChange(name, "added" if name not in old else "removed"))
        elif old[name] != new[name]:
            sizes = (old[name][1], new[name][1])
            note = "the same size" if sizes[0] == sizes[1] else f"{sizes[0]:,} → {sizes[1]:,} bytes"
            changes.append(FileChange(name, "changed", note=note))
    return _first(changes)
