"""`Datastore.register_azure_sql_database`, `…_postgre_sql` and `…_my_sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from azud.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from azud.sdk.datastore_sql import AzureMySqlDatastore, AzurePostgreSqlDatastore, AzureSqlDatabaseDatastore
    from azud.sdk.workspace import Workspace


class SqlRegistering:
    """The part of `Datastore` that registers databases.

    A `server_name` with a dot or a colon, or `localhost`, is a whole host name; to any other `endpoint` is appended
    (`myserver.database.windows.net`), unless that is "". `host:port` and SQL Server's `host,port` name a port, too.
    """

    @staticmethod
    def register_azure_sql_database(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        tenant_id: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        resource_url: Optional[str] = None,
        authority_url: Optional[str] = None,
        endpoint: Optional[str] = None,
        overwrite: bool = False,
        username: Optional[str] = None,
        password: Optional[str] = None,
        subscription_id: Optional[str] = None,
        resource_group: Optional[str] = None,
        grant_workspace_access: bool = False,
        **kwargs: Any,
    ) -> AzureSqlDatabaseDatastore:
        """Register a SQL Server database, opened by a user's password or a service principal.

        Args:
            workspace: Where it becomes known.
            datastore_name: Its name there.
            server_name: See the class.
            database_name: On the server.
            tenant_id: Of a service principal, which needs Microsoft's own ODBC driver; with
            client_id: its id, and
            client_secret: what it shows, kept encrypted by the server.
            resource_url: Kept for the record.
            authority_url: Kept for the record.
            endpoint: What follows the server's name; `database.windows.net` if None.
            overwrite: Replace a datastore of this name.
            username: Of the database, instead of a service principal.
            password: The user's, kept encrypted by the server.
            subscription_id: Kept for the record.
            resource_group: Kept for the record.
            grant_workspace_access: Accepted as in v1; nothing is granted.
            **kwargs: `skip_validation`: do not try now whether it opens; not in v1: `enforce_ssl` (True if not given)
                and `odbc_driver`, the driver's name on the server's machine.

        Raises:
            UserErrorException: There is such a datastore, an argument is not usable, or the database does not open.
        """
        if not (client_id and client_secret) and not (username and password):
            raise UserErrorException(
                f"datastore {datastore_name!r} needs username and password, or tenant_id, client_id and client_secret"
            )
        extra = _extra(datastore_name, kwargs, "skip_validation", "enforce_ssl", "odbc_driver")
        options = {
            **_place("sqlserver", server_name, database_name, endpoint, "database.windows.net", None),
            "user": username,
            "encrypt": extra.get("enforce_ssl", True),
            "odbc_driver": extra.get("odbc_driver"),
            "tenant_id": tenant_id,
            "client_id": client_id,
            "resource_url": resource_url,
            "authority_url": authority_url,
            "subscription_id": subscription_id,
            "resource_group": resource_group,
        }
        credential = {"password": password, "client_secret": client_secret}
        found: AzureSqlDatabaseDatastore = _put(
            workspace, datastore_name, "AzureSqlDatabase", options, credential, overwrite, extra
        )
        return found

    @staticmethod
    def register_azure_postgre_sql(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        user_id: str,
        user_password: str,
        port_number: Optional[Any] = None,
        endpoint: Optional[str] = None,
        overwrite: bool = False,
        enforce_ssl: bool = True,
        **kwargs: Any,
    ) -> AzurePostgreSqlDatastore:
        """Register a PostgreSQL database.

        Args:
            workspace: Where it becomes known.
            datastore_name: Its name there.
            server_name: See the class.
            database_name: On the server.
            user_id: Of the database.
            user_password: Kept encrypted by the server.
            port_number: 5432 if None.
            endpoint: What follows the server's name; `postgres.database.azure.com` if None.
            overwrite: Replace a datastore of this name.
            enforce_ssl: Refuse a server without TLS or without a valid certificate; if False, TLS is used where the
                server has it.
            **kwargs: `skip_validation`: do not try now whether it opens.

        Raises:
            UserErrorException: There is such a datastore, an argument is not usable, or the database does not open.
        """
        extra = _extra(datastore_name, kwargs, "skip_validation")
        options = {
            **_place("postgresql", server_name, database_name, endpoint, "postgres.database.azure.com", port_number),
            "user": user_id,
            "encrypt": bool(enforce_ssl),
        }
        found: AzurePostgreSqlDatastore = _put(
            workspace, datastore_name, "AzurePostgreSql", options, {"password": user_password}, overwrite, extra
        )
        return found

    @staticmethod
    def register_azure_my_sql(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        user_id: str,
        user_password: str,
        port_number: Optional[Any] = None,
        endpoint: Optional[str] = None,
        overwrite: bool = False,
        **kwargs: Any,
    ) -> AzureMySqlDatastore:
        """Register a MySQL or MariaDB database.

        Args:
            workspace: Where it becomes known.
            datastore_name: Its name there.
            server_name: See the class.
            database_name: On the server.
            user_id: Of the database.
            user_password: Kept encrypted by the server.
            port_number: 3306 if None.
            endpoint: What follows the server's name; `mysql.database.azure.com` if None.
            overwrite: Replace a datastore of this name.
            **kwargs: `skip_validation`: do not try now whether it opens; not in v1: `enforce_ssl`, True by default for
                hosts of Azure, where False would be refused, and False for others.

        Raises:
            UserErrorException: There is such a datastore, an argument is not usable, or the database does not open.
        """
        extra = _extra(datastore_name, kwargs, "skip_validation", "enforce_ssl")
        place = _place("mysql", server_name, database_name, endpoint, "mysql.database.azure.com", port_number)
        encrypt = extra.get("enforce_ssl", str(place["host"]).endswith(".azure.com"))
        options = {**place, "user": user_id, "encrypt": bool(encrypt)}
        found: AzureMySqlDatastore = _put(
            workspace, datastore_name, "AzureMySql", options, {"password": user_password}, overwrite, extra
        )
        return found


def _extra(name: str, given: Dict[str, Any], *known: str) -> Dict[str, Any]:
    for word in given:
        if word not in known:
            raise UserErrorException(f"datastore {name!r}: {word!r} is no argument", hint=f"known: {', '.join(known)}")
    return given


def _place(dialect: str, server: str, database: str, endpoint: Optional[str], suffix: str, port: Any) -> Dict[str, Any]:
    """Return the options that say where a database is.

    Raises:
        UserErrorException: A name is missing, or the port is no number.
    """
    if not isinstance(server, str) or not server or not isinstance(database, str) or not database:
        raise UserErrorException(f"server_name {server!r} and database_name {database!r} must be texts")
    host, own_port = _host_and_port(server)
    if endpoint is None:
        endpoint = suffix
    if endpoint and host != "localhost" and not set(host) & set(".:"):
        host = f"{host}.{endpoint.strip('./')}"
    port = own_port or port
    if port is not None and not str(port).isdigit():
        raise UserErrorException(f"port_number {port!r} is no number")
    return {
        "dialect": dialect,
        "host": host,
        "port": None if port is None else int(port),
        "database": database,
        "server_name": server,
        "endpoint": endpoint,
    }


def _host_and_port(server: str) -> Tuple[str, Optional[str]]:
    for mark in (",", ":"):
        host, found, port = server.rpartition(mark)
        if found and port.isdigit() and ":" not in host:
            return host, port
    return server, None


def _put(
    workspace: Workspace,
    name: str,
    kind: str,
    options: Dict[str, Any],
    credential: Dict[str, Any],
    overwrite: bool,
    extra: Dict[str, Any],
) -> Any:
    kept = {key: value for key, value in options.items() if value is not None}
    body = {
        "name": name,
        "type": kind,
        "driver": "sql",
        "options": kept,
        "credential": credential,
        "overwrite": overwrite,
        "check": not extra.get("skip_validation"),
    }
    from azud.sdk.datastore_kinds import made_of_record

    record: Dict[str, Any] = workspace._api.send("POST", "/datastores", body)
    return made_of_record(workspace, record)
