"""Two sets of sealed outputs held against each other, file by file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from azud.model.jobs import SealedFile, SealedOutput
from azud.model.verifications import FileDifference
from azud.services.verification_ports import FileComparer

FILES_LISTED = 50
"""More differing files than this are only counted."""
_Found = tuple[SealedOutput, SealedFile]


def compare_outputs(
    before: Sequence[SealedOutput], after: Sequence[SealedOutput], comparer: FileComparer
) -> tuple[int, int, tuple[FileDifference, ...]]:
    """Return how many files there are, how many differ, and the first of those in order.

    Args:
        before: What the original sealed.
        after: What the second run sealed.
        comparer: Finds where two files differ; asked only for those that are returned.
    """
    old, new = dict(_files(before)), dict(_files(after))
    names = sorted(old.keys() | new.keys())
    differing = [name for name in names if _digest(old.get(name)) != _digest(new.get(name))]
    listed = tuple(_difference(name, old.get(name), new.get(name), comparer) for name in differing[:FILES_LISTED])
    return len(names), len(differing), listed


def _files(outputs: Sequence[SealedOutput]) -> Iterator[tuple[tuple[str, str], _Found]]:
    for output in outputs:
        for file in output.files:
            yield (output.name, file.path), (output, file)


def _digest(found: _Found | None) -> str | None:
    return None if found is None else found[1].digest


def _difference(
    name: tuple[str, str], old: _Found | None, new: _Found | None, comparer: FileComparer
) -> FileDifference:
    what = "added" if old is None else "missing" if new is None else "content"
    first = comparer.first_difference(_place(old), _place(new)) if old is not None and new is not None else None
    return FileDifference(
        output=name[0],
        path=name[1],
        what=what,
        sizes=(_size(old), _size(new)),
        digests=(_digest(old), _digest(new)),
        first_byte=None if first is None else first.byte,
        first_line=None if first is None else first.line,
        lines=() if first is None else first.lines,
    )


def _size(found: _Found | None) -> int | None:
    return None if found is None else found[1].size_bytes


def _place(found: _Found) -> str:
    output, file = found
    return os.path.join(output.path, file.path) if file.path else output.path
