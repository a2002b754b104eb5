"""Scripts that behave badly, disks that are full, processes that are killed: clear words, and nothing runs twice."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from azud.core import durable
from azud.core.processes import is_alive, mark_of, wait_gone
from azud.job.attempt import RUNNER
from azud.job.lines import LineReader
from azud.model.attempt_files import DRIVER_LOG
from azud.model.definition import Argument
from azud.runner import main
from azud.runner.main import read_manifest

OUT = (Argument("output", "out"),)


@pytest.fixture(params=["fork", "exec"])
def launch(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_an_exception_gives_its_traceback_exit_code_and_log(make, launch: str) -> None:
    manifest = make("print('x' * 100000)\ndef f(): 1 / 0\nf()", launch=launch).run()
    error = manifest.error
    assert manifest.outcome == "failed" and error is not None
    assert (error.code, error.exit_code, error.signal) == ("step_failed", 1, None)
    assert (error.step, error.log) == ("train", DRIVER_LOG)
    assert error.traceback_tail[0] == "Traceback (most recent call last):"
    assert error.traceback_tail[-1] == "ZeroDivisionError: division by zero"
    assert error.hint is not None and DRIVER_LOG in error.hint


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("import no_such_module_anywhere", "install the module"),
        ("if True print(1)", "does not compile"),
        ("import os; os.kill(os.getpid(), 9)", "memory"),
        ("import os; os.kill(os.getpid(), 11)", "native library"),
    ],
)
def test_common_failures_have_a_hint(source: str, hint: str, make, launch: str) -> None:
    trial = make(source, launch=launch)
    error = trial.run().error
    assert error is not None and error.hint is not None and hint in error.hint
    if "module" in hint:
        assert trial.spec.interpreter in error.hint


def test_a_signal_is_named_in_the_message(make) -> None:
    error = make("import os; os.kill(os.getpid(), 9)").run().error
    assert error is not None and error.signal == "SIGKILL" and "SIGKILL" in error.message


def test_an_interpreter_that_is_gone(make) -> None:
    error = make("", launch="exec", interpreter="/nowhere/python").run().error
    assert error is not None and error.hint is not None and "/nowhere/python" in error.hint


def test_outputs_of_a_failed_step_are_not_sealed_but_its_files_are_kept(make, output) -> None:
    trial = make(
        "import sys; open(sys.argv[1], 'w').write('x'); open('outputs/a', 'w').write('y'); sys.exit(3)",
        arguments=OUT,
        outputs=(output(),),
    )
    manifest = trial.run()
    assert (manifest.outcome, manifest.outputs) == ("failed", ())
    assert not Path(trial.spec.outputs[0].authority).exists()
    assert (trial.files / "outputs/a").read_text() == "y"


def test_a_job_may_delete_its_working_folder(make, output, launch: str) -> None:
    trial = make(
        """
        import os, shutil, sys
        open(sys.argv[1], "w").write("kept")
        shutil.rmtree(os.getcwd())
        print("gone")
        """,
        arguments=OUT,
        outputs=(output(),),
        launch=launch,
    )
    manifest = trial.run()
    assert manifest.outcome == "completed", manifest.error
    assert Path(manifest.outputs[0].path).read_text() == "kept"


def test_a_job_may_delete_everything_it_finds(make, output) -> None:
    trial = make(
        """
        import os, shutil
        folder = os.environ["AZUD_ATTEMPT_DIR"]
        for name in ("work", "out", "artifacts"): shutil.rmtree(os.path.join(folder, name))
        """,
        outputs=(output(),),
    )
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None
    assert manifest.error.code == "output_missing"


def test_a_file_in_outputs_that_cannot_be_kept_is_named(make) -> None:
    trial = make("import os; os.symlink('/etc/hostname', 'outputs/link'); open('outputs/good', 'w').write('x')")
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None
    assert "outputs/link" in manifest.error.message
    assert (trial.files / DRIVER_LOG).exists()


def test_200_mb_of_output_are_kept_and_only_the_end_is_read(make) -> None:
    trial = make(
        """
        import os
        line = b"x" * 1023 + b"\\n"
        for _ in range(200): os.write(1, line * 1024)
        raise ValueError("after all that")
        """
    )
    manifest = trial.run()
    assert manifest.error is not None
    assert manifest.error.traceback_tail[-1] == "ValueError: after all that"
    assert manifest.artifacts_bytes > 200 << 20
    (trial.files / DRIVER_LOG).unlink()
    (trial.files / "user_logs/std_log.txt").unlink()


def test_daemons_are_ended_and_mentioned(make) -> None:
    trial = make(
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0: time.sleep(60)
            os._exit(0)
        os.wait()
        """
    )
    manifest = trial.run()
    assert manifest.outcome == "completed"
    assert "outlived" in manifest.warnings[0]


