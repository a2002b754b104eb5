"""Servers that die, hang or come back late: what was accepted is kept, jobs go on, nobody writes over anybody."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time

import pytest
from tests.acceptance.authoring import Authoring

from azud.client import launch
from azud.client.places import socket_path
from azud.client.transport import Client
from azud.core.processes import is_alive, mark_of
from azureml.pipeline.core import Pipeline, PipelineData

LOGGING = """\
import time
from azureml.core import Run
run = Run.get_context()
for number in range(60):
    run.log("number", number)
    print(f"line {number}", flush=True)
    time.sleep(0.05)
"""
SLEEPING = "import time\nprint('up', flush=True)\ntime.sleep({seconds})\n"


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def submitted(author, name, code):
    return author.submit(Pipeline(author.ws, steps=[author.step(name, code)]))


def only_step(author, run):
    [step] = author.live.client.get(f"/runs/{run.id}/steps")["value"]
    return step


def database(author):
    return sqlite3.connect(author.live.folder / ".azud" / "azud.db", isolation_level=None, timeout=10)


def test_a_cancel_is_answered_once_it_is_kept(author):
    run = submitted(author, "long", SLEEPING.format(seconds=600))
    author.wait_for_log(run, "up")
    lock = database(author)
    lock.execute("BEGIN IMMEDIATE")
    answered = threading.Event()

    def cancel():
        author.live.client.post(f"/runs/{run.id}/cancel", {})
        answered.set()

    asking = threading.Thread(target=cancel)
    asking.start()
    assert not answered.wait(0.7)
    lock.execute("ROLLBACK")
    lock.close()
    asking.join(timeout=30)
    assert answered.is_set()
    author.live.kill_server()
    run.wait_for_completion(show_output=False)
    assert run.get_status() == "Canceled"


def test_metrics_that_are_sent_again_count_once(author):
    run = submitted(author, "short", "pass")
    body = {"points": [{"name": "m", "kind": "scalar", "value": 1, "step": None, "at": "2026-01-01T00:00:00.000000Z"}]}
    for key in ("one", "one", "two"):
        author.live.client.post(f"/runs/{run.id}/metrics", body, key=key)
    assert run.get_metrics() == {"m": [1, 1]}


def test_a_job_goes_on_without_its_server_and_the_next_one_catches_up(author):
    run = submitted(author, "logs", LOGGING)
    author.wait_for_log(run, "line 5")
    author.live.kill_server()
    time.sleep(1.0)  # the job logs on, and nobody is there
    step = only_step(author, run)
    assert step["status"] == "Running"
    assert len(next(iter(run.get_steps())).get_metrics()["number"]) > 15
    run.wait_for_completion(show_output=False)
    assert next(iter(run.get_steps())).get_metrics() == {"number": list(range(60))}
    log = next(iter(run.get_steps())).get_job_log()
    assert [line for line in log.splitlines() if line.startswith("line")] == [f"line {n}" for n in range(60)]
    assert only_step(author, run)["status"] == "Completed"


def test_what_reaches_a_server_that_hung_is_done_by_the_one_that_took_over(author):
    author.run(author.step("first", "pass"))
    first = author.live.server_pid()
    mark = mark_of(first)
    step = author.step("second", "pass")
    os.kill(first, signal.SIGSTOP)
    runs = []
    # The request lies in the hung server's connection when another one takes over.
    asking = threading.Thread(target=lambda: runs.append(author.submit(Pipeline(author.ws, steps=[step]))))
    asking.start()
    time.sleep(0.3)
    (author.live.folder / ".azud" / "server.lock").unlink()
    launch.ensure_server(author.live.home)
    # It has taken the lease when it answers.
    second = Client(f"unix:{socket_path(author.live.home.path)}").get("/server")["pid"]
    os.kill(first, signal.SIGCONT)
    asking.join(timeout=60)
    [run] = runs
    run.wait_for_completion(show_output=False)
    assert (run.get_status(), author.live.server_pid()) == ("Finished", second)
    assert not is_alive(mark)


def wait_until_written(author, run) -> None:
    """Wait until the server has written that a step runs: stopped in a transaction, it would keep everybody out."""
    deadline = time.monotonic() + 30
    while author.live.client.get(f"/runs/{run.id}/steps")["value"][0]["status"] != "Running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)


def test_a_server_that_hung_while_another_took_over_writes_nothing_and_ends(author):
    run = submitted(author, "slow", SLEEPING.format(seconds=3))
    author.wait_for_log(run, "up")
    first = author.live.server_pid()
    mark = mark_of(first)
    wait_until_written(author, run)
    os.kill(first, signal.SIGSTOP)
    # Its lock is what keeps a second server away; without it (a file system that loses locks) there is the lease.
    (author.live.folder / ".azud" / "server.lock").unlink()
    author.live.client.close()
    launch.ensure_server(author.live.home)
    second = author.live.server_pid()
    assert second != first
    run.wait_for_completion(show_output=False)
    assert run.get_status() == "Finished"
    before = list(database(author).iterdump())
    os.kill(first, signal.SIGCONT)
    deadline = time.monotonic() + 30
    while is_alive(mark):
        assert time.monotonic() < deadline, "the server that lost its lease goes on"
        time.sleep(0.05)
    assert list(database(author).iterdump()) == before
    assert author.live.server_pid() == second


@pytest.mark.parametrize(("damage", "attempts"), [("torn", 2), ("missing", 1)])
def test_a_manifest_that_is_torn_or_missing_when_the_next_server_looks(author, tmp_path, damage, attempts):
    count = tmp_path / "count"
    code = (
        f"import sys, time\nopen({str(count)!r}, 'a').write('x')\nprint('up', flush=True)\n"
        "time.sleep(1)\nopen(sys.argv[1], 'w').write('made')\n"
    )
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    step = author.step("slow", code, outputs=[data], arguments=[data], retries=0, retry_delay_s=0.1)
    run = author.submit(Pipeline(author.ws, steps=[step]))
    author.wait_for_log(run, "up")
    author.live.kill_server()
    [attempt] = (author.live.folder / ".azud" / "attempts").iterdir()
    manifest = attempt / "manifest.json"
    deadline = time.monotonic() + 30
    while not manifest.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    if damage == "torn":
        manifest.write_bytes(manifest.read_bytes()[:40])
    else:
        manifest.unlink()
    run.wait_for_completion(show_output=False)
    assert run.get_status() == "Finished"
    assert count.read_text() == "x" * attempts
    output = next(iter(run.get_steps())).get_output_data("data")
    assert author.ws.get_default_datastore().download(str(tmp_path / "down"), output.path_on_datastore) == 1
