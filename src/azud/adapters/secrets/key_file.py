"""Secrets under a key that lies in a file of its own, which only the workspace's owner can read."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import threading

from azud.core import durable
from azud.core.errors import StorageError

KEY_FILE = "secret.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyFileCipher:
    """`azud.services.secrets.Cipher` with AES-256 in GCM; the key is made when the first secret is kept.

    A sealed text is `<beginning of the key's digest>:<base64 of nonce and ciphertext>`, and opens only under its name.

    Args:
        home: The workspace's home, in which the key lies.
    """

    def __init__(self, home: str) -> None:
        self._path = os.path.join(home, KEY_FILE)
        self._lock = threading.Lock()

    def seal(self, name: str, value: str) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key, nonce = self._key(make=True), os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, value.encode(), name.encode())
        return f"{_mark(key)}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, name: str, sealed: str) -> str:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._key(make=False)
        mark, _, text = sealed.partition(":")
        if mark != _mark(key):
            raise StorageError(
                f"secret {name!r} was kept under another key than {self._path}",
                hint="bring that key back, or set it anew",
            )
        try:
            data = base64.b64decode(text, validate=True)
            return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise StorageError(f"what is stored of secret {name!r} is damaged", hint="set it anew") from error

    def _key(self, *, make: bool) -> bytes:
        with self._lock:
            try:
                return self._read()
            except FileNotFoundError as error:
                if not make:
                    raise StorageError(
                        f"{self._path}, the key of this workspace's secrets, is gone",
                        hint="bring it back (a backup does not hold it), or set the secrets anew",
                    ) from error
            durable.replace_file(self._path, os.urandom(_KEY_BYTES).hex().encode(), point="secrets.key", mode=0o600)
            return self._read()

    def _read(self) -> bytes:
        with open(self._path, "rb") as stream:
            if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o077:
                raise StorageError(
                    f"{self._path} can be read by others", hint=f"chmod 600 {self._path}, and set the secrets anew"
                )
            try:
                key = bytes.fromhex(stream.read().decode())
            except ValueError as error:
                raise StorageError(f"{self._path} is no key", hint="bring the right one back") from error
        if len(key) != _KEY_BYTES:
            raise StorageError(f"{self._path} is no key", hint="bring the right one back")
        return key


def _mark(key: bytes) -> str:
    """Return what tells one key from another, and nothing of the key."""
    return hashlib.sha256(b"azud secrets key\n" + key).hexdigest()[:8]
