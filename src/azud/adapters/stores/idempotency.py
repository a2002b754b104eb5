"""What a request with an `Idempotency-Key` made: asked again with the key, it is found instead of made."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema

_table = schema.idempotency


def made_by(connection: Connection, key: str | None) -> str | None:
    """Return the id of what was made under a key; None if nothing was, or no key is given."""
    if not key:
        return None
    found: str | None = connection.scalar(sa.select(_table.c.run_id).where(_table.c.key == key))
    return found


def remember(connection: Connection, key: str | None, made: str, now: str) -> None:
    """Note what was made under a key, if one is given, in the transaction that makes it."""
    if key:
        connection.execute(_table.insert(), [{"key": key, "run_id": made, "created_at": now}])
