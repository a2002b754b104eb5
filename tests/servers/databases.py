"""Database servers: PostgreSQL and MariaDB, each with one user, a password and an empty database."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import secrets
import shutil
import signal
from collections.abc import Iterator

import pytest
from tests.servers.launching import LOCALHOST, account, free_port, run_tool, server_folder, serving


@dataclasses.dataclass(frozen=True)
class DatabaseServer:
    """Where a database answers, and who may do everything in it."""

    host: str
    port: int
    user: str
    password: str = dataclasses.field(repr=False)
    database: str


def _postgresql_folder() -> pathlib.Path | None:
    """Return the folder of the newest PostgreSQL's programs: Debian keeps them off the PATH."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return pathlib.Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[DatabaseServer]:
    """A PostgreSQL that asks for its password and forgets to sync."""
    programs = _postgresql_folder()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; requirements/system.sh installs it")
    owner = account("postgres", "nobody")
    if owner.uid == 0:
        pytest.skip("PostgreSQL does not run as root, and there is no other user")
    server = DatabaseServer(LOCALHOST, free_port(), "tester", secrets.token_hex(12), "postgres")
    with server_folder(owner) as folder:
        data, password_file = str(folder / "data"), folder / "password"
        password_file.write_text(server.password)
        if os.getuid() == 0:
            os.chown(password_file, owner.uid, owner.gid)
        names = ["-U", server.user, "--pwfile", str(password_file), "-A", "scram-sha-256"]
        run_tool([f"{programs}/initdb", "-D", data, *names, "-E", "UTF8", "--locale", "C", "--no-sync"], owner)
        options = {
            "listen_addresses": LOCALHOST,
            "port": server.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": 50,
        }
        command = [f"{programs}/postgres", "-D", data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        # SIGQUIT is its immediate end; nothing here is worth a checkpoint.
        ready, end = "ready to accept connections", signal.SIGQUIT
        with serving(command, folder / "log", server.port, owner=owner, ready=ready, end=end):
            yield server


_MARIADB_START = """
CREATE DATABASE IF NOT EXISTS tests CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'tester'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'tester'@'%' WITH GRANT OPTION;
"""


def _mariadb_programs() -> tuple[str, str] | None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    install, daemon = shutil.which("mariadb-install-db", path=path), shutil.which("mariadbd", path=path)
    return (install, daemon) if install and daemon else None


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    """A MariaDB, which speaks MySQL's protocol."""
    programs = _mariadb_programs()
    if programs is None:
        pytest.skip("MariaDB is not installed; requirements/system.sh installs it")
    owner = account("mysql", "nobody")
    server = DatabaseServer(LOCALHOST, free_port(), "tester", secrets.token_hex(12), "tests")
    with server_folder(owner) as folder:
        data, start = str(folder / "data"), folder / "start.sql"
        start.write_text(_MARIADB_START.format(password=server.password))
        tuning = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"]
        normal = "--auth-root-authentication-method=normal"
        install = [programs[0], "--no-defaults", normal, f"--datadir={data}", "--skip-test-db", *tuning]
        run_tool([*install, f"--user={owner.name}"], owner)
        command = [programs[1], "--no-defaults", f"--datadir={data}", f"--socket={folder}/socket", *tuning]
        command += [f"--bind-address={LOCALHOST}", f"--port={server.port}", f"--init-file={start}"]
        command += ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", f"--pid-file={folder}/pid"]
        with serving(command, folder / "log", server.port, owner=owner, ready="ready for connections"):
            yield server
