"""What changed inside of an environment or a list of files, told as `azud.model.explanation` tells it."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from azud.model.explanation import Change, FileChange

MOST_NAMED = 50
"""More changed files than this are only counted."""


def environment_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> List[Change]:
    """Return how two environments differ: Python, packages, source folders, conda.

    Args:
        before: What it held (`azud.job.fingerprint.fingerprint`).
        now: What it holds, in the same form.
    """
    found = [
        Change("environment", name, str(before.get(name)), str(now.get(name)))
        for name in ("implementation", "version", "platform")
        if before.get(name) != now.get(name)
    ]
    found.extend(_packages(before["distributions"], now["distributions"]))
    found.extend(_paths(before, now))
    if before.get("conda") != now.get("conda"):
        found.append(Change("environment", "conda", note="the records of the conda environment changed"))
    return found or [Change("environment", note="it differs in something that is not recorded")]


def file_changes(before: Iterable[Sequence[Any]], now: Iterable[Sequence[Any]]) -> Tuple[FileChange, ...]:
    """Return which files of two lists of `(name, digest, size in bytes)` differ."""
    old, new = ({name: (digest, size) for name, digest, size in files} for files in (before, now))
    changes = []
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            changes.append(FileChange(name, "added" if name not in old else "removed"))
        elif old[name] != new[name]:
            sizes = (old[name][1], new[name][1])
            note = "the same size" if sizes[0] == sizes[1] else f"{sizes[0]:,} → {sizes[1]:,} bytes"
            changes.append(FileChange(name, "changed", note=note))
    return named(changes)


def named(changes: Sequence[FileChange]) -> Tuple[FileChange, ...]:
    """Return the first of the changed files, and one line for the rest."""
    if len(changes) <= MOST_NAMED:
        return tuple(changes)
    rest = FileChange("…", "changed", note=f"and {len(changes) - MOST_NAMED:,} more files")
    return (*changes[:MOST_NAMED], rest)


def _packages(before: Iterable[Sequence[str]], now: Iterable[Sequence[str]]) -> Iterator[Change]:
    old, new = _versions(before), _versions(now)
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        was, has = (", ".join(version for version, _ in found.get(name, ())) or None for found in (old, new))
        note = f"{has} as before, with other files" if was == has else ""
        yield Change("package", name, was, has, note=note)


def _versions(distributions: Iterable[Sequence[str]]) -> Dict[str, Tuple[Tuple[str, str], ...]]:
    """Return `{name: ((version, digest of RECORD), …)}`; a package may be installed twice."""
    found: Dict[str, Tuple[Tuple[str, str], ...]] = {}
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
        files = file_changes(before, now) if before and now and change == "changed" else ()
        yield Change("editable", folder, files=files, note="" if files else f"source folder {change}")
