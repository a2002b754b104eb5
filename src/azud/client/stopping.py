"""Ending the server of a workspace home, and knowing that it has ended."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Iterator, Optional

from azud.client.homes import Home
from azud.client.places import socket_path
from azud.client.transport import Client
from azud.core.errors import BackendError, ConflictError

STOP_WAIT_S = 30.0
_PAUSE_S = 0.1


def end_server(home: Home) -> None:
    """Ask the home's server to end, if one runs, and return when it has; jobs that run go on.

    Raises:
        BackendError: It does not end.
    """
    if not has_ended(home):
        client = Client(f"unix:{socket_path(home.path)}", retry_s=0)
        try:
            client.post("/server/stop", {}, repeat=True)
        except BackendError:
            if not has_ended(home):  # it did not end by itself meanwhile
                raise
        finally:
            client.close()
    wait_until_ended(home)


def has_ended(home: Home) -> bool:
    """Return whether no server process holds the home any more, not even one that is closing its files."""
    lock = _lock(home)
    if lock is not None:
        os.close(lock)
    return lock is not None


def wait_until_ended(home: Home) -> None:
    """Return when the home's server has ended.

    Raises:
        BackendError: It does not end within `STOP_WAIT_S`.
    """
    until = time.monotonic() + STOP_WAIT_S
    while not has_ended(home):
        if time.monotonic() > until:
            raise BackendError(
                f"the server of {home.path} has not ended within {STOP_WAIT_S:.0f} s", hint="see: azud server logs"
            )
        time.sleep(_PAUSE_S)


@contextlib.contextmanager
def without_server(home: Home) -> Iterator[None]:
    """Keep every server from starting in a home that has none.

    Raises:
        ConflictError: One runs.
    """
    lock = _lock(home)
    if lock is None:
        raise ConflictError(f"a server runs for {home.path}", hint="end it with `azud server stop`")
    try:
        yield
    finally:
        os.close(lock)


def _lock(home: Home) -> Optional[int]:
    """Return the home's lock, taken; None if a server has it."""
    import fcntl

    lock = os.open(os.path.join(home.path, "server.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