@pytest.mark.parametrize(("changes", "outcome", "code"), [({"timeout_s": 0.2}, "timed_out", "step_timed_out")])
def test_a_timeout(changes: dict[str, float], outcome: str, code: str, make, launch: str) -> None:
    manifest = make("import time; time.sleep(60)", launch=launch, **changes).run()
    assert (manifest.outcome, manifest.error and manifest.error.code) == (outcome, code)


def test_a_cancel(make, launch: str) -> None:
    trial = make("open('started', 'w'); import time; time.sleep(60)", launch=launch).start()
    trial.until("started")
    assert trial.attempt.request_cancel()
    assert trial.report() == {"done": True, "outcome": "canceled"}


def test_a_cancel_before_the_runner_comes(make) -> None:
    trial = make("open('outputs/ran', 'w').write('x')")
    trial.attempt.request_cancel()
    assert trial.run().outcome == "canceled"
    assert not (trial.files / "outputs").exists()


# -- full disks -------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB and 100 names."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=100", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_datastore_is_said_clearly(make, output, small_disk: Path) -> None:
    import dataclasses

    trial = make(
        "import sys; open(sys.argv[1], 'wb').write(bytes(3_000_000))",
        arguments=OUT,
        outputs=(dataclasses.replace(output(), authority=str(small_disk / "azureml" / "out")),),
    )
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None
    assert manifest.error.code == "storage" and "No space left" in manifest.error.message
    assert manifest.error.hint is not None and "free space" in manifest.error.hint
    assert not (small_disk / "azureml" / "out").exists()


def test_a_disk_that_the_job_has_filled_takes_the_manifest_all_the_same(make, small_disk: Path) -> None:
    trial = make(
        """
        import itertools
        try:
            for number in itertools.count():
                open(f"../filler{number}", "w").close()
        except OSError as error:
            print(error.strerror)
        """,
        artifacts_to=str(small_disk / "files"),
    )
    trial.root = small_disk
    assert trial.run().outcome == "completed"
    assert trial.log == "No space left on device\n"


def test_a_manifest_that_cannot_be_written_is_reported_and_the_runner_serves_no_more(
    make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "manifest.json")

    trial = make("")
    monkeypatch.setattr(durable, "replace_file", full)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not main.entry(theirs, {"attempt_dir": trial.attempt.folder}), "it holds the claim of an open attempt"
        trial.reader = LineReader(ours)
        report = trial.report()
    assert report is not None and report["error"]["code"] == "storage"
    assert "No space left" in report["error"]["message"]
    assert "free space" in report["error"]["hint"]
    assert read_manifest(trial.attempt) is None


# -- deaths -----------------------------------------------------------------------------------------------

WAIT = """
import os, sys, time
open("../ran", "a").write("x")
open("started", "w")
while not os.path.exists("go"): time.sleep(0.005)
for path in sys.argv[1:]: open(path, "w").write("made")
"""


def _kill(trial) -> None:
    os.kill(trial.runner.pid, signal.SIGKILL)
    assert wait_gone(trial.runner, timeout_s=20)


def test_a_runner_killed_while_the_job_runs_is_followed_by_another(make, output, launch: str) -> None:
    trial = make(WAIT, arguments=OUT, outputs=(output(),), launch=launch).start()
    trial.until("started")
    _kill(trial)
    assert trial.report() is None
    (trial.folder / "work" / "go").touch()
    manifest = trial.run()
    assert manifest.outcome == "completed", manifest.error
    assert Path(manifest.outputs[0].path).read_text() == "made"
    assert (trial.folder / "ran").read_text() == "x"


