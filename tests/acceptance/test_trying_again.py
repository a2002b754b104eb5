"""Steps that are tried again, limited, canceled and lost, seen through the SDK; a restart changes nothing of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
from tests.acceptance.authoring import Authoring

from azud.core.processes import ProcessMark, is_alive, mark_of, wait_gone
from azureml.core.runconfig import RunConfiguration
from azureml.pipeline.core import Pipeline, PipelineData

LOG = "azureml-logs/70_driver_log.txt"


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def counting(folder, code):
    """Return a script that counts its attempts in `n` and goes on with `code`."""
    path = str(folder / "count")
    return f"""
open({path!r}, "a").write("x")
n = len(open({path!r}).read())
print("attempt", n, flush=True)
{code}
"""


def submit(author, *steps, **options):
    return author.submit(Pipeline(author.ws, steps=list(steps)), **options)


def ended(author, run):
    """Wait for a run's end; return its status and the records of its steps by name."""
    run.wait_for_completion(show_output=False, raise_on_error=False)
    records = author.live.client.get(f"/runs/{run.id}/steps")["value"]
    return run.get_status(), {record["name"]: record for record in records}


def text_of(author, step_run_id, path=LOG):
    return b"".join(author.live.client.download(f"/runs/{step_run_id}/files/{path}")).decode()


def events(author, run, kind):
    return [event for event in author.live.client.get(f"/runs/{run.id}/events")["events"] if event["type"] == kind]


