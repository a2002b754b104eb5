"""The process around the web application: listeners, signals, the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import Iterator

import uvicorn

from azud.bootstrap.application import Application, build_application
from azud.client.homes import Home
from azud.client.places import TOKEN_FILE, socket_path
from azud.core import durable
from azud.job.pool import ForkServers
from azud.server.app import build_app
from azud.server.bus import EventBus
from azud.server.edge import Activity, RequireToken
from azud.settings.table import Settings

_log = logging.getLogger(__name__)
_LOOK_S = 1.0
_QUIET_S = 1.0
"""For how long nobody must have asked anything before we see to what can wait."""


class _Listener(uvicorn.Server):
    """A uvicorn server whose signals are handled by us, because there may be two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(home: Home, settings: Settings, servers: ForkServers, library: str, listener: socket.socket) -> int:
    """Serve a workspace until told to stop, or until nobody needs us; return the exit code."""
    return asyncio.run(_serve(home, settings, servers, library, listener))


async def _serve(home: Home, settings: Settings, servers: ForkServers, library: str, unix: socket.socket) -> int:
    loop = asyncio.get_running_loop()
    bus = EventBus()
    bus.bind(loop)
    stopping, draining = asyncio.Event(), asyncio.Event()

    def stop(drain: bool = False) -> None:
        loop.call_soon_threadsafe((draining if drain else stopping).set)

    address = socket_path(home.path)
    application = build_application(
        home, settings, servers, library, f"unix:{address}", notify=bus.publish, on_lease_lost=stop
    )
    app = build_app(application, bus, stop, {"socket": address, "tcp": settings.tcp})
    activity = Activity(app)
    listeners = [(_Listener(_config(activity)), unix)]
    if settings.tcp:
        guarded = RequireToken(activity, _token(home))
        listeners.append((_Listener(_config(guarded)), _tcp_socket(settings.tcp)))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    unfinished = application.start()
    _log.info("serving %s with %d slots; %d unfinished runs", home.path, settings.slots, unfinished)
    tasks = [asyncio.create_task(server.serve(sockets=[where])) for server, where in listeners]
    try:
        await _until_stopped(stopping, draining, tasks, application, activity)
    finally:
        bus.close()
        for server, _ in listeners:
            server.should_exit = True
        await asyncio.gather(*tasks)
        await asyncio.to_thread(application.stop)
        _log.info("stopped")
    return 0


async def _until_stopped(
    stopping: asyncio.Event,
    draining: asyncio.Event,
    tasks: list[asyncio.Task[None]],
    application: Application,
    activity: Activity,
) -> None:
    lock = os.path.join(application.home.path, "server.lock")
    identity = _identity(lock)
    waiting = asyncio.create_task(stopping.wait())
    try:
        while True:
            done, _ = await asyncio.wait([waiting, *tasks], timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            if done or (draining.is_set() and not application.orchestrator.active()):
                return
            if _identity(lock) != identity:
                _log.warning("the workspace %s was removed; this server ends", application.home.path)
                return
            if activity.idle_s() > _QUIET_S:
                await asyncio.to_thread(application.settle)
            if activity.idle_s() > application.settings.idle_exit_s and not application.orchestrator.active():
                _log.info("nobody has needed this server for %.0f s", application.settings.idle_exit_s)
                return
    finally:
        waiting.cancel()


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells a file from another one that took its name later; None if it is gone."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _config(app: Activity | RequireToken) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        timeout_keep_alive=600,
        timeout_graceful_shutdown=2,
        server_header=False,
    )


def _tcp_socket(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(512)
    return listener


def _token(home: Home) -> str:
    """Return the workspace's token for TCP, made on first use."""
    path = os.path.join(home.path, TOKEN_FILE)
    if not os.path.exists(path):
        durable.replace_file(path, secrets.token_hex(32).encode(), point="server.token", mode=0o600)
    with open(path, encoding="ascii") as stream:
        return stream.read().strip()