def test_a_runner_that_finds_another_alive_leaves_quietly(make, output) -> None:
    trial = make(WAIT, arguments=OUT, outputs=(output(),)).start()
    trial.until("started")
    first, runner = trial.reader, trial.runner
    assert trial.start().report() == {"done": True, "outcome": "held"}
    (trial.folder / "work" / "go").touch()
    trial.reader, trial.runner = first, runner
    assert trial.report() == {"done": True, "outcome": "completed"}


def test_a_finished_attempt_is_not_run_again(make) -> None:
    trial = make("print('once')")
    before = trial.run()
    assert trial.run() == before
    assert trial.log == "once\n"


def test_a_runner_that_died_before_the_job_means_that_it_never_runs(make) -> None:
    trial = make("print('never')")
    (trial.folder / "claim").write_text('{"pid": 1, "started": "1", "boot": "an earlier boot"}')
    manifest = trial.run()
    assert manifest.outcome == "lost" and manifest.error is not None
    assert manifest.error.code == "never_started"
    claim = trial.attempt.job_claim()
    assert claim is not None and claim[0] == RUNNER
    assert not (trial.folder / "work").exists()


def test_the_second_successor_comes_to_the_same_end(make) -> None:
    trial = make("print('never')")
    dead = '{"pid": 1, "started": "1", "boot": "an earlier boot", "by": "runner"}'
    for name in ("claim", "claim.1", "job.claim"):
        (trial.folder / name).write_text(dead)
    manifest = trial.run()
    assert manifest.outcome == "lost" and manifest.error is not None and manifest.error.code == "never_started"
    assert (trial.folder / "claim.2").exists()


def test_a_torn_claim_of_a_lost_machine_counts_as_dead(make) -> None:
    trial = make("print('never')")
    (trial.folder / "claim").write_bytes(b"")
    (trial.folder / "job.claim").write_bytes(b"")
    manifest = trial.run()
    assert manifest.outcome == "lost" and manifest.error is not None and manifest.error.code == "lost"


@pytest.mark.parametrize("runner_dies_too", [False, True])
def test_a_killed_monitor_means_that_the_attempt_is_lost_and_the_job_dead(
    runner_dies_too: bool, make, output, launch: str
) -> None:
    trial = make("import os; open('pid', 'w').write(str(os.getpid()))\n" + WAIT, launch=launch).start()
    trial.until("started")
    job = mark_of(int((trial.folder / "work" / "pid").read_text()))
    claim = trial.attempt.job_claim()
    assert claim is not None
    if runner_dies_too:
        _kill(trial)
    os.kill(claim[1].pid, signal.SIGKILL)
    if runner_dies_too:
        assert trial.report() is None
        trial.start()
    assert trial.report() == {"done": True, "outcome": "lost"}
    assert not is_alive(job)
    manifest = read_manifest(trial.attempt)
    assert manifest is not None and manifest.error is not None and manifest.error.code == "lost"


def test_a_reboot_in_between_means_lost(make) -> None:
    trial = make("print('x')")
    for name in ("claim", "job.claim"):
        (trial.folder / name).write_text('{"pid": 1, "started": "1", "boot": "an earlier boot", "by": "monitor"}')
    assert trial.run().outcome == "lost"


EARLIER = '{"pid": 1, "started": "1", "boot": "an earlier boot", "by": "monitor"}'
EXITED = '{"exit_code": 0, "signal": null, "reason": "exited", "started_at": "", "ended_at": ""}'


