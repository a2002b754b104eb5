"""`python -m azud.server --home HOME`: one server of one workspace home.

Usually started by a client, which hands over the home's lock and a listening socket (see
`azud.client.launch`). The fork server for runners is started first, before the heavy imports, so that both
start side by side.
"""

from __future__ import annotations

import argparse
import fcntl
import gc
import json
import logging
import os
import platform
import socket
import sys

from azud import __version__
from azud.client.homes import Home, load_home
from azud.client.library import library_path
from azud.client.places import runtime_folder, socket_path
from azud.core.errors import AzudError, ConflictError
from azud.job.pool import ForkServers

LOCK = "server.lock"
GC_THRESHOLD = 200_000


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop, or until nobody has needed us for a while."""
    options = _parser().parse_args(argv)
    try:
        home = load_home(options.home)
        lock = _lock(home, options.lock_fd)
        listener = _listener(home, options.listen_fd)
        library = library_path()
        servers = ForkServers(runtime_folder(home.path), os.path.join(home.path, "server.log"), library)
        servers.start_runners()

        from azud.server.process import serve  # heavy: FastAPI, SQLAlchemy, pydantic
        from azud.settings.loading import load_settings

        settings = load_settings(home.path, tcp=options.tcp)
        # A pipeline of a thousand steps is some hundred thousand objects that all live, and go with their last
        # reference: looking for garbage among them while they are made finds none.
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD, 20, 20)
        _sign(lock, home)
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        return serve(home, settings, servers, library, listener)
    except AzudError as error:
        sys.stderr.write(f"azud: {error.message}\n" + (f"  hint: {error.hint}\n" if error.hint else ""))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="azud.server", description="Serve one azud workspace.")
    parser.add_argument("--home", required=True, help="the workspace home (…/.azud)")
    parser.add_argument("--lock-fd", type=int, help="inherited descriptor that holds the home's lock")
    parser.add_argument("--listen-fd", type=int, help="inherited descriptor of the listening Unix socket")
    parser.add_argument("--tcp", help="host:port of this machine to listen on as well")
    return parser


def _lock(home: Home, inherited: int | None) -> int:
    """Return a descriptor that holds the home's lock for as long as this process lives.

    Raises:
        ConflictError: Another server has it.
    """
    if inherited is not None:
        os.set_inheritable(inherited, False)
        return inherited
    lock = os.open(os.path.join(home.path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConflictError(f"another server serves {home.path}", hint="look at it with: azud server status") from error
    return lock


def _listener(home: Home, inherited: int | None) -> socket.socket:
    if inherited is not None:
        os.set_inheritable(inherited, False)
        return socket.socket(fileno=inherited)
    path = socket_path(home.path)
    if os.path.lexists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(512)
    return listener


def _sign(lock: int, home: Home) -> None:
    """Say in the lock file who holds it."""
    holder = {
        "host": platform.node(),
        "uid": os.getuid(),
        "pid": os.getpid(),
        "version": __version__,
        "interpreter": sys.executable,
        "socket": socket_path(home.path),
    }
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(holder).encode(), 0)


if __name__ == "__main__":
    sys.exit(main())
