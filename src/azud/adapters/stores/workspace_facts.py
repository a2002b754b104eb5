"""The facts of a workspace: one row of `meta`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database

_KEY = "workspace"


class SqlWorkspaceFacts:
    """`azud.services.workspace_facts.WorkspaceFactsStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self) -> dict[str, Any]:
        with self._database.read() as connection:
            return _read(connection)

    def change(self, changes: Mapping[str, Any]) -> None:
        with self._database.write(point="store.workspace") as connection:
            text = json.dumps({**_read(connection), **changes})
            statement = insert(schema.meta).values(key=_KEY, value=text)
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": text}))


def _read(connection: sa.Connection) -> dict[str, Any]:
    text = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == _KEY))
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