@pytest.mark.parametrize("job_claim", [EARLIER, ""])
def test_after_a_reboot_not_even_a_job_that_ended_well_is_sealed(make, output, job_claim: str) -> None:
    """A loss of power may have torn what nobody synced: outputs, and exit.json itself."""
    trial = make("print('x')", arguments=OUT, outputs=(output(),))
    authority = Path(trial.spec.outputs[0].authority)
    authority.parent.mkdir(parents=True)
    authority.write_text("torn")  # the runner had moved it there
    (trial.folder / "claim").write_text(EARLIER)
    (trial.folder / "job.claim").write_text(job_claim)
    (trial.folder / "exit.json").write_text(EXITED)
    (trial.folder / "artifacts/azureml-logs").mkdir(parents=True)
    (trial.folder / "artifacts" / DRIVER_LOG).write_text("half a log")
    manifest = trial.run()
    assert (manifest.outcome, manifest.outputs) == ("lost", ())
    assert manifest.error is not None and manifest.error.code == "lost"
    assert "machine was started again" in manifest.error.message
    assert not authority.exists()
    assert trial.log == "half a log", "what there is of its log is kept"


def test_the_same_without_a_reboot_is_sealed(make) -> None:
    trial = make("print('x')")
    boot = mark_of(os.getpid()).boot
    for name in ("claim", "job.claim"):
        (trial.folder / name).write_text(EARLIER.replace("an earlier boot", boot))
    (trial.folder / "exit.json").write_text(EXITED)
    assert trial.run().outcome == "completed"


def test_what_was_half_staged_before_a_reboot_goes(make, tmp_path: Path) -> None:
    trial = make("print('x')")
    place = tmp_path / "on_compute"
    place.mkdir()
    (trial.folder / "claim").write_text(EARLIER)
    (trial.folder / "created.json").write_text(f'["{place}"]')
    assert trial.run().outcome == "lost"
    assert not place.exists()


@pytest.mark.parametrize("spec", ["", "{ torn", "{}"])
@pytest.mark.parametrize("claimed", [False, True])
def test_an_attempt_whose_spec_was_torn_is_lost_and_not_asked_for_again_and_again(make, spec: str, claimed) -> None:
    trial = make("open('../ran', 'w')")
    (trial.folder / "claim").write_text(EARLIER)
    if claimed:
        (trial.folder / "job.claim").write_text(EARLIER)
    (trial.folder / "spec.json").write_text(spec)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        main.entry(theirs, {"attempt_dir": trial.attempt.folder})
        trial.reader = LineReader(ours)
        assert trial.report() == {"done": True, "outcome": "lost"}
    manifest = read_manifest(trial.attempt)
    assert manifest is not None and manifest.attempt_id == trial.spec.attempt_id
    assert manifest.error is not None and "spec.json" in manifest.error.message
    assert not (trial.folder / "ran").exists()


def test_a_claim_whose_pid_came_again_counts_as_dead(make) -> None:
    trial = make("print('x')")
    mark = mark_of(os.getpid())
    claim = f'{{"pid": {mark.pid}, "started": "{int(mark.started) + 1}", "boot": "{mark.boot}", "by": "runner"}}'
    (trial.folder / "claim").write_text(claim)
    assert trial.attempt.claim_for_runner() == 1
    living = make("print('x')")
    (living.folder / "claim").write_text(claim.replace(str(int(mark.started) + 1), mark.started))
    assert living.attempt.claim_for_runner() is None


