"""Marks name one process and no other; descendants are found; nothing waits by polling."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from azud.core import processes
from azud.core.processes import ProcessMark, is_alive, mark_of, own_mark, wait_gone


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["/bin/sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_a_process_is_known_by_pid_start_and_boot(sleeper: subprocess.Popen[bytes]) -> None:
    mark = mark_of(sleeper.pid)
    assert is_alive(mark)
    assert is_alive(own_mark())
    assert not is_alive(dataclasses.replace(mark, started=str(int(mark.started) + 1))), "the pid came again"
    assert not is_alive(dataclasses.replace(mark, boot="another boot"))
    assert not is_alive(ProcessMark(mark.pid, "", mark.boot)), "a mark without a start time names nobody"
    assert not is_alive(ProcessMark(0))


def test_a_zombie_is_dead(sleeper: subprocess.Popen[bytes]) -> None:
    mark = mark_of(sleeper.pid)
    sleeper.send_signal(signal.SIGKILL)
    assert wait_gone(mark, timeout_s=20)
    assert not is_alive(mark)  # not reaped yet
    sleeper.wait()
    assert not is_alive(mark)


def test_a_name_with_parentheses_and_spaces_is_read(tmp_path) -> None:
    program = tmp_path / "a) R (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "60"]) as process:
        try:
            assert is_alive(mark_of(process.pid))
        finally:
            process.kill()


def test_wait_gone_says_when_time_is_up(sleeper: subprocess.Popen[bytes]) -> None:
    assert not wait_gone(mark_of(sleeper.pid), timeout_s=0.01)
    assert wait_gone(ProcessMark(sleeper.pid, "1", processes.boot_id()), timeout_s=20)


def test_signals_go_to_exactly_the_process(sleeper: subprocess.Popen[bytes]) -> None:
    mark = mark_of(sleeper.pid)
    assert not processes.send_signal(dataclasses.replace(mark, started="1"), signal.SIGKILL)
    assert sleeper.poll() is None
    assert processes.send_signal(mark, signal.SIGTERM)
    assert sleeper.wait() == -signal.SIGTERM
    assert not processes.send_signal(mark, signal.SIGTERM)


def test_descendants_and_sessions_are_listed() -> None:
    program = (
        "import os, subprocess, sys; os.setsid(); "
        "child = subprocess.Popen(['/bin/sleep', '60']); print(child.pid, flush=True); child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            grandchild = int(process.stdout.readline())
            below = processes.descendants(os.getpid())
            assert below.index(process.pid) < below.index(grandchild)
            assert processes.children(process.pid) == [grandchild]
            leader = mark_of(process.pid)
            assert {mark.pid for mark in processes.session_members(leader)} == {process.pid, grandchild}
            assert processes.session_members(dataclasses.replace(leader, started="1")) == []
        finally:
            for pid in (grandchild, process.pid):
                os.kill(pid, signal.SIGKILL)


def test_children_can_be_found_without_the_kernels_list(
    sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_children_from_proc", lambda pid: None)
    assert sleeper.pid in processes.children(os.getpid())


def test_a_process_that_is_gone_has_no_children() -> None:
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    assert processes.children(process.pid) == []
    assert mark_of(process.pid).started == ""
