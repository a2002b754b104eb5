"""The places for files that keep the contract of `azud.services.file_ports.FileStore`, each on a real server.

A further kind of store is one more function and a line in `PLACES`. Google's is run where the environment variable
AZUD_TEST_GCS names a bucket (with credentials as Google's libraries find them); nobody has one here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from azud.adapters.datastores.remote.drivers import open_store
from azud.model.data import DatastoreRecord
from azud.services.file_ports import FileStore

_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Place:
    """A place for files on a server.

    Args:
        wrong: A credential of the right form that does not open it; None where the server lets everybody in.
        behind: Returns the record of the same place as seen at another host and port, for proxies.
        missing: The record of a container that is not there; None where there are no containers.
    """

    record: DatastoreRecord
    credential: dict[str, Any]
    host: str
    port: int
    behind: Callable[[str, int], DatastoreRecord]
    wrong: dict[str, Any] | None = None
    missing: DatastoreRecord | None = None

    @contextlib.contextmanager
    def opened(
        self, record: DatastoreRecord | None = None, credential: dict[str, Any] | None = None
    ) -> Iterator[FileStore]:
        """Open it, perhaps with another record or credential."""
        store = open_store(record or self.record, self.credential if credential is None else credential)
        try:
            yield store
        finally:
            store.close()


def _azure_blob(request: pytest.FixtureRequest) -> Place:
    server = request.getfixturevalue("azurite")

    def record(host: str, port: int, container: str) -> DatastoreRecord:
        address = f"{host}:{port}/{server.account}"
        options = {"account_name": server.account, "container_name": container, "protocol": "http", "endpoint": address}
        return DatastoreRecord("blobs", "AzureBlob", "azure_blob", options)

    name = f"files-{next(_numbers)}"
    wrong = {"account_key": "d3Jvbmcga2V5IGJ1dCBvZiB0aGUgcmlnaHQgZm9ybSwgc28gdG8gc2F5"}
    return Place(
        record(server.host, server.port, name),
        {"account_key": server.key},
        server.host,
        server.port,
        lambda host, port: record(host, port, name),
        wrong,
        record(server.host, server.port, "nobody-made-it"),
    )


def _s3(request: pytest.FixtureRequest) -> Place:
    server = request.getfixturevalue("moto_s3")

    def record(host: str, port: int, bucket: str) -> DatastoreRecord:
        options = {
            "bucket": bucket,
            "prefix": "below/here",
            "endpoint_url": f"http://{host}:{port}",
            "region": server.region,
        }
        return DatastoreRecord("bucket", "AmazonS3", "s3", options)

    name = f"files-{next(_numbers)}"
    credential = {"access_key_id": server.access_key_id, "secret_access_key": server.secret_access_key}
    return Place(
        record(server.host, server.port, name),
        credential,
        server.host,
        server.port,
        lambda host, port: record(host, port, name),
        missing=record(server.host, server.port, "nobody-made-it"),
    )


def _sftp(request: pytest.FixtureRequest) -> Place:
    server = request.getfixturevalue("sftp_server")

    def record(host: str, port: int, path: str) -> DatastoreRecord:
        options = {"host": host, "port": port, "username": server.user, "path": path, "host_key": server.host_key}
        return DatastoreRecord("far", "Sftp", "sftp", options)

    path = f"{server.root}/files-{next(_numbers)}"
    from tests.servers.storage import _key_pair

    return Place(
        record(server.host, server.port, path),
        {"private_key": server.private_key},
        server.host,
        server.port,
        lambda host, port: record(host, port, path),
        {"private_key": _key_pair()[0]},
        record(server.host, server.port, f"{server.root}/nobody-made-it"),
    )


def _any_file_system(request: pytest.FixtureRequest) -> Place:
    """Whatever fsspec knows: here SFTP once more, through its own address."""
    server = request.getfixturevalue("sftp_server")

    def record(host: str, port: int) -> DatastoreRecord:
        options = {"url": f"ssh://{path}", "host": host, "port": port, "username": server.user, "known_hosts": None}
        return DatastoreRecord("any", "Fsspec", "fsspec", options)

    import asyncssh

    path = f"{server.root}/files-{next(_numbers)}"
    key = asyncssh.import_private_key(server.private_key)
    return Place(record(server.host, server.port), {"client_keys": [key]}, server.host, server.port, record)


def _gcs(_request: pytest.FixtureRequest) -> Place:
    bucket = os.environ.get("AZUD_TEST_GCS")
    if not bucket:
        pytest.skip("Google Cloud Storage was not run: AZUD_TEST_GCS names no bucket")
    record = DatastoreRecord("gcs", "GoogleCloudStorage", "gcs", {"bucket": bucket, "prefix": f"azud-{os.getpid()}"})
    return Place(record, {}, "storage.googleapis.com", 443, lambda *_at: pytest.skip("no proxy before Google"))


PLACES: dict[str, Callable[[pytest.FixtureRequest], Place]] = {
    "azure_blob": _azure_blob,
    "s3": _s3,
    "sftp": _sftp,
    "fsspec": _any_file_system,
    "gcs": _gcs,
}
