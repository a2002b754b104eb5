"""`Keyvault`: the workspace's secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional
from urllib.parse import quote

from azud.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class KeyVaultContentType:
    """What a secret's value is, in v1's words."""

    not_provided = "Not Provided"
    text = "text/plain"
    json = "application/json"


class Keyvault:
    """Secrets of a workspace: kept encrypted, read by name, in programs and in jobs."""

    def __init__(self, workspace: Workspace) -> None:
        """Open the workspace's secrets."""
        self.workspace = workspace

    def set_secret(self, name: str, value: str, content_type: Any = KeyVaultContentType.not_provided) -> None:
        """Keep a secret in the place of an earlier one of this name.

        Args:
            name: Letters, digits and `-`.
            value: Text.
            content_type: See `KeyVaultContentType`.

        Raises:
            UserErrorException: The name or value cannot be one.
        """
        body = {"value": value, "content_type": str(content_type)}
        self.workspace._api.send("PUT", _place(name), body, repeat=True)

    def set_secrets(self, secrets_batch: Mapping[str, str]) -> None:
        """Keep several secrets, given by name.

        Raises:
            UserErrorException: As `set_secret`; those before it are kept.
        """
        for name, value in secrets_batch.items():
            self.set_secret(name, value)

    def get_secret(self, name: str) -> Optional[str]:
        """Return a secret's value; None if there is none of this name."""
        found = self.workspace._api.find(_place(name))
        return None if found is None else str(found["value"])

    def get_secrets(self, secrets: Iterable[str]) -> Dict[str, Optional[str]]:
        """Return the values of several secrets by name; None where there is none."""
        return {name: self.get_secret(name) for name in secrets}

    def get_secret_content_type(self, name: str) -> Optional[str]:
        """Return what a secret's value is; None if there is none of this name."""
        found = self.workspace._api.find(_place(name))
        return None if found is None else str(found["content_type"])

    def delete_secret(self, name: str) -> None:
        """Forget a secret; without effect if there is none of this name."""
        if self.workspace._api.find(_place(name)) is not None:
            self.workspace._api.send("DELETE", _place(name))

    def delete_secrets(self, secrets: Iterable[str]) -> None:
        """Forget several secrets."""
        for name in secrets:
            self.delete_secret(name)

    def list_secrets(self) -> List[Dict[str, Any]]:
        """Return what is known of all secrets but their values."""
        return [
            {
                "name": item["name"],
                "contentType": item["content_type"],
                "createdTime": item["created_at"],
                "modifiedTime": item["modified_at"],
            }
            for item in self.workspace._api.items("/secrets")
        ]

    def __repr__(self) -> str:
        return f"Keyvault(workspace={self.workspace.name})"


def _place(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise UserErrorException(f"a secret cannot be called {name!r}", hint="use letters, digits and '-'")
    return f"/secrets/{quote(name, safe='')}"
