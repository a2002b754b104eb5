"""Databases as datastores: SQL Server (Azure SQL), PostgreSQL, MySQL and MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from azud.sdk.datastore import AbstractDatastore

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class AzureSqlDatabaseDatastore(AbstractDatastore):
    """A SQL Server or Azure SQL database. What opens it stays with the server, so `password` is None."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        server_name: Optional[str],
        database_name: Optional[str],
        tenant_id: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        resource_url: Optional[str] = None,
        authority_url: Optional[str] = None,
        username: Optional[str] = None,
        password: Optional[str] = None,
        auth_type: Optional[str] = None,
        service_data_access_auth_identity: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, "AzureSqlDatabase")
        self.server_name = server_name
        self.database_name = database_name
        self.tenant_id = tenant_id
        self.client_id = client_id
        self.client_secret = client_secret
        self.resource_url = resource_url
        self.authority_url = authority_url
        self.username = username
        self.password = password
        self.auth_type = auth_type
        self.service_data_access_auth_identity = service_data_access_auth_identity


class AzurePostgreSqlDatastore(AbstractDatastore):
    """A PostgreSQL database. What opens it stays with the server: `user_password` is None."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        server_name: Optional[str],
        database_name: Optional[str],
        user_id: Optional[str],
        user_password: Optional[str],
        port_number: Any = None,
        enforce_ssl: bool = True,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, "AzurePostgreSql")
        self.server_name = server_name
        self.database_name = database_name
        self.user_id = user_id
        self.user_password = user_password
        self.port_number = port_number
        self.enforce_ssl = enforce_ssl


class AzureMySqlDatastore(AbstractDatastore):
    """A MySQL or MariaDB database. What opens it stays with the server: `user_password` is None."""

    def __init__(
        self,
        workspace: Optional[Workspace],
        name: str,
        server_name: Optional[str],
        database_name: Optional[str],
        user_id: Optional[str],
        user_password: Optional[str],
        port_number: Any = None,
    ) -> None:
        """Describe a datastore; nothing is asked or stored."""
        super().__init__(workspace, name, "AzureMySql")
        self.server_name = server_name
        self.database_name = database_name
        self.user_id = user_id
        self.user_password = user_password
        self.port_number = port_number


def is_database(datastore: Any) -> bool:
    """Return whether a datastore is a database."""
    return isinstance(datastore, (AzureSqlDatabaseDatastore, AzurePostgreSqlDatastore, AzureMySqlDatastore))


def _sql_server(workspace: Workspace, name: str, options: Dict[str, Any]) -> AzureSqlDatabaseDatastore:
    return AzureSqlDatabaseDatastore(
        workspace,
        name,
        options.get("server_name"),
        options.get("database"),
        tenant_id=options.get("tenant_id"),
        client_id=options.get("client_id"),
        resource_url=options.get("resource_url"),
        authority_url=options.get("authority_url"),
        username=options.get("user"),
        auth_type="ServicePrincipal" if options.get("client_id") else "SqlAuthentication",
    )


def _postgresql(workspace: Workspace, name: str, options: Dict[str, Any]) -> AzurePostgreSqlDatastore:
    return AzurePostgreSqlDatastore(
        workspace,
        name,
        options.get("server_name"),
        options.get("database"),
        options.get("user"),
        None,
        options.get("port"),
        bool(options.get("encrypt")),
    )


def _mysql(workspace: Workspace, name: str, options: Dict[str, Any]) -> AzureMySqlDatastore:
    return AzureMySqlDatastore(
        workspace,
        name,
        options.get("server_name"),
        options.get("database"),
        options.get("user"),
        None,
        options.get("port"),
    )


SQL_MAKERS: Dict[str, Callable[..., AbstractDatastore]] = {
    "AzureSqlDatabase": _sql_server,
    "AzurePostgreSql": _postgresql,
    "AzureMySql": _mysql,
}
"""What makes a datastore object of `(workspace, name, options)`, by the record's type."""
