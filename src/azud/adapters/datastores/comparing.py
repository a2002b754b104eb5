"""Where two files begin to differ."""

from __future__ import annotations

import os

from azud.services.verification_ports import FirstDifference

_CHUNK_BYTES = 1 << 20
MOST_BYTES = 1 << 30
"""Of larger files only so much is compared byte by byte; digests have said already that they differ."""
TEXT_BYTES = 1 << 20
LINE_CHARACTERS = 200


class LocalComparer:
    """`azud.services.verification_ports.FileComparer` for files of this machine."""

    def first_difference(self, one: str, other: str) -> FirstDifference | None:
        try:
            offset = _first_byte(one, other)
            if offset is None:
                return None
            line, lines = _first_line(one, other)
        except OSError:  # gone since, or not to be read: that they differ is known without it
            return None
        return FirstDifference(offset, line, lines)


def _first_byte(one: str, other: str) -> int | None:
    with open(one, "rb") as first, open(other, "rb") as second:
        offset = 0
        while offset < MOST_BYTES:
            left, right = first.read(_CHUNK_BYTES), second.read(_CHUNK_BYTES)
            if left != right:
                return offset + _common(left, right)
            if not left:
                return None
            offset += len(left)
    return None


def _common(left: bytes, right: bytes) -> int:
    """Return the length of the common beginning of two chunks that differ."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _first_line(one: str, other: str) -> tuple[int | None, tuple[str, ...]]:
    texts = [_text(path) for path in (one, other)]
    if texts[0] is None or texts[1] is None:
        return None, ()
    left, right = texts[0].split("\n"), texts[1].split("\n")
    for number in range(max(len(left), len(right))):
        pair = tuple(lines[number] if number < len(lines) else "" for lines in (left, right))
        if pair[0] != pair[1] or number >= min(len(left), len(right)):
            return number + 1, tuple(line[:LINE_CHARACTERS] for line in pair)
    return None, ()


def _text(path: str) -> str | None:
    if os.path.getsize(path) > TEXT_BYTES:
        return None
    with open(path, "rb") as stream:
        data = stream.read(TEXT_BYTES + 1)
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None
