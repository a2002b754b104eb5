"""Blobs in a folder: `<first two digits>/<the other sixty-two>`, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from azud.core import durable
from azud.core.digests import digest_file
from azud.core.errors import BlobMissing, DigestMismatch, StorageError, UserError

_DIGEST = re.compile(r"^[0-9a-f]{64}$")
YOUNG_S = 3600.0
"""A client that sends, or asks for, a blob has so long to make a run that uses it."""
_TOUCH_S = YOUNG_S / 6


class FolderBlobs:
    """`azud.services.ports.Blobs` in a folder of this machine.

    Args:
        root: The folder; made when missing.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._incoming = os.path.join(root, "incoming")
        self._lock = threading.Lock()
        os.makedirs(self._incoming, mode=0o700, exist_ok=True)

    def path(self, digest: str) -> str:
        """Return where the bytes of this digest lie, or would lie.

        Raises:
            UserError: The text is no digest.
        """
        if not _DIGEST.match(digest):
            raise UserError(f"{digest!r} is not a SHA-256 digest", hint="send 64 lower-case hexadecimal characters")
        return os.path.join(self.root, digest[:2], digest[2:])

    def missing(self, digests: Sequence[str]) -> Sequence[str]:
        with self._lock:
            return [digest for digest in dict.fromkeys(digests) if not self._touch(self.path(digest))]

    @staticmethod
    def _touch(path: str) -> bool:
        """Return whether a blob is there; it is young then, so that nobody removes it before it is used."""
        try:
            if time.time() - os.stat(path).st_mtime > _TOUCH_S:
                os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def open(self, digest: str) -> IO[bytes]:
        path = self.path(digest)
        try:
            return open(path, "rb")
        except OSError as error:
            raise BlobMissing(
                f"the stored bytes {path} cannot be read: {error.strerror}", hint="azud verify --storage says more"
            ) from error

    def put(self, digest: str, chunks: Iterable[bytes]) -> None:
        target = self.path(digest)
        state = hashlib.sha256()
        descriptor, temporary = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                for chunk in chunks:
                    state.update(chunk)
                    stream.write(chunk)
                stream.flush()
                if state.hexdigest() != digest:
                    raise DigestMismatch(
                        f"the bytes sent for blob {digest} have digest {state.hexdigest()}",
                        hint="the file may have changed while it was being sent; submit again",
                        retryable=True,
                    )
                durable.fsync_file(stream.fileno())
            durable.make_dirs(os.path.dirname(target), point="blob.folder")
            with self._lock:
                durable.rename(temporary, target, point="blob.put")
        except OSError as error:
            _forget(temporary)
            raise StorageError(f"blob {digest} cannot be stored: {error.strerror}", hint="is the disk full?") from error
        except BaseException:
            _forget(temporary)
            raise

    # -- keeping and removing -------------------------------------------------------------------

    def listing(self) -> Mapping[str, tuple[int, bool]]:
        found = {}
        limit = time.time() - YOUNG_S
        for beginning in os.listdir(self.root):
            if len(beginning) != 2:
                continue
            with os.scandir(os.path.join(self.root, beginning)) as entries:
                for entry in entries:
                    if _DIGEST.match(beginning + entry.name):
                        status = entry.stat()
                        found[beginning + entry.name] = (status.st_size, status.st_mtime > limit)
        return found

    def is_young(self, digests: Iterable[str]) -> bool:
        return all(self._is_young(self.path(digest)) for digest in digests)

    @staticmethod
    def _is_young(path: str) -> bool:
        try:
            return time.time() - os.stat(path).st_mtime <= YOUNG_S
        except FileNotFoundError:
            return False

    def remove_old(self, digest: str) -> bool:
        path = self.path(digest)
        # Under the lock of `missing`: a client is told that a blob is here only if it stays.
        with self._lock:
            if self._is_young(path):
                return False
            _forget(path)
        return True

    def has(self, digest: str) -> bool:
        return os.path.exists(self.path(digest))

    def remove_damaged(self, digest: str) -> bool:
        path = self.path(digest)
        with self._lock:  # nobody puts sound bytes there meanwhile
            damaged = os.path.exists(path) and digest_file(path) != digest
            if damaged:
                _forget(path)
        return damaged

    def examine(self, digest: str, size_bytes: int | None, *, read: bool) -> str | None:
        path = self.path(digest)
        try:
            found_bytes = os.stat(path).st_size
            if size_bytes is not None and found_bytes != size_bytes:
                return f"{path} has {found_bytes} bytes, not {size_bytes}"
            return f"{path} holds other bytes than were stored" if read and digest_file(path) != digest else None
        except FileNotFoundError:
            return f"{path} is gone"
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}"


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
