"""How each kind of database is reached: its library, its address, and what every connection is told first."""

from __future__ import annotations

import dataclasses
import importlib
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from azud.adapters.datastores.sql import kinds
from azud.adapters.datastores.sql.streaming import MysqlStream, OdbcStream, PostgresqlStream
from azud.core.errors import BackendError, UserError
from azud.model.data import DatastoreRecord

Credential = Mapping[str, Any]
POSTGRESQL_PORT = 5432
CONNECT_S = 15
"""How long a server may take to accept a connection."""
_GRACE_S = 15
"""How much longer than the database itself we wait for it: after that it is away."""


@dataclasses.dataclass(frozen=True)
class Driver:
    """A kind of database.

    Args:
        name: Of SQLAlchemy's dialect and library.
        library: Package that it needs.
        module: Of that, with the DB API.
        extra: Of azud, which installs it.
        port: Where such servers listen.
        connect: Returns what the library's `connect` gets beside the address; from options, credential and seconds. A
            socket among it (`sock`) is closed by the caller.
        reading, writing: Statements that begin a session, given seconds.
        kind_of: Returns the kind of a column that the library describes.
        stream: Reads a query's rows.
    """

    name: str
    library: str
    module: str
    extra: str
    port: int
    connect: Callable[[DatastoreRecord, Credential, float], dict[str, Any]]
    reading: Callable[[float], tuple[str, ...]]
    writing: tuple[str, ...]
    kind_of: Callable[[Any], str]
    stream: type[PostgresqlStream | MysqlStream | OdbcStream]


def _postgresql(datastore: DatastoreRecord, credential: Credential, timeout_s: float) -> dict[str, Any]:
    # Without a context pg8000 takes TLS where the server has it, and looks at no certificate.
    context = ssl.create_default_context() if datastore.options.get("encrypt") else None
    place = str(datastore.options["host"]), int(datastore.options.get("port") or POSTGRESQL_PORT)
    # A socket of our own, because pg8000 leaves one open that breaks while it says who we are.
    connected = socket.create_connection(place, CONNECT_S)
    connected.settimeout(timeout_s + _GRACE_S)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return {"ssl_context": context, "sock": connected, "application_name": "azud"}


def _mysql(datastore: DatastoreRecord, credential: Credential, timeout_s: float) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_S,
        "read_timeout": timeout_s + _GRACE_S,
    }
    if datastore.options.get("encrypt"):
        settings["ssl"] = ssl.create_default_context()
    return settings


def _sql_server(datastore: DatastoreRecord, credential: Credential, timeout_s: float) -> dict[str, Any]:
    return {"timeout": CONNECT_S}


DRIVERS: Mapping[str, Driver] = {
    "postgresql": Driver(
        "postgresql+pg8000",
        "pg8000",
        "pg8000.dbapi",
        "postgresql",
        POSTGRESQL_PORT,
        _postgresql,
        lambda timeout_s: (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            f"SET statement_timeout = {int(timeout_s * 1000)}",
            "SET TIME ZONE 'UTC'",
        ),
        ("SET TIME ZONE 'UTC'",),
        kinds.of_postgresql,
        PostgresqlStream,
    ),
    "mysql": Driver(
        "mysql+pymysql",
        "pymysql",
        "pymysql",
        "mysql",
        3306,
        _mysql,
        lambda timeout_s: ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'"),
        ("SET time_zone = '+00:00'", "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"),
        kinds.of_mysql,
        MysqlStream,
    ),
    "sqlserver": Driver(
        "mssql+pyodbc",
        "pyodbc",
        "pyodbc",
        "sqlserver",
        1433,
        _sql_server,
        lambda timeout_s: (),
        (),
        kinds.of_odbc,
        OdbcStream,
    ),
}


def driver_of(datastore: DatastoreRecord) -> Driver:
    """Return how a datastore is reached.

    Raises:
        UserError: Of a dialect that azud does not know.
        BackendError: The library for it is not installed where the server runs.
    """
    dialect = str(datastore.options.get("dialect"))
    driver = DRIVERS.get(dialect)
    if driver is None:
        known = ", ".join(DRIVERS)
        raise UserError(f"datastore {datastore.name!r}: {dialect!r} is no kind of database", hint=f"known: {known}")
    try:
        importlib.import_module(driver.module)
    except ImportError as error:
        raise BackendError(
            f"datastore {datastore.name!r} needs {driver.library}, which azud's server does not find ({error})",
            hint=f"install it there: pip install 'azud[{driver.extra}]'",
        ) from error
    return driver


def address_of(driver: Driver, datastore: DatastoreRecord, credential: Credential) -> sa.URL:
    """Return where a database is, and as whom; it holds the password, so it is never shown."""
    options = datastore.options
    user, password = options.get("user"), credential.get("password")
    if driver.library == "pyodbc" and credential.get("client_secret"):
        user, password = options.get("client_id"), credential["client_secret"]
    return sa.URL.create(
        driver.name,
        user,
        password,
        str(options["host"]),
        int(options.get("port") or driver.port),
        str(options["database"]),
        _odbc_words(datastore, credential) if driver.library == "pyodbc" else {},
    )


def _odbc_words(datastore: DatastoreRecord, credential: Credential) -> dict[str, str]:
    """Return the keywords of an ODBC connection.

    Raises:
        BackendError: The machine has no ODBC driver for SQL Server.
    """
    wanted = str(datastore.options.get("odbc_driver") or "")
    known = importlib.import_module("pyodbc").drivers()
    found = [name for name in known if name == wanted or (not wanted and "SQL Server" in name)]
    if not found:
        raise BackendError(
            f"datastore {datastore.name!r}: this machine has no ODBC driver {wanted or 'for SQL Server'}",
            hint="install msodbcsql18 (or tdsodbc, and name it: odbc_driver='FreeTDS') where azud's server runs",
        )
    words = {"driver": found[-1], "Encrypt": "yes" if datastore.options.get("encrypt", True) else "no"}
    if credential.get("client_secret"):
        words["Authentication"] = "ActiveDirectoryServicePrincipal"
    return words