def until(condition, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    return found


def test_a_step_that_fails_is_tried_again_and_the_last_attempt_counts(author, tmp_path):
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    code = counting(
        tmp_path,
        """
import os, sys
from azureml.core import Run
run = Run.get_context()
run.log("attempt", n)
run.add_properties({"attempt": str(n)})
os.makedirs("outputs", exist_ok=True)
open("outputs/which", "w").write(str(n))
open(sys.argv[1], "w").write(str(n))
sys.exit(3 if n < 3 else 0)
""",
    )
    step = author.step("a", code, outputs=[data], arguments=[data], retries=2, retry_delay_s=0.1)
    after = author.step("after", "import sys; print('got', open(sys.argv[1]).read())", inputs=[data], arguments=[data])
    run = submit(author, step, after)
    status, steps = ended(author, run)
    assert status == "Finished"
    record = steps["a"]
    assert record["warnings"] == [
        "attempt 1 failed (exit code 3); tried again in 0.1 s",
        "attempt 2 failed (exit code 3); tried again in 0.2 s",
    ]
    assert record["error"] is None
    assert record["properties"]["attempt"] == "3"
    (step_run,) = run.find_step_run("a")
    assert step_run.get_metrics() == {"attempt": 3}
    assert "got 3" in text_of(author, steps["after"]["id"])
    assert text_of(author, record["id"]) == "attempt 3\n"
    assert text_of(author, record["id"], "outputs/which") == "3"
    for number in (1, 2):
        assert text_of(author, record["id"], f"attempts/{number}/{LOG}") == f"attempt {number}\n"
        assert text_of(author, record["id"], f"attempts/{number}/outputs/which") == str(number)
    again = submit(author, author.step("a", code, outputs=[data], arguments=[data], retries=0))
    _, steps = ended(author, again)
    assert steps["a"]["reused_from"] == record["id"], "retries are no part of what is reused"


def test_followed_logs_show_every_attempt_whole(author, tmp_path, capfd):
    """The first log is the longest: a reader that kept its place would miss the beginning of the next one."""
    seen = tmp_path / "seen"
    code = counting(
        tmp_path,
        f"""
import os, sys, time
while not os.path.exists({str(seen)!r}): time.sleep(0.01)
for i in range(40 if n == 1 else 3): print(n, 'line', i)
sys.exit(n < 3)
""",
    )
    step = author.step("a", code, retries=2, retry_delay_s=0.1)
    run = submit(author, step)
    shell = author.azud("runs", "logs", "--follow", run.id)
    tail = subprocess.Popen(shell, stdout=subprocess.PIPE, text=True, cwd=author.live.folder)
    first = tail.stdout.readline()
    seen.write_text("")
    run.wait_for_completion(show_output=True)
    printed = capfd.readouterr().out.splitlines()
    followed, _ = tail.communicate(timeout=60)
    lines = [[f"{n} line {i}" for i in range(40 if n == 1 else 3)] for n in (1, 2, 3)]
    wanted = [line for n in (1, 2, 3) for line in (f"attempt {n}", *lines[n - 1])]
    assert [line for line in printed if line in wanted] == wanted
    marks = ["--- attempt 2 ---", "--- attempt 3 ---"]
    with_marks = [*wanted[:41], marks[0], *wanted[41:45], marks[1], *wanted[45:]]
    assert [line.partition("| ")[2] for line in (first + followed).splitlines()] == with_marks


def test_the_last_failure_says_how_many_attempts_were_made(author, tmp_path):
    run = submit(author, author.step("a", counting(tmp_path, "raise SystemExit(n)"), retries=1, retry_delay_s=0))
    status, steps = ended(author, run)
    assert (status, steps["a"]["status"]) == ("Failed", "Failed")
    assert steps["a"]["error"]["exit_code"] == 2
    assert steps["a"]["error"]["message"].endswith("; 2 attempts were made")
    assert len(events(author, run, "AttemptIntended")) == 2


def test_nothing_is_tried_again_unless_somebody_says_so(author, tmp_path):
    run = submit(author, author.step("a", counting(tmp_path, "raise SystemExit(1)")))
    status, steps = ended(author, run)
    assert (status, steps["a"]["warnings"]) == ("Failed", [])
    assert (tmp_path / "count").read_text() == "x"


def test_the_workspace_can_say_it_for_all_steps_and_a_step_for_itself(author, tmp_path, monkeypatch):
    monkeypatch.setenv("AZUD_RETRIES", "1")
    monkeypatch.setenv("AZUD_RETRY_DELAY_S", "0")
    folders = {name: tmp_path / name for name in ("all", "own")}
    for folder in folders.values():
        folder.mkdir()
    steps = [
        author.step("all", counting(folders["all"], "raise SystemExit(1)")),
        author.step("own", counting(folders["own"], "raise SystemExit(1)"), retries=0),
    ]
    ended(author, submit(author, *steps, continue_on_step_failure=True))
    assert {name: (folder / "count").read_text() for name, folder in folders.items()} == {"all": "xx", "own": "x"}


@pytest.mark.parametrize("wrong", [{"retries": -1}, {"retries": 1.5}, {"retry_delay_s": -1}, {"retry_delay_s": "1"}])
def test_what_is_no_number_of_retries_is_refused(author, wrong):
    with pytest.raises(ValueError, match="retr"):
        author.step("a", "pass", **wrong)


def test_the_wait_survives_the_server_and_a_cancel_ends_it(author, tmp_path):
    code = counting(tmp_path, "raise SystemExit(0 if n > 1 else 1)")
    run = submit(author, author.step("a", code, retries=1, retry_delay_s=3))
    (failed,) = until(lambda: events(author, run, "AttemptEnded"))
    author.live.kill_server()
    status, _ = ended(author, run)
    assert status == "Finished"
    _, second = events(author, run, "AttemptIntended")
    assert second["number"] == 2
    waited_s = _seconds(second["at"]) - _seconds(failed["at"])
    assert waited_s >= 3, "the next server did not wait"

    (tmp_path / "count").unlink()
    run = submit(author, author.step("b", code, retries=1, retry_delay_s=3600))
    until(lambda: events(author, run, "AttemptEnded"))
    (waiting,) = author.live.client.get(f"/runs/{run.id}/steps")["value"]
    assert waiting["status"] == "Queued"
    assert waiting["warnings"] == ["attempt 1 failed (exit code 1); tried again in 300 s"]
    run.cancel()
    status, steps = ended(author, run)
    assert (status, steps["b"]["status"]) == ("Canceled", "Canceled")


def _seconds(text):
    from azud.core.clock import from_text

    return from_text(text).timestamp()


def limited(seconds):
    config = RunConfiguration()
    config.max_run_duration_seconds = seconds
    return config


def test_a_steps_time_limit_holds_for_each_attempt_and_outlives_the_server(author, tmp_path, monkeypatch):
    monkeypatch.setenv("AZUD_GRACE_S", "0.3")
    code = counting(tmp_path, "import time\ntime.sleep(300 if n < 3 else 1)")
    step = author.step("a", code, runconfig=limited(2), retries=2, retry_delay_s=0)
    run = submit(author, step)
    author.wait_for_log(run, "attempt 1")
    author.live.kill_server()
    status, steps = ended(author, run)
    assert status == "Finished", "three attempts together took longer than the limit of one"
    assert steps["a"]["warnings"] == [f"attempt {n} ran too long; tried again in 0 s" for n in (1, 2)]


def test_a_runs_time_limit_outlives_the_server(author, monkeypatch):
    monkeypatch.setenv("AZUD_GRACE_S", "0.3")
    client = author.live.client
    first = author.run(author.step("a", "print('fine')"))
    definition = client.get(f"/runs/{first.id}/definition")
    slow = author.step("slow", "import time\nprint('up', flush=True)\ntime.sleep(300)")
    definition = client.get(f"/runs/{_submitted_and_canceled(author, slow)}/definition")
    body = {"experiment": "bad", "interpreter": _interpreter(author, first), "definition": definition, "timeout_s": 4}
    started_at = time.monotonic()
    run_id = client.post("/runs", body)["id"]
    until(lambda: client.get(f"/runs/{run_id}")["status"] == "Running")
    author.live.kill_server()
    until(lambda: author.live.client.get(f"/runs/{run_id}")["status"] == "Failed")
    assert time.monotonic() - started_at >= 4, "it ended before its limit"
    record = author.live.client.get(f"/runs/{run_id}")
    assert "limit of 4" in record["error"]["message"]
    (step,) = author.live.client.get(f"/runs/{run_id}/steps")["value"]
    assert step["status"] == "Canceled"


def _submitted_and_canceled(author, step):
    run = submit(author, step)
    run.cancel()
    ended(author, run)
    return run.id


def _interpreter(author, run):
    (step_run,) = run.get_steps()
    return step_run.properties["azud.interpreter"]


# -- cancelling what does not want to end -----------------------------------------------------------------

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
folder = {folder!r}
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    for number in (0, 1, 2):
        os.close(number)
    open(folder + "/daemon.new", "w").write(str(os.getpid()))
    os.rename(folder + "/daemon.new", folder + "/daemon")
    time.sleep(300)
    os._exit(0)
while not os.path.exists(folder + "/daemon"):
    time.sleep(0.01)
open(folder + "/job", "w").write(str(os.getpid()))
print("up", flush=True)
time.sleep(300)
"""


def test_a_cancel_ends_a_job_and_its_daemon_that_both_ignore_it(author, tmp_path, monkeypatch):
    monkeypatch.setenv("AZUD_GRACE_S", "1")
    run = submit(author, author.step("a", STUBBORN.format(folder=str(tmp_path)), retries=3))
    author.wait_for_log(run, "up")
    marks = [mark_of(int((tmp_path / name).read_text())) for name in ("job", "daemon")]
    assert all(is_alive(mark) for mark in marks)
    began = time.monotonic()
    run.cancel()
    status, steps = ended(author, run)
    assert (status, steps["a"]["status"]) == ("Canceled", "Canceled")
    assert time.monotonic() - began < 30  # one second of grace, and room for a busy machine
    assert not any(is_alive(mark) for mark in marks)
    assert len(events(author, run, "AttemptIntended")) == 1, "what was canceled is not tried again"


# -- losses -----------------------------------------------------------------------------------------------


def claims_of(author, attempt):
    """Return an attempt's folder, and the marks of its monitor, runner and job."""
    folder = author.live.folder / ".azud" / "attempts" / attempt
    runner = json.loads((folder / "claim").read_text())
    monitor = json.loads((folder / "job.claim").read_text())
    return folder, [
        ProcessMark(item["pid"], item["started"], item["boot"]) for item in (monitor, runner, monitor["job"])
    ]


def kill(marks):
    for mark in marks:
        if is_alive(mark):
            os.kill(mark.pid, signal.SIGKILL)
    assert all(wait_gone(mark, timeout_s=20) for mark in marks)


def test_a_lost_attempt_is_tried_again_without_using_up_the_users_retries(author, tmp_path, monkeypatch):
    monkeypatch.setenv("AZUD_RETRY_DELAY_S", "0.1")
    code = counting(tmp_path, "import time\nif n == 1: time.sleep(300)\nraise SystemExit(0 if n == 3 else 1)")
    run = submit(author, author.step("a", code, retries=1))
    author.wait_for_log(run, "attempt 1")
    (intended,) = events(author, run, "AttemptIntended")
    _, (monitor, _, job) = claims_of(author, intended["attempt"])
    kill([monitor])
    status, steps = ended(author, run)
    assert status == "Finished", steps
    assert steps["a"]["warnings"] == [
        "attempt 1 was lost; tried again in 0.1 s",
        "attempt 2 failed (exit code 1); tried again in 0.1 s",
    ]
    assert not is_alive(job)
    assert [event["outcome"] for event in events(author, run, "AttemptEnded")] == ["lost", "failed", "completed"]


@pytest.mark.parametrize("had_ended", [False, True])
def test_a_reboot_loses_the_attempt_and_the_step_is_tried_again(author, tmp_path, monkeypatch, had_ended):
    """What a reboot leaves: no process, and claims of another boot; also where the job had ended and was not sealed."""
    monkeypatch.setenv("AZUD_RETRY_DELAY_S", "0.1")
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    code = counting(tmp_path, "import sys, time\nopen(sys.argv[1], 'w').write(str(n))\nif n == 1:\n    time.sleep(300)")
    run = submit(author, author.step("a", code, outputs=[data], arguments=[data]))
    author.wait_for_log(run, "attempt 1")
    (intended,) = events(author, run, "AttemptIntended")
    folder, marks = claims_of(author, intended["attempt"])
    pid = author.live.server_pid()
    kill([mark_of(pid)])
    kill([marks[1], marks[0], marks[2]])
    for name in ("claim", "job.claim"):
        claim = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({**claim, "boot": "an earlier boot"}))
    if had_ended:
        at = "2026-01-01T00:00:00.000000Z"
        ended_well = {"exit_code": 0, "signal": None, "reason": "exited", "started_at": at, "ended_at": at}
        (folder / "exit.json").write_text(json.dumps(ended_well))
    status, steps = ended(author, run)
    assert status == "Finished"
    assert [event["outcome"] for event in events(author, run, "AttemptEnded")] == ["lost", "completed"]
    (output,) = author.live.client.get(f"/runs/{steps['a']['id']}/outputs")["value"]
    with open(output["local_path"]) as stream:
        assert stream.read() == "2"
    assert json.loads((folder / "manifest.json").read_text())["outcome"] == "lost"


