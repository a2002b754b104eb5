"""SHA-256 digests of bytes, files and folders.

A digest is 64 lower-case hexadecimal characters. A *tree* is the sorted listing of a folder:
its digest is the digest of the canonical listing, so equal content gives equal digests wherever
the folder lies and whatever its modification times are.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any, Iterable, Tuple

from azud.core.canonical import canonical_json

_CHUNK_BYTES = 1 << 20


def digest_bytes(data: bytes) -> str:
    """Return the digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def digest_value(value: Any) -> str:
    """Return the digest of a JSON-able value's canonical form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def digest_file(path: str) -> str:
    """Return the digest of a file's bytes, read in chunks of one MiB.

    Raises:
        OSError: The file cannot be read.
    """
    state = hashlib.sha256()
    with open(path, "rb", buffering=0) as stream:
        while True:
            chunk = stream.read(_CHUNK_BYTES)
            if not chunk:
                return state.hexdigest()
            state.update(chunk)


def digest_descriptor(descriptor: int, size_bytes: int) -> str:
    """Return the digest of the next bytes of an open file, at most `size_bytes` of them.

    Raises:
        OSError: The file cannot be read.
    """
    state = hashlib.sha256()
    while size_bytes > 0:
        # No more than there is: a buffer of a MiB costs more than a small file.
        chunk = os.read(descriptor, min(size_bytes, _CHUNK_BYTES))
        if not chunk:
            break
        state.update(chunk)
        size_bytes -= len(chunk)
    return state.hexdigest()


def digest_tree(entries: Iterable[Tuple[str, str, int]]) -> str:
    """Return the digest of a folder listing.

    Args:
        entries: `(relative path with forward slashes, digest, size in bytes)` of every file;
            order is irrelevant.
    """
    return digest_value(["tree/1", sorted([path, digest, size] for path, digest, size in entries)])
