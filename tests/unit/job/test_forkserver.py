"""A fork server answers its own user only, never waits for a client, and drains when it is not needed."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator

import pytest

from azud.core.errors import BackendError
from azud.core.processes import ProcessMark, is_alive, wait_gone
from azud.job.forkclient import ForkServer
from azud.job.lines import LineReader

from .conftest import LIBRARY


@pytest.fixture
def server(runtime_dir: str) -> Iterator[ForkServer]:
    server = _start(runtime_dir)
    yield server
    server.close()
    server.process.wait(20)


def _start(runtime_dir: str, **changes: object) -> ForkServer:
    options = dict(
        runtime_dir=runtime_dir,
        log_path=os.path.join(runtime_dir, "own.log"),
        library_path=LIBRARY,
        preload=["json", "azud.job.monitor"],
        drain_idle_s=0.05,
    )
    return ForkServer.start(sys.executable, **{**options, **changes})  # type: ignore[arg-type]


def _talk(server: ForkServer, data: bytes) -> dict[str, object] | None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(server.socket_path)
        connection.sendall(data)
        return LineReader(connection).read()


def test_it_can_be_called_before_it_has_started(server: ForkServer) -> None:
    assert server.ping()["pid"] == server.process.pid


@pytest.mark.parametrize(
    "request_line",
    [b"nonsense\n", b"[1]\n", b'{"op": "explode"}\n', b'{"op": "fork", "entry": "monitor"}\n', b"{}\n"],
)
def test_a_bad_request_gets_an_error_and_harms_nobody(server: ForkServer, request_line: bytes) -> None:
    answer = _talk(server, request_line)
    assert answer is None or "error" in answer
    assert server.ping()["ok"]


def test_an_entry_that_is_not_in_the_table_is_refused(server: ForkServer) -> None:
    for entry in ("os", "azud.job.monitor", "runner"):
        answer = _talk(server, json.dumps({"op": "fork", "entry": entry, "args": {}}).encode() + b"\n")
        assert answer is not None and "no entry" in str(answer["error"])


def test_a_request_that_is_too_long_is_refused(server: ForkServer, make_job) -> None:
    job = make_job("print('never')", "x" * 1_000_000)
    job.server = server
    with server.fork("monitor", job.order.to_args()) as connection:
        answer = LineReader(connection).read()
    assert answer is None or "error" in answer
    assert not os.path.exists(job.attempt.path("job.claim"))
    assert server.ping()["ok"]


def test_a_client_that_says_nothing_does_not_hold_up_others(server: ForkServer) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(server.socket_path)
        silent.sendall(b'{"op": "pi')
        assert server.ping()["ok"]
        silent.sendall(b'ng"}\n')
        assert LineReader(silent).read() is not None


def test_it_drains_when_its_starter_is_gone(runtime_dir: str, make_job) -> None:
    server = _start(runtime_dir)
    job = make_job("import time, os\nwhile not os.path.exists('go'): time.sleep(0.005)")
    job.server = server
    job.start()
    server.close()
    assert server.ping()["ok"], "it serves the runners that still need it"
    (job.work / "go").touch()
    assert job.wait().exit_code == 0
    assert server.process.wait(20) == 0
    assert not os.path.exists(server.socket_path)


def test_children_outlive_it(runtime_dir: str, make_job) -> None:
    server = _start(runtime_dir)
    job = make_job("import time, os\nwhile not os.path.exists('go'): time.sleep(0.005)")
    job.server = server
    job.start()
    server.process.kill()
    server.process.wait(20)
    (job.work / "go").touch()
    assert job.wait().exit_code == 0
    with pytest.raises(BackendError, match="does not answer"):
        server.ping()
    server.close()


def test_idle_children_end_with_it(runtime_dir: str, make_job) -> None:
    server = _start(runtime_dir)
    job = make_job("")
    job.server = server
    job.run()
    child = ProcessMark(job.announced["pid"], job.announced["started"], job.announced["boot"])
    server.process.kill()
    server.process.wait(20)
    server.close()
    assert wait_gone(child, timeout_s=20)


def test_a_child_that_is_killed_while_idle_is_replaced(server: ForkServer, make_job) -> None:
    for _ in range(2):
        job = make_job("print('ran')")
        job.server = server
        assert job.run().exit_code == 0
        mark = ProcessMark(job.announced["pid"], job.announced["started"], job.announced["boot"])
        if is_alive(mark):
            os.kill(mark.pid, signal.SIGKILL)
            assert wait_gone(mark, timeout_s=20)
            server.ping()  # by the time it answers it has heard of the death


def test_a_preload_that_starts_a_thread_is_not_forked_from(runtime_dir: str, tmp_path) -> None:
    (tmp_path / "threaded_module.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    server = _start(runtime_dir, library_path=f"{LIBRARY}:{tmp_path}", preload=["threaded_module"])
    assert server.process.wait(20) == 3
    server.close()


def test_a_preload_that_fails_is_passed_over(runtime_dir: str) -> None:
    server = _start(runtime_dir, preload=["no_such_module_anywhere", "json"])
    assert server.ping()["ok"]
    server.close()
    server.process.wait(20)


def test_an_interpreter_that_cannot_be_started_is_named(runtime_dir: str) -> None:
    with pytest.raises(BackendError, match="/nowhere/python"):
        ForkServer.start("/nowhere/python", runtime_dir=runtime_dir, log_path=os.path.join(runtime_dir, "x.log"))
    assert not [name for name in os.listdir(runtime_dir) if name.endswith(".sock") and "nowhere" in name]


def test_a_path_that_is_too_long_for_a_socket_says_so(tmp_path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    with pytest.raises(BackendError, match="no socket"):
        ForkServer.start(sys.executable, runtime_dir=str(folder), log_path=str(tmp_path / "log"))


def test_its_environment_is_clean(runtime_dir: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "1")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    server = _start(runtime_dir)
    server.ping()
    with open(f"/proc/{server.process.pid}/environ", "rb") as stream:
        environ = stream.read()
    assert b"SECRET_OF_THE_SERVER" not in environ and b"PYTHONHASHSEED" not in environ
    server.close()
    server.process.wait(20)
