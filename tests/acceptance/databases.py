"""A table on a real database server, as its owner makes it, and registering it as a user does."""

from __future__ import annotations

from tests.acceptance.authoring import Authoring

from azud.adapters.datastores.sql.database import SqlDatabase
from azud.model.data import DatastoreRecord
from azureml.core import Datastore

ROWS = [
    (1, "12.5", "", "2024-02-29", True),
    (2, "0.1", 'a,"b"\n\\N', "1999-12-31", False),
    (3, None, None, None, None),
]

QUERY = "SELECT * FROM orders ORDER BY id"
FIXTURES = {"postgre_sql": "postgresql", "my_sql": "mariadb"}
_COLUMNS = "id INTEGER, price DECIMAL(20, 4), note VARCHAR(200), day DATE, paid BOOLEAN"


def registered(authoring: Authoring, kind: str, server, **options):
    """Register the server as datastore `sales`."""
    register = getattr(Datastore, f"register_azure_{kind}")
    if kind == "postgre_sql":
        options.setdefault("enforce_ssl", False)
    return register(
        workspace=authoring.ws,
        datastore_name="sales",
        server_name=options.pop("server_name", server.host),
        database_name=options.pop("database_name", server.database),
        user_id=server.user,
        user_password=options.pop("password", server.password),
        port_number=server.port,
        **options,
    )


def owner(kind: str, server) -> SqlDatabase:
    """Return the database with all rights."""
    dialect = {"postgre_sql": "postgresql", "my_sql": "mysql"}[kind]
    options = {"dialect": dialect, "host": server.host, "port": server.port, "database": server.database}
    return SqlDatabase(DatastoreRecord("owner", "Any", "sql", {**options, "user": server.user}), {
        "password": server.password
    })  # fmt: skip


def execute(database: SqlDatabase, *statements: str) -> None:
    """Run statements as the owner."""
    with database._connected(20, database._driver.writing) as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


def make_tables(database: SqlDatabase) -> None:
    """Make the table `orders` with rows, and the empty table `copies`."""
    execute(database, f"CREATE TABLE orders ({_COLUMNS})", f"CREATE TABLE copies ({_COLUMNS})")
    rows = [[str(cell) if cell is not None and cell != "" else cell for cell in row] for row in ROWS]
    database.insert("orders", ["id", "price", "note", "day", "paid"], iter([rows]))
