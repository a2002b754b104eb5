"""Opening datastores of driver `sql`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from azud.adapters.datastores.sql.database import SqlDatabase
from azud.core.errors import UserError
from azud.model.data import DatastoreRecord
from azud.services.datastore_kinds import SQL


class SqlDatabases:
    """`services.sql_ports.Databases`.

    Args:
        credential: Returns what opens a datastore, by name.
    """

    def __init__(self, credential: Callable[[str], Mapping[str, Any]]) -> None:
        self._credential = credential

    def database(self, datastore: DatastoreRecord) -> SqlDatabase:
        if datastore.driver != SQL:
            raise UserError(
                f"datastore {datastore.name!r} ({datastore.type}) is no database",
                hint="use one made by Datastore.register_azure_sql_database, …_postgre_sql or …_my_sql",
            )
        return SqlDatabase(datastore, self._credential(datastore.name))

    def try_out(self, datastore: DatastoreRecord, credential: Mapping[str, Any]) -> None:
        """Look whether a database, which need not be kept yet, answers and lets us in with a credential.

        Raises:
            AzudError: It does not.
        """
        SqlDatabase(datastore, credential).check()
