"""Classes 8–13 and 18: no route answers without the token on TCP, whatever its router; foreign hosts are refused.

The routes are enumerated from the application, so that a new one is covered the day it is written.
"""

from __future__ import annotations

import http.client
import json
import os
import socket

import pytest

from azud.client.places import socket_path


@pytest.fixture
def tcp(workspace, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("AZUD_TCP", f"127.0.0.1:{port}")
    workspace.client.get("/workspace")
    token = (workspace.folder / ".azud" / "token").read_text()
    paths = json.loads(ask(port, "GET", "/openapi.json", {"Authorization": f"Bearer {token}"})[1])["paths"]
    routes = [(method.upper(), path) for path, operations in paths.items() for method in operations]
    assert len(routes) > 40
    return port, [*routes, ("GET", "/openapi.json"), ("GET", "/nothing/here"), ("PROPFIND", "/api/v1/workspace")]


def ask(port, method, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path.replace("{", "").replace("}", ""), headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


BAD_TOKENS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer nothing",
    "bearer {token}",
    "Basic {token}",
    "{token}",
    "Bearer {token}x",
]


def test_no_route_answers_without_the_token(tcp, workspace):
    port, routes = tcp
    token = (workspace.folder / ".azud" / "token").read_text()
    for method, path in routes:
        for bad in BAD_TOKENS:
            headers = {} if bad is None else {"Authorization": bad.format(token=token)}
            status, body = ask(port, method, path, headers)
            assert status == 401, (method, path, bad)
            assert token.encode() not in body
    assert ask(port, "GET", "/api/v1/workspace", {"Authorization": f"Bearer {token}"})[0] == 200


def test_a_foreign_host_is_refused_even_with_the_token(tcp, workspace):
    port, _ = tcp
    token = (workspace.folder / ".azud" / "token").read_text()
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", ""):
        headers = {"Authorization": f"Bearer {token}", "Host": host}
        assert ask(port, "GET", "/api/v1/workspace", headers)[0] == 403, host


def test_the_token_and_the_socket_belong_to_the_user_alone(tcp, workspace):
    assert (workspace.folder / ".azud" / "token").stat().st_mode & 0o777 == 0o600
    assert os.stat(socket_path(workspace.home.path)).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(socket_path(workspace.home.path))).st_mode & 0o777 == 0o700


def test_a_fresh_server_does_not_listen_on_tcp(workspace):
    assert workspace.client.get("/server")["tcp"] is None
