"""A monitor starts its job once, ends it when asked, leaves nothing running, and tells how it ended."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from azud.core.processes import ProcessMark, is_alive, mark_of, wait_gone
from azud.job.attempt import MONITOR, RUNNER
from azud.model import codec
from azud.model.jobs import JobExit

READY = """
    import os, signal, sys, time
    def ready():
        with open("ready", "w") as stream: stream.write(str(os.getpid()))
        os.rename("ready", "is-ready")
"""


def until(path: Path) -> str:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never appeared"
        time.sleep(0.005)
    return path.read_text()


def source(body: str) -> str:
    import textwrap

    return textwrap.dedent(READY) + textwrap.dedent(body)


def test_the_exit_is_recorded_with_what_the_job_used(mode: str, make_job) -> None:
    job = make_job("x = bytearray(30_000_000)\nfor i in range(300_000): pass", mode=mode)
    ended = job.run()
    assert (ended.exit_code, ended.signal, ended.reason, ended.left_behind) == (0, None, "exited", 0)
    assert ended.max_rss_bytes > 30_000_000
    assert ended.user_s > 0
    assert ended.started_at <= ended.ended_at
    assert codec.from_json(JobExit, job.report["exit"]) == ended


def test_the_job_is_marked_before_its_first_line(mode: str, make_job) -> None:
    job = make_job(
        "import json, os; claim = json.load(open(os.environ['AZUD_ATTEMPT_DIR'] + '/job.claim'));"
        "print(claim['job']['pid'] == os.getpid())",
        mode=mode,
    )
    job.run()
    assert job.log == "True\n"


def test_a_claimed_job_is_never_started_again(mode: str, make_job) -> None:
    job = make_job("open('ran', 'a').write('x')", mode=mode)
    job.run()
    again = job.start()
    with again.reader:
        assert again.reader.read() == {"done": True, "claimed": False}
    assert (job.work / "ran").read_text() == "x"


def test_a_job_claimed_by_a_runner_is_never_started(make_job) -> None:
    job = make_job("open('ran', 'a').write('x')")
    assert job.attempt.claim_job(RUNNER)
    job.start()
    with job.reader:
        assert job.reader.read() == {"done": True, "claimed": False}
    assert not (job.work / "ran").exists()
    assert job.attempt.read_exit() is None


def test_a_signal_is_named(mode: str, make_job) -> None:
    ended = make_job("import os; os.kill(os.getpid(), 9)", mode=mode).run()
    assert (ended.exit_code, ended.signal) == (None, "SIGKILL")


def test_a_job_that_runs_too_long_is_ended(mode: str, make_job) -> None:
    ended = make_job("import time; time.sleep(60)", mode=mode, timeout_s=0.2).run()
    assert (ended.reason, ended.signal) == ("timed_out", "SIGTERM")


def test_a_limit_of_weeks_is_a_limit(mode: str, make_job) -> None:
    ended = make_job("print('done')", mode=mode, timeout_s=30 * 24 * 3600.0).run()
    assert (ended.exit_code, ended.reason) == (0, "exited")


def test_a_job_may_use_its_grace_to_tidy_up(mode: str, make_job) -> None:
    job = make_job(
        source("""
            def end(*_): open("tidy", "w").write("yes"); sys.exit(5)
            signal.signal(signal.SIGTERM, end)
            ready()
            time.sleep(60)
        """),
        mode=mode,
    ).start()
    until(job.work / "is-ready")
    assert job.attempt.request_cancel()
    ended = job.wait()
    assert (ended.reason, ended.exit_code) == ("canceled", 5)
    assert (job.work / "tidy").read_text() == "yes"


def test_a_job_that_ignores_sigterm_is_killed_after_its_grace(mode: str, make_job) -> None:
    job = make_job(
        source("signal.signal(signal.SIGTERM, signal.SIG_IGN); ready(); time.sleep(60)"), mode=mode, grace_s=0.2
    ).start()
    until(job.work / "is-ready")
    job.attempt.request_cancel()
    ended = job.wait()
    assert (ended.reason, ended.signal) == ("canceled", "SIGKILL")


def test_a_stopped_job_can_be_canceled(make_job) -> None:
    job = make_job(source("ready(); os.kill(os.getpid(), signal.SIGSTOP); time.sleep(60)")).start()
    until(job.work / "is-ready")
    job.attempt.request_cancel()
    assert job.wait().reason == "canceled"


def test_a_cancel_before_the_start_means_no_start(make_job) -> None:
    job = make_job("open('ran', 'a').write('x')")
    assert not job.attempt.request_cancel()
    ended = job.run()
    assert (ended.reason, ended.exit_code, ended.signal) == ("canceled", None, None)
    assert not (job.work / "ran").exists()


def test_sigterm_without_a_request_does_not_cancel(make_job) -> None:
    job = make_job(source("ready()\nwhile not os.path.exists('go'): time.sleep(0.005)")).start()
    until(job.work / "is-ready")
    os.kill(job.announced["pid"], signal.SIGTERM)
    (job.work / "go").touch()
    assert job.wait().reason == "exited"


def test_a_canceled_jobs_whole_group_gets_the_signal(make_job) -> None:
    job = make_job(
        source("""
            if os.fork() == 0:
                open("child", "w").write(str(os.getpid())); os.rename("child", "child-pid")
                time.sleep(60)
            ready(); time.sleep(60)
        """)
    ).start()
    until(job.work / "is-ready")
    child = mark_of(int(until(job.work / "child-pid")))
    job.attempt.request_cancel()
    job.wait()
    assert not is_alive(child)


DAEMON = """
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            %s
            ready()
            time.sleep(60)
        os._exit(0)
    while not os.path.exists("is-ready"): time.sleep(0.005)
