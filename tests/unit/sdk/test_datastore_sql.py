"""Registering databases: what is sent to the server, and what is refused before."""

from __future__ import annotations

import pytest

from azud.sdk.datastore import Datastore
from azud.sdk.datastore_sql import AzureMySqlDatastore, AzurePostgreSqlDatastore, AzureSqlDatabaseDatastore
from azud.sdk.exceptions import UserErrorException


class FakeWorkspace:
    """Keeps what is sent, and answers as the server does: without the credential's values."""

    def __init__(self) -> None:
        self.sent: dict[str, object] = {}
        self._api = self

    def send(self, method: str, path: str, body: dict[str, object], **_options: object) -> dict[str, object]:
        assert (method, path) == ("POST", "/datastores")
        self.sent = body
        known = {key: value for key, value in body.items() if key in ("name", "type", "driver", "options")}
        return {**known, "credential": [key for key, value in body["credential"].items() if value]}  # type: ignore[attr-defined]


def _postgresql(workspace: FakeWorkspace, server: str, **options: object) -> AzurePostgreSqlDatastore:
    return Datastore.register_azure_postgre_sql(workspace, "sales", server, "shop", "reader", "c4n4ry", **options)


@pytest.mark.parametrize(
    ("server", "options", "host", "port"),
    [
        ("myserver", {}, "myserver.postgres.database.azure.com", None),
        ("myserver", {"endpoint": ".example.org"}, "myserver.example.org", None),
        ("myserver", {"endpoint": ""}, "myserver", None),
        ("localhost", {"port_number": "5433"}, "localhost", 5433),
        ("db.example.org", {"port_number": 5433}, "db.example.org", 5433),
        ("db.example.org:6000", {}, "db.example.org", 6000),
        ("127.0.0.1,6000", {}, "127.0.0.1", 6000),
        ("::1", {}, "::1", None),
    ],
)
def test_names_of_servers_become_hosts(server: str, options: dict[str, object], host: str, port: int | None) -> None:
    workspace = FakeWorkspace()
    _postgresql(workspace, server, **options)
    sent = workspace.sent["options"]
    assert (sent["host"], sent.get("port")) == (host, port)  # type: ignore[index,attr-defined]


def test_the_password_goes_to_the_server_and_stays_there() -> None:
    workspace = FakeWorkspace()
    made = _postgresql(workspace, "db.example.org", enforce_ssl=False)
    assert workspace.sent["credential"] == {"password": "c4n4ry"} and workspace.sent["check"] is True
    assert "c4n4ry" not in str(workspace.sent["options"])
    assert isinstance(made, AzurePostgreSqlDatastore)
    assert (made.server_name, made.database_name, made.user_id) == ("db.example.org", "shop", "reader")
    assert (made.user_password, made.enforce_ssl, made.datastore_type) == (None, False, "AzurePostgreSql")
    _postgresql(workspace, "db.example.org", skip_validation=True)
    assert workspace.sent["check"] is False


@pytest.mark.parametrize(
    ("server", "given", "encrypt"),
    [("myserver", {}, True), ("db.example.org", {}, False), ("db.example.org", {"enforce_ssl": True}, True)],
)
def test_my_sql_on_azure_is_asked_over_tls(server: str, given: dict[str, object], encrypt: bool) -> None:
    workspace = FakeWorkspace()
    made = Datastore.register_azure_my_sql(workspace, "sales", server, "shop", "reader", "c4n4ry", **given)
    assert isinstance(made, AzureMySqlDatastore)
    assert workspace.sent["options"]["encrypt"] is encrypt  # type: ignore[index]


def test_sql_server_takes_a_user_or_a_service_principal() -> None:
    workspace = FakeWorkspace()
    register = Datastore.register_azure_sql_database
    made = register(workspace, "sales", "myserver", "shop", username="reader", password="c4n4ry")
    assert isinstance(made, AzureSqlDatabaseDatastore)
    assert (made.username, made.password, made.auth_type) == ("reader", None, "SqlAuthentication")
    assert workspace.sent["options"]["host"] == "myserver.database.windows.net"  # type: ignore[index]
    made = register(workspace, "sales", "myserver", "shop", "tenant", "client", "c4n4ry")
    assert (made.tenant_id, made.client_id, made.client_secret) == ("tenant", "client", None)
    assert made.auth_type == "ServicePrincipal"
    with pytest.raises(UserErrorException, match="username and password"):
        register(workspace, "sales", "myserver", "shop", username="reader")


@pytest.mark.parametrize(
    ("server", "options", "words"),
    [("", {}, "server_name"), ("host", {"port_number": "x"}, "port_number"), ("host", {"typo": 1}, "'typo'")],
)
def test_what_cannot_be_registered_is_refused_before_anything_is_sent(
    server: str, options: dict[str, object], words: str
) -> None:
    workspace = FakeWorkspace()
    with pytest.raises(UserErrorException, match=words):
        _postgresql(workspace, server, **options)
    assert workspace.sent == {}
