"""Blobs in a folder: `<first two digits>/<the other sixty-two>`, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Sequence

from azud.core import durable
from azud.core.errors import DigestMismatch, StorageError, UserError

_DIGEST = re.compile(r"^[0-9a-f]{64}$")


class FolderBlobs:
    """`azud.services.ports.Blobs` in a folder of this machine.

    Args:
        root: The folder; made when missing.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._incoming = os.path.join(root, "incoming")
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
        return [digest for digest in dict.fromkeys(digests) if not os.path.exists(self.path(digest))]

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
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            durable.rename(temporary, target, point="blob.put")
        except OSError as error:
            _forget(temporary)
            raise StorageError(f"blob {digest} cannot be stored: {error.strerror}", hint="is the disk full?") from error
        except BaseException:
            _forget(temporary)
            raise


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
