"""From the schema that a database has to the one that this azud knows.

The truth about a database's schema is the row `schema_revision` of its table `meta`. Alembic gives the revision
scripts their operations and their order; its own version table is not used (docs/decisions/0009). It is imported only
when there is something to migrate: a server starts without it.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import time
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.copying import copy_database
from azud.core import durable
from azud.core.errors import SchemaVersionError, StorageError

_log = logging.getLogger(__name__)
_KEY = "schema_revision"
_NUMBER = re.compile(r"^[0-9]{4}$")
_VERSIONS = os.path.join(os.path.dirname(__file__), "migrations")


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database, or None if it is empty.

    Raises:
        SchemaVersionError: A newer azud, or another program, made it.
    """
    names = sa.inspect(connection).get_table_names()
    if not names:
        return None
    found = None
    if "meta" in names:
        found = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == _KEY))
    # Revisions have four digits, so that their texts are in the order of their numbers.
    if found is None or not _NUMBER.match(found) or found > schema.SCHEMA_REVISION:
        raise SchemaVersionError(
            f"{connection.engine.url.database} has schema {found or 'of another program'}, "
            f"this azud knows {schema.SCHEMA_REVISION}",
            hint="use the version of azud that made the workspace, or a newer one",
        )
    return str(found)


def create(connection: Connection) -> None:
    """Make the present schema in an empty database; inside a transaction."""
    schema.metadata.create_all(connection)
    connection.execute(schema.meta.insert(), [{"key": _KEY, "value": schema.SCHEMA_REVISION}])


def upgrade(connection: Connection, revision: str | None, target: str = schema.SCHEMA_REVISION) -> None:
    """Run the history after `revision` up to `target`; inside a transaction, so that all of it happens or nothing.

    Args:
        connection: Of the database, in a transaction.
        revision: What the database has; None runs the history from its beginning.
        target: Where to end.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory(_VERSIONS).iterate_revisions(target, revision or "base"))
    with Operations.context(MigrationContext.configure(connection)):
        for script in reversed(scripts):
            script.module.upgrade()
    connection.execute(schema.meta.delete().where(schema.meta.c.key == _KEY))
    connection.execute(schema.meta.insert(), [{"key": _KEY, "value": target}])


def bring_up_to_date(connection: Connection, path: str, revision: str) -> None:
    """Copy an older database to `<path>.before-<revision>` and migrate it in one transaction.

    Effects: A copy that an interrupted migration left is replaced.

    Raises:
        SchemaVersionError: Somebody else changed the schema meanwhile.
        StorageError: There is no room for the copy; nothing was changed.
    """
    started = time.monotonic()
    kept = f"{path}.before-{revision}"
    try:
        copy_database(cast(sqlite3.Connection, connection.connection.driver_connection), kept)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"{path} has schema {revision}, and cannot be copied to {kept} before it is migrated: {error}",
            hint="free some space and try again",
            retryable=True,
        ) from error
    with connection.begin() as transaction:
        if revision_of(connection) != revision:
            raise SchemaVersionError(f"another program changed the schema of {path}", hint="try again")
        upgrade(connection, revision)
        durable.commit(transaction.commit, point="store.migrate")
    took_s = time.monotonic() - started
    _log.warning(
        "%s was brought from schema %s to %s in %.1f s; as it was it lies in %s",
        *(path, revision, schema.SCHEMA_REVISION, took_s, kept),
    )
