"""Datasets that are queries; `azud.sdk.tables.query_rows` reads what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from azud.model import formats
from azud.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


def definition_of(datastore: Any, query: Any, timeout_s: Any, column_types: Dict[str, Any]) -> Dict[str, Any]:
    """Return the definition of a dataset that is a query.

    Raises:
        UserErrorException: The datastore is no database, the query no text, or the timeout no number of seconds.
    """
    from azud.sdk.datastore_sql import is_database

    if not is_database(datastore):
        raise UserErrorException(
            f"datastore {datastore.name!r} ({datastore.datastore_type}) is no database",
            hint="from_sql_query needs one made by Datastore.register_azure_sql_database, …_postgre_sql or …_my_sql",
        )
    if not isinstance(query, str) or not query.strip():
        raise UserErrorException(f"the query is {query!r}", hint='write (datastore, "SELECT …")')
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, (int, float)) or not timeout_s > 0:
        raise UserErrorException(f"query_timeout is {timeout_s!r}", hint="give a number of seconds above 0")
    return {
        "type": "tabular",
        "locations": [{"datastore": datastore.name, "path": ""}],
        "reader": {
            "format": formats.ROWS,
            "query": query,
            "query_timeout_s": timeout_s,
            "column_types": column_types,
        },
        "operations": [],
    }


def is_query(definition: Dict[str, Any]) -> bool:
    """Return whether a dataset is a query."""
    return bool(definition["reader"].get("format") == formats.ROWS)


def check(definition: Dict[str, Any], workspace: Workspace) -> None:
    """Have the server run a dataset's query up to its first rows.

    Raises:
        UserErrorException: It does not run.
    """
    reader, (place,) = definition["reader"], definition["locations"]
    body = {"query": reader["query"], "query_timeout_s": reader["query_timeout_s"]}
    workspace._api.follow(f"/datastores/{place['datastore']}/query-columns", body)
