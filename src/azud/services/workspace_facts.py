"""What people say of their workspace: its friendly name, description and tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from azud.core.errors import UserError

FACTS: dict[str, Any] = {"friendly_name": "", "description": "", "tags": {}}
"""What can be said, and what holds until somebody has said it."""


class WorkspaceFactsStore(Protocol):
    """Keeps the facts as one JSON object."""

    def facts(self) -> dict[str, Any]:
        """Return what was kept, {} at first."""

    def change(self, changes: Mapping[str, Any]) -> None:
        """Keep other values for some facts; those that are not among them stay."""


class WorkspaceFacts:
    """Knows and changes the facts."""

    def __init__(self, store: WorkspaceFactsStore) -> None:
        self._store = store

    def facts(self) -> dict[str, Any]:
        """Return all facts."""
        return {**FACTS, **self._store.facts()}

    def change(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change those facts that a body holds, and return all of them; tags take the place of all earlier ones.

        Raises:
            UserError: It holds something else, or a value of a wrong kind.
        """
        for name, value in body.items():
            if name not in FACTS:
                raise UserError(
                    f"a workspace has no {name!r} that can be changed", hint=f"there are: {', '.join(FACTS)}"
                )
            if name == "tags" and not _is_tags(value):
                raise UserError("tags is no object with texts, or null, as values")
            if name != "tags" and not isinstance(value, str):
                raise UserError(f"{name} is no text")
        self._store.change(body)
        return self.facts()


def _is_tags(value: Any) -> bool:
    return isinstance(value, dict) and all(text is None or isinstance(text, str) for text in value.values())
