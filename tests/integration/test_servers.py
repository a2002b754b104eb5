"""The servers that other tests are run against answer, keep what they are given, and can be cut off."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import uuid

import asyncssh
import boto3
import botocore.exceptions
import pg8000.dbapi
import pymysql
import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient
from sshfs import SSHFileSystem
from tests.servers.launching import accepts, account, free_port, serving

from azud.core.processes import is_alive, mark_of

CONTENT = b"weather\n" * 1000


def test_azurite_keeps_blobs_and_asks_for_its_key(azurite) -> None:
    name = uuid.uuid4().hex
    with BlobServiceClient.from_connection_string(azurite.connection_string) as service:
        service.create_container(name).upload_blob("a/b.txt", CONTENT)
        assert service.get_blob_client(name, "a/b.txt").download_blob().readall() == CONTENT
    wrong = azurite.connection_string.replace(azurite.key, "d3Jvbmc=")
    with (
        BlobServiceClient.from_connection_string(wrong) as service,
        pytest.raises(HttpResponseError, match="AuthorizationFailure"),
    ):
        service.get_container_client(name).get_container_properties()
    assert azurite.key not in repr(azurite)


def test_moto_keeps_objects(moto_s3) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=moto_s3.endpoint,
        region_name=moto_s3.region,
        aws_access_key_id=moto_s3.access_key_id,
        aws_secret_access_key=moto_s3.secret_access_key,
    )
    name = uuid.uuid4().hex
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key="a/b.txt", Body=CONTENT)
    with client.get_object(Bucket=name, Key="a/b.txt")["Body"] as body:
        assert body.read() == CONTENT
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchKey"):
        client.get_object(Bucket=name, Key="other")
    client.close()


def test_the_sftp_server_gives_files_to_the_holder_of_the_key(sftp_server, tmp_path: pathlib.Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text(f"[{sftp_server.host}]:{sftp_server.port} {sftp_server.host_key}\n")
    options = {"port": sftp_server.port, "username": sftp_server.user, "known_hosts": str(known_hosts)}
    key = asyncssh.import_private_key(sftp_server.private_key)
    files = SSHFileSystem(sftp_server.host, client_keys=[key], skip_instance_cache=True, **options)
    path = f"{sftp_server.root}/{uuid.uuid4().hex}"
    files.pipe_file(path, CONTENT)
    assert files.cat_file(path) == CONTENT
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        files.cat_file("/etc/shadow")
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(PermissionError, match="Permission denied"):
        SSHFileSystem(sftp_server.host, client_keys=[stranger], skip_instance_cache=True, **options)


def test_postgresql_answers_who_knows_its_password(postgresql) -> None:
    place = {"host": postgresql.host, "port": postgresql.port, "database": postgresql.database}
    connection = pg8000.dbapi.connect(user=postgresql.user, password=postgresql.password, **place)
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM generate_series(1, %s)", (1000,))
    assert cursor.fetchone() == [1000]
    connection.close()
    with pytest.raises(pg8000.dbapi.DatabaseError, match="28P01"):
        pg8000.dbapi.connect(user=postgresql.user, password="wrong", **place)


def test_mariadb_answers_who_knows_its_password(mariadb) -> None:
    place = {"host": mariadb.host, "port": mariadb.port, "database": mariadb.database}
    with (
        pymysql.connect(user=mariadb.user, password=mariadb.password, **place) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT %s + 1", (41,))
        assert cursor.fetchone() == (42,)
    with pytest.raises(pymysql.err.OperationalError, match="1045"):
        pymysql.connect(user=mariadb.user, password="wrong", **place)


@pytest.fixture
def echo_port():
    """A server that sends back what it gets, one connection after the other."""
    source = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    with listener.accept()[0] as connection:
        try:
            while data := connection.recv(65536):
                connection.sendall(data)
        except OSError:
            pass
"""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", source, str(port)]) as process:
        while not accepts(port):
            time.sleep(0.01)
        yield port
        process.kill()


def _received(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := connection.recv(size - len(data))):
        data += part
    return data


def test_a_proxy_forwards_cuts_refuses_and_heals(cutting_proxy, echo_port) -> None:
    proxy = cutting_proxy("127.0.0.1", echo_port)
    with socket.create_connection((proxy.host, proxy.port)) as connection:
        connection.sendall(CONTENT)
        assert _received(connection, len(CONTENT)) == CONTENT
        assert proxy.forwarded_bytes == 2 * len(CONTENT)
        proxy.cut_after(100)
        connection.sendall(CONTENT)
        with contextlib.suppress(ConnectionResetError):
            assert len(_received(connection, len(CONTENT))) <= 100
        assert proxy.forwarded_bytes == 2 * len(CONTENT) + 100
    for harm in (proxy.refuse, lambda: proxy.cut_after(0)):
        proxy.heal()
        harm()
        with (
            socket.create_connection((proxy.host, proxy.port)) as connection,
            contextlib.suppress(ConnectionResetError),
        ):
            assert connection.recv(1) == b""
    proxy.heal()
    with socket.create_connection((proxy.host, proxy.port)) as connection:
        connection.sendall(b"again")
        assert _received(connection, 5) == b"again"
    assert proxy.connections == 4


def test_a_server_ends_when_the_test_process_is_killed(tmp_path: pathlib.Path) -> None:
    source = f"""
import os, pathlib, sys, time
from tests.servers.launching import account, free_port, serving
port = free_port()
listening = "import socket; socket.create_server(('127.0.0.1', " + str(port) + ")).accept()"
command = [sys.executable, "-c", listening]
with serving(command, pathlib.Path({str(tmp_path)!r}) / "log", port, owner=account()) as pid:
    print(pid, flush=True)
    time.sleep(600)
"""
    root = pathlib.Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True, env=env) as test_process:
        assert test_process.stdout is not None
        server = mark_of(int(test_process.stdout.readline()))
        test_process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while is_alive(server):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_server_that_does_not_start_is_told_with_its_words(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no disk')"]
    with (
        pytest.raises(AssertionError, match="no disk"),
        serving(command, tmp_path / "log", free_port(), owner=account()),
    ):
        pass
