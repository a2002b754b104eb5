"""Sealed secrets as rows."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.core.clock import now_text
from azud.services.secrets import SecretFacts

_table = schema.secrets


class SqlSecrets:
    """`azud.services.secrets.SecretStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def secrets(self) -> Sequence[SecretFacts]:
        columns = (_table.c.name, _table.c.content_type, _table.c.created_at, _table.c.modified_at)
        with self._database.read() as connection:
            return [SecretFacts(*row) for row in connection.execute(sa.select(*columns).order_by(_table.c.name))]

    def sealed(self, name: str) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.scalar(sa.select(_table.c.sealed).where(_table.c.name == name))
            return found

    def put(self, name: str, sealed: str, content_type: str) -> None:
        now = now_text()
        changed = {"sealed": sealed, "content_type": content_type, "modified_at": now}
        statement = insert(_table).values(name=name, created_at=now, **changed)
        with self._database.write(point="store.secret") as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))

    def delete(self, name: str) -> bool:
        with self._database.write(point="store.secret") as connection:
            return bool(connection.execute(_table.delete().where(_table.c.name == name)).rowcount)
