"""A newer client ends an older server and starts its own; an older client is told what to do."""

from __future__ import annotations

import re

import pytest

import azud
from azud.client import launch
from azud.core.errors import ConflictError


@pytest.fixture
def client_version(workspace, monkeypatch):
    first = workspace.server_pid()

    def pretend(version):
        """Go on as a new process of another version would."""
        monkeypatch.setattr(launch, "__version__", version)
        launch._clients.clear()
        return first

    return pretend


def test_a_newer_client_replaces_an_older_server(workspace, client_version):
    first = client_version("99.0.0")
    assert workspace.server_pid() != first


def test_a_client_of_the_same_version_uses_the_server_that_is_there(workspace, client_version):
    first = client_version(launch.__version__)
    assert workspace.server_pid() == first


def test_an_older_client_is_told_what_to_do(workspace, client_version, monkeypatch):
    client_version("0.0.1")
    with pytest.raises(ConflictError, match=re.escape(f"azud {azud.__version__}")):
        workspace.server_pid()
    monkeypatch.undo()
    launch._clients.clear()


def test_a_server_that_is_stopped_again_and_again_is_started_again_and_again(workspace):
    seen = set()
    for _ in range(launch._MOST_STARTS + 1):
        seen.add(workspace.server_pid())
        workspace.stop_server()
    assert len(seen) == launch._MOST_STARTS + 1
