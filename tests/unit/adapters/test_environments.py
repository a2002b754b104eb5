"""Interpreters are looked at again when something in them has changed, and whenever that cannot be excluded."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from pathlib import Path

import pytest

from azud.adapters.environments.interpreter import InterpreterEnvironments
from azud.job import fingerprint as module
from azud.model.definition import EnvironmentSpec


class InThisProcess:
    """`azud.job.pool.ForkServers` that looks at this interpreter without a fork."""

    library_path = None

    def __init__(self) -> None:
        self.looks = 0
        self.renewed = []

    def renew(self, interpreter):
        self.renewed.append(interpreter)

    @contextlib.contextmanager
    def fork_in(self, interpreter, entry, args):
        self.looks += 1
        ours, its = socket.socketpair()
        with ours, its:
            module.entry(its, args)
            its.shutdown(socket.SHUT_WR)
            yield ours


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path.startswith(sys.base_prefix)] + [str(folder)])
    return folder


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    later_ns = module.time.time_ns() + 60_000_000_000
    monkeypatch.setattr(module.time, "time_ns", lambda: later_ns)


def test_what_is_unchanged_is_looked_at_once(site, settled) -> None:
    servers = InThisProcess()
    environments = InterpreterEnvironments(servers)
    first = environments.resolve(EnvironmentSpec(), sys.executable)
    assert environments.is_current(first)
    assert environments.resolve(EnvironmentSpec(), sys.executable) is first
    assert servers.looks == 1
    (site / "new-1.0.dist-info").mkdir()
    assert not environments.is_current(first)
    second = environments.resolve(EnvironmentSpec(), sys.executable)
    assert (second.distributions["new"], servers.looks) == ("1.0", 2)
    assert not environments.is_current(first)
    assert environments.is_current(second)
    assert not InterpreterEnvironments(servers).is_current(second), "another server has not looked at it yet"
    json.dumps(dict(second.body))
    assert servers.renewed == []
    (site / "more.pth").write_text(str(site.parent))
    environments.resolve(EnvironmentSpec(), sys.executable)
    assert servers.renewed == [sys.executable], "what was started before has another path"


def test_what_changed_a_moment_ago_is_looked_at_again(site) -> None:
    servers = InThisProcess()
    environments = InterpreterEnvironments(servers)
    (site / "new-1.0.dist-info").mkdir()
    first = environments.resolve(EnvironmentSpec(), sys.executable)
    assert not environments.is_current(first)
    assert environments.resolve(EnvironmentSpec(), sys.executable).digest == first.digest
    assert servers.looks == 2


def test_a_change_during_the_look_is_seen_by_the_next(site, settled, monkeypatch) -> None:
    servers, real = InThisProcess(), module.fingerprint
    environments = InterpreterEnvironments(servers)

    def slowly(library_path=None):
        found = real(library_path)
        (site / "late-1.0.dist-info").mkdir(exist_ok=True)
        return found

    monkeypatch.setattr(module, "fingerprint", slowly)
    first = environments.resolve(EnvironmentSpec(), sys.executable)
    assert "late" not in first.distributions
    assert not environments.is_current(first)
    assert "late" in environments.resolve(EnvironmentSpec(), sys.executable).distributions
