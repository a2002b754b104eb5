"""Registering the real stores of the tests as a user does, with v1's calls where v1 had them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from azureml.core import Datastore, Workspace

_numbers = itertools.count(1)


def _blobs(request: pytest.FixtureRequest, ws: Workspace, name: str) -> Datastore:
    server = request.getfixturevalue("azurite")
    return Datastore.register_azure_blob_container(
        ws,
        datastore_name=name,
        container_name=f"acceptance-{next(_numbers)}",
        account_name=server.account,
        account_key=server.key,
        protocol="http",
        endpoint=f"{server.host}:{server.port}/{server.account}",
        create_if_not_exists=True,
    )


def _s3(request: pytest.FixtureRequest, ws: Workspace, name: str) -> Datastore:
    server = request.getfixturevalue("moto_s3")
    return Datastore.register_s3(
        ws,
        name,
        f"acceptance-{next(_numbers)}",
        "some/prefix",
        server.access_key_id,
        server.secret_access_key,
        endpoint_url=server.endpoint,
        region=server.region,
        create_if_not_exists=True,
    )


def _sftp(request: pytest.FixtureRequest, ws: Workspace, name: str) -> Datastore:
    server = request.getfixturevalue("sftp_server")
    return Datastore.register_sftp(
        ws,
        name,
        server.host,
        server.user,
        path=server.root,
        private_key=server.private_key,
        port=server.port,
        host_key=server.host_key,
    )


def _local(request: pytest.FixtureRequest, ws: Workspace, name: str) -> Datastore:
    folder = request.getfixturevalue("tmp_path") / f"folder-{next(_numbers)}"
    folder.mkdir()
    return Datastore.register_local_folder(ws, name, str(folder))


STORES: dict[str, Callable[[pytest.FixtureRequest, Workspace, str], Datastore]] = {
    "azure_blob": _blobs,
    "s3": _s3,
    "sftp": _sftp,
    "local": _local,
}
SECRETS = {
    "azure_blob": lambda request: request.getfixturevalue("azurite").key,
    "s3": lambda request: request.getfixturevalue("moto_s3").secret_access_key,
    "sftp": lambda request: request.getfixturevalue("sftp_server").private_key.splitlines()[2],
}
"""What must be found nowhere."""