"""


@pytest.mark.parametrize("stubborn", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_daemons_that_left_the_session_are_ended(stubborn: str, mode: str, make_job) -> None:
    job = make_job(source(DAEMON % stubborn), mode=mode, grace_s=0.3).start()
    daemon = mark_of(int(until(job.work / "is-ready")))
    ended = job.wait()
    assert ended.exit_code == 0
    assert ended.left_behind == 1
    assert ended.unkillable == ()
    assert not is_alive(daemon)


def test_helpers_that_end_by_themselves_are_not_left_behind(make_job) -> None:
    job = make_job(
        """
        from multiprocessing import shared_memory
        block = shared_memory.SharedMemory(create=True, size=100)
        block.close()
        """
    )
    assert job.run().left_behind == 0


def test_the_job_dies_with_its_monitor(mode: str, make_job) -> None:
    job = make_job(source("signal.signal(signal.SIGTERM, signal.SIG_IGN); ready(); time.sleep(60)"), mode=mode).start()
    main = mark_of(int(until(job.work / "is-ready")))
    os.kill(job.announced["pid"], signal.SIGKILL)
    assert wait_gone(main, timeout_s=20)
    assert job.attempt.read_exit() is None
    with job.reader:
        assert job.reader.read() is None
    claim = job.attempt.job_claim()
    assert claim is not None and claim[0] == MONITOR and not is_alive(claim[1])


def test_a_monitor_whose_client_is_gone_goes_on_and_then_ends(make_job) -> None:
    job = make_job(source("ready()\nwhile not os.path.exists('go'): time.sleep(0.005)")).start()
    until(job.work / "is-ready")
    monitor = ProcessMark(job.announced["pid"], job.announced["started"], job.announced["boot"])
    job.reader.close()
    (job.work / "go").touch()
    assert wait_gone(monitor, timeout_s=20), "whoever takes over waits for the end of this process"
    ended = job.attempt.read_exit()
    assert ended is not None and ended.exit_code == 0


def test_a_lot_of_output_goes_straight_to_the_file(mode: str, make_job) -> None:
    job = make_job(
        """
        import os
        line = b"x" * 1023 + b"\\n"
        for _ in range(200): os.write(1, line * 1024)
        """,
        mode=mode,
    )
    assert job.run().exit_code == 0
    assert os.path.getsize(job.order.launch.log) == 200 << 20
    os.unlink(job.order.launch.log)


def test_monitors_that_serve_again_start_each_job_afresh(make_job) -> None:
    pids = set()
    for number in range(5):
        job = make_job(f"import sys; print({number}); sys.exit({number})")
        assert job.run().exit_code == number
        assert job.log == f"{number}\n"
        pids.add(job.announced["pid"])
    assert len(pids) < 5
