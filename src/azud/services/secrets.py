"""Secrets: kept encrypted, handed out only by name, never listed with their values."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Protocol

from azud.core.errors import NotFoundError, UserError

_NAME = re.compile(r"^[0-9A-Za-z-]{1,127}$")
MOST_BYTES = 25_000
"""As long as a secret of Azure's key vaults may be."""


@dataclasses.dataclass(frozen=True)
class SecretFacts:
    """What may be known of a secret without its value."""

    name: str
    content_type: str = ""
    created_at: str = ""
    modified_at: str = ""


class Cipher(Protocol):
    """Encrypts texts; what is sealed under a name opens under that name only."""

    def seal(self, name: str, value: str) -> str:
        """Return the text that may be stored."""

    def open(self, name: str, sealed: str) -> str:
        """Return the value.

        Raises:
            StorageError: The key is gone or another one, or the text is damaged.
        """


class SecretStore(Protocol):
    """Sealed secrets as rows."""

    def secrets(self) -> Sequence[SecretFacts]:
        """Return what is known of all secrets, by name."""

    def sealed(self, name: str) -> str | None:
        """Return a secret's sealed text; None if there is none."""

    def put(self, name: str, sealed: str, content_type: str) -> None:
        """Keep a secret in the place of an earlier one of this name."""

    def delete(self, name: str) -> bool:
        """Forget a secret; False if there was none."""


class SecretService:
    """Keeps and hands out secrets."""

    def __init__(self, store: SecretStore, cipher: Cipher) -> None:
        self._store = store
        self._cipher = cipher

    def secrets(self) -> Sequence[SecretFacts]:
        """Return what is known of all secrets but their values."""
        return self._store.secrets()

    def secret(self, name: str) -> tuple[SecretFacts, str]:
        """Return a secret and its value.

        Raises:
            NotFoundError: There is none of this name.
            StorageError: It cannot be opened.
        """
        sealed = self._store.sealed(name)
        facts = next((found for found in self._store.secrets() if found.name == name), None)
        if sealed is None or facts is None:
            raise NotFoundError(f"there is no secret {name!r}", hint="list them with: azud secrets ls")
        return facts, self._cipher.open(name, sealed)

    def put(self, name: str, value: object, content_type: str = "") -> None:
        """Keep a secret in the place of an earlier one of this name.

        Raises:
            UserError: The name or value cannot be one; the message does not show the value.
        """
        if not _NAME.match(name):
            raise UserError(f"a secret cannot be called {name!r}", hint="use letters, digits and '-', up to 127")
        if not isinstance(value, str):
            raise UserError(f"the value of secret {name!r} is {type(value).__name__}", hint="secrets are text")
        if len(value.encode()) > MOST_BYTES:
            raise UserError(f"the value of secret {name!r} is longer than {MOST_BYTES} bytes")
        self._store.put(name, self._cipher.seal(name, value), content_type)

    def delete(self, name: str) -> None:
        """Forget a secret.

        Raises:
            NotFoundError: There is none of this name.
        """
        if not self._store.delete(name):
            raise NotFoundError(f"there is no secret {name!r}", hint="list them with: azud secrets ls")