def test_what_cannot_be_ended_is_in_the_manifest_and_its_core_is_not_said_to_be_free(
    make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azud.adapters.compute.local import LocalBackend
    from azud.model.jobs import JobExit
    from azud.runner import launching

    for unkillable in (True, False):
        trial = make("print('x')")
        with subprocess.Popen(["/bin/sleep", "60"]) as stuck:
            ended = JobExit(None, "SIGKILL", "canceled", "", "", unkillable=(stuck.pid,) if unkillable else ())
            monkeypatch.setattr(launching, "run_job", lambda *_, ended=ended: ended)
            said: list[str] = []
            assert main.run_attempt(trial.attempt, lambda said=said: said.append("sealing")) == "canceled"
            assert said == ([] if unkillable else ["sealing"])
            manifest = read_manifest(trial.attempt)
            assert manifest is not None
            assert manifest.survivors == ((mark_of(stuck.pid),) if unkillable else ())
            backend = LocalBackend(str(trial.folder.parent), None, 1)  # type: ignore[arg-type]
            assert backend.survivors(trial.spec.attempt_id) == ([stuck.pid] if unkillable else [])
            stuck.kill()
        assert backend.survivors(trial.spec.attempt_id) == []


def test_files_of_an_earlier_attempt_are_set_aside(make) -> None:
    import dataclasses

    trial = make("import os; print('new'); open('outputs/model', 'w').write('new')")
    old = trial.files / "azureml-logs" / "70_driver_log.txt"
    for path, text in ((old, "old"), (trial.files / "outputs/model", "old"), (trial.files / "attempts/1/x", "older")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    trial.spec = dataclasses.replace(trial.spec, number=3)
    manifest = trial.run()
    assert (manifest.outcome, manifest.warnings) == ("completed", ())
    assert {
        str(path.relative_to(trial.files)): path.read_text() for path in trial.files.rglob("*") if path.is_file()
    } == {
        "azureml-logs/70_driver_log.txt": "new\n",
        "user_logs/std_log.txt": "new\n",
        "outputs/model": "new",
        "attempts/2/azureml-logs/70_driver_log.txt": "old",
        "attempts/2/outputs/model": "old",
        "attempts/1/x": "older",
    }


def test_a_cancel_reaches_the_job_when_its_runner_is_dead(make) -> None:
    trial = make(WAIT).start()
    trial.until("started")
    _kill(trial)
    trial.report()
    assert trial.attempt.request_cancel()
    assert trial.run().outcome == "canceled"


SEAL_POINTS = [
    "runner.claim:after",
    "runner.link_log:after",
    "monitor.claim_job:after",
    "monitor.start_job:after",
    "monitor.exit:before",
    "monitor.exit:after",
    "runner.collect:after",
    "runner.sync_bytes:after",
    "runner.seal_output:after#1",
    "runner.seal_output:after#2",
    "runner.place_artifacts:after",
    "runner.sync_names:after",
    "runner.manifest:before",
    "runner.manifest:after",
]


@pytest.mark.parametrize("point", SEAL_POINTS)
def test_whoever_is_killed_the_attempt_ends_once_and_right(
    point: str, make, output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import shutil
    import sys
    import tempfile

    from azud.job.forkclient import JOB_PRELOAD, RUNNER_PRELOAD, ForkServer

    folder = tempfile.mkdtemp(prefix="azt-", dir="/tmp")
    monkeypatch.setenv("AZUD_FAIL_POINT", point)
    options = dict(runtime_dir=folder, log_path=f"{folder}/log", drain_idle_s=0.05)
    trial = make(
        """
        import os, sys
        open("../ran", "a").write("x")
        open("outputs/file", "w").write("kept")
        for path in sys.argv[1:]: open(path, "w").write("made")
        """,
        arguments=(Argument("output", "one"), Argument("output", "two")),
        outputs=(output("one"), output("two")),
    )
    failing = ForkServer.start(sys.executable, preload=RUNNER_PRELOAD, library_path=trial.spec.library_path, **options)
    jobs = ForkServer.start(sys.executable, preload=JOB_PRELOAD[:-1], library_path=trial.spec.library_path, **options)
    monkeypatch.delenv("AZUD_FAIL_POINT")
    import dataclasses

    trial.spec = dataclasses.replace(trial.spec, job_server=jobs.socket_path)
    good = trial.servers
    trial.servers = dataclasses.replace(good, runner=failing)
    if trial.start().report() is None:
        assert wait_gone(trial.runner, timeout_s=20)
    trial.servers = good
    for server in (failing, jobs):
        server.close()

    manifest = trial.run()

    ran = trial.folder / "ran"
    times = len(ran.read_text()) if ran.exists() else 0
    if manifest.outcome == "completed":
        assert times == 1
        assert [Path(sealed.path).read_text() for sealed in manifest.outputs] == ["made", "made"]
        assert (trial.files / "outputs/file").read_text() == "kept"
        assert (trial.files / DRIVER_LOG).exists()
    else:
        assert manifest.outcome == "lost" and times <= 1
        assert point.startswith(
            ("monitor.claim_job", "monitor.start_job", "monitor.exit:before", "runner.claim", "runner.link_log")
        )
    for server in (failing, jobs):
        server.process.wait(20)
    shutil.rmtree(folder)