# -- a record that cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE run_events SET body = '{ torn' WHERE run_id = ? AND seq = 1",
        "UPDATE run_events SET type = 'NeverHeardOf' WHERE run_id = ? AND seq = 1",
        "UPDATE definitions SET body = '[]' WHERE digest = (SELECT definition FROM runs WHERE id = ?)",
        "UPDATE runs SET options = '{ torn' WHERE id = ?",
    ],
)
def test_a_run_whose_record_is_damaged_is_told_and_stops_no_other(author, tmp_path, damage):
    import sqlite3

    go = str(tmp_path / "go")
    wait = f"import os, time\nprint('up', flush=True)\nwhile not os.path.exists({go!r}): time.sleep(0.01)"
    bad = submit(author, author.step("bad", wait))
    good = submit(author, author.step("good", wait + "\nprint('done')"))
    for run in (bad, good):
        author.wait_for_log(run, "up")
    (intended,) = events(author, bad, "AttemptIntended")
    _, marks = claims_of(author, intended["attempt"])
    author.live.kill_server()
    with sqlite3.connect(author.live.folder / ".azud" / "azud.db") as connection:
        assert connection.execute(damage, (bad.id,)).rowcount == 1
    connection.close()

    client = author.live.client  # the server starts
    until(lambda: client.get(f"/runs/{bad.id}")["status"] == "Failed")
    error = client.get(f"/runs/{bad.id}")["error"]
    assert error["code"] == "record_unreadable"
    assert bad.id in error["message"]
    assert error["hint"]
    (step,) = client.get(f"/runs/{bad.id}/steps")["value"]
    assert step["status"] == "Canceled"
    assert wait_gone(marks[2], timeout_s=30), "its job runs on, and nobody watches it"
    (tmp_path / "go").touch()
    status, _ = ended(author, good)
    assert status == "Finished"
    assert author.run(author.step("new", "pass")).get_status() == "Finished"
    assert bad.id in (author.live.folder / ".azud" / "server.log").read_text()
