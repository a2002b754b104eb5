"""A job cannot tell whether it was forked, exec'd or started by hand as `python -u script.py`.

Every script runs all three ways; exit status and output must be the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.pythons import interpreters

from azud.job.baseline import baseline_environment

from .conftest import LIBRARY, Job

SCRIPTS = {
    "main module": """
        import sys
        names = sorted(name for name in globals() if name != "sys")
        print(__name__, names, __spec__, __package__, type(__loader__).__name__, __builtins__.__name__)
        print(sys.modules["__main__"].__dict__ is globals(), __file__)
    """,
    "argv, cwd, path": """
        import os, sys
        print(sys.argv, os.getcwd(), sys.path[0], sys.path[1], len(sys.path))
        print(sys.executable, sys.prefix, sys.flags, sys.warnoptions)
        print(getattr(sys, "orig_argv", None))
    """,
    "environment": """
        import os
        for name in sorted(os.environ):
            print(name, os.environ[name])
        print(os.popen("env | sort").read())
    """,
    "signals": """
        import signal
        for number in sorted(signal.valid_signals()):
            print(number, signal.getsignal(number))
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()), signal.set_wakeup_fd(-1))
    """,
    "descriptors and stdin": """
        import os, sys
        print([fd for fd in sorted(map(int, os.listdir("/proc/self/fd"))) if fd < 3], repr(sys.stdin.read()))
        print([fd for fd in os.listdir("/proc/self/fd") if int(fd) > 3])
    """,
    "streams": """
        import sys
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            print(stream.name, stream.mode, stream.encoding, stream.errors, stream.line_buffering, stream.isatty())
            print(getattr(stream, "write_through", None), type(stream.buffer).__name__)
        sys.stdout.write("no newline")
        sys.stderr.write(" then stderr ")
        print("äöü €", end="")
    """,
    "exit 0": "import sys; sys.exit()",
    "exit 7": "import sys; sys.exit(7)",
    "exit 300 is truncated": "import sys; sys.exit(300)",
    "exit -1": "import sys; sys.exit(-1)",
    "exit True": "import sys; sys.exit(True)",
    "exit with text": "import sys; sys.exit('that went wrong')",
    "exit with an object": "import sys; sys.exit(['a', 1])",
    "raise SystemExit in a function": """
        def deep(): raise SystemExit(3)
        deep()
    """,
    "os._exit": "import os; print('x'); os._exit(9)",
    "exception": """
        def inner(): 1 / 0
        inner()
    """,
    "chained exception": """
        try:
            {}["missing"]
        except KeyError as error:
            raise ValueError("bad") from error
    """,
    "exception of one's own": """
        class Trouble(Exception):
            def __str__(self): return "trouble"
        raise Trouble
    """,
    "syntax error": "print('never')\nif True print('x')\n",
    "indentation error": "def f():\nreturn 1\n",
    "syntax error in an import": """
        open("broken.py", "w").write("x = = 1")
        import broken
    """,
    "unknown module": "import no_such_module_anywhere",
    "recursion": """
        import sys
        def f(): f()
        try: f()
        except RecursionError as error: print("recursion", error)
    """,
    "excepthook": """
        import sys
        sys.excepthook = lambda kind, value, trace: print("hook", kind.__name__, value, trace is not None)
        raise ValueError("x")
    """,
    "excepthook that fails": """
        import sys
        def hook(kind, value, trace): raise RuntimeError("in the hook")
        sys.excepthook = hook
        raise ValueError("x")
    """,
    "keyboard interrupt": "raise KeyboardInterrupt",
    "killed by a signal": "import os, signal; os.kill(os.getpid(), signal.SIGUSR1)",
    "sigpipe is ignored": """
        import os
        r, w = os.pipe(); os.close(r)
        try: os.write(w, b"x")
        except BrokenPipeError: print("broken pipe, alive")
    """,
    "atexit": """
        import atexit, sys
        atexit.register(print, "first registered, last run")
        atexit.register(lambda: print("last registered, first run"))
        sys.exit(4)
    """,
    "failing atexit": """
        import atexit
        def bad(): raise ValueError("at exit")
        atexit.register(print, "still runs")
        atexit.register(bad)
    """,
    "threads are waited for": """
        import threading, time
        def work(): time.sleep(0.1); print("thread done")
        threading.Thread(target=work).start()
        print("main done", threading.current_thread() is threading.main_thread(), threading.active_count())
    """,
    "daemon threads are not": """
        import threading, time
        def work():
            while True: time.sleep(0.001)
        threading.Thread(target=work, daemon=True).start()
        print("main done")
    """,
    "unclosed files are written": """
        import atexit
        stream = open("unclosed.txt", "w")
        stream.write("all of it")
    """,
    "del at exit": """
        class Thing:
            def __del__(self): print("deleted")
        thing = Thing()
        loop = Thing(); loop.self = loop
    """,
    "c output is flushed": """
        import ctypes
        ctypes.CDLL(None).printf(b"from C")
    """,
    "multiprocessing fork": """
        import multiprocessing, os
        def work(n): return n * n
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(work, range(4)))
    """,
    "multiprocessing spawn": """
        import multiprocessing
        def work(n): return n * n
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, range(4)))
    """,
    "concurrent futures": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(2) as pool:
            print(list(pool.map(abs, [-1, 2])))
    """,
    "subprocess": """
        import subprocess, sys
        print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout)
    """,
    "pickle of main": """
        import pickle
        class A: pass
        print(pickle.loads(pickle.dumps(A())).__class__ is A, A.__module__)
    """,
    "imports beside the script": """
        open("helper.py", "w").write("print('helper', __name__); value = 3")
        import helper
        print(helper.value)
    """,
    "a file that shadows the standard library": """
        import json
        print(getattr(json, "mine", "the library's"))
    """,
    "warnings": """
        import warnings
        warnings.warn("careful")
        def f(): warnings.warn("from f", DeprecationWarning, stacklevel=2)
        f()
    """,
    "inspect source": """
        import inspect
        def f(): return 1
        print(inspect.getsource(f), [frame.function for frame in inspect.stack()][:1])
    """,
    "encoding cookie": "# -*- coding: latin-1 -*-\nprint('caf\\xe9')\n",
    "faulthandler": """
        import faulthandler
        print(faulthandler.is_enabled())
    """,
    "random is not shared": """
        import random, sys
        print("random" in sys.modules, isinstance(random.random(), float))
    """,
    "gc": "import gc; print(gc.isenabled(), gc.get_threshold())",
    "locale and time": """
        import locale, time, os
        print(locale.getlocale(), time.tzname, locale.setlocale(locale.LC_ALL))
    """,
    "limits and umask": """
        import resource, os
        print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))
        mask = os.umask(0); print(oct(mask))
    """,
    "stdout closed by the script": """
        import sys
        print("before")
        sys.stdout.close()
    """,
    "dataclasses and typing": """
        from __future__ import annotations
        import dataclasses, typing
        @dataclasses.dataclass
        class P:
            x: int
            y: typing.List[int]
        print(P(1, [2]), typing.get_type_hints(P))
    """,
}


def _as_from_a_terminal() -> None:
    """Ignore nothing: tests may themselves run under nohup, or in the background of a shell, which ignores more."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def _bare(job: Job, source_folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    log = source_folder.parent / "bare.txt"
    with log.open("ab") as stream:
        code = subprocess.run(
            [job.order.launch.interpreter, "-u", "script.py", *job.order.launch.arguments],
            cwd=source_folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            check=False,
            preexec_fn=_as_from_a_terminal,
        ).returncode
    return code, log.read_text("utf-8", "replace")


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_a_script_behaves_as_if_started_by_hand(name: str, mode: str, make_job, tmp_path: Path) -> None:
    _compare(name, mode, make_job, tmp_path)


@pytest.mark.parametrize("job_python", interpreters(but_this=True), indirect=True)
def test_every_script_does_so_in_every_interpreter(mode: str, make_job, tmp_path: Path) -> None:
    def compare(name: str) -> str:
        try:
            _compare(name, mode, make_job, tmp_path / name.replace("/", " "))
        except AssertionError as error:
            return f"{name}: {error}"
        return ""

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert [text for text in pool.map(compare, SCRIPTS) if text] == []


def _compare(name: str, mode: str, make_job, tmp_path: Path) -> None:
    job = make_job(SCRIPTS[name], "--x", "a b", "ü", mode=mode, MY_VARIABLE="1", TZ="Asia/Tokyo")
    bare = tmp_path / "bare" / "work"
    bare.mkdir(parents=True)
    for file in job.work.iterdir():
        (bare / file.name).write_bytes(file.read_bytes())
    if "shadows" in name:
        for folder in (job.work, bare):
            (folder / "json.py").write_text("mine = 'mine'")
    environment = {**baseline_environment(LIBRARY), "MY_VARIABLE": "1", "TZ": "Asia/Tokyo"}
    environment["AZUD_ATTEMPT_DIR"] = job.attempt.folder
    code, output = _bare(job, bare, environment)

    ended = job.run()

    status = ended.exit_code if ended.signal is None else -_number(ended.signal)
    expected = output.replace(str(bare.parent), job.attempt.folder)
    assert (status, _comparable(job.log)) == (code, _comparable(expected))
    for file in bare.glob("*.txt"):
        assert (job.work / file.name).read_text() == file.read_text()


def _number(name: str) -> int:
    import signal

    return int(signal.Signals[name])


def _comparable(text: str) -> str:
    import re

    return re.sub(r"0x[0-9a-f]+", "0x", text)


def test_the_log_grows_while_the_job_runs(mode: str, make_job, tmp_path: Path) -> None:
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    job = make_job(
        """
        import sys
        print("line one"); print("part", end="")
        open(sys.argv[1]).read()
        """,
        str(fifo),
        mode=mode,
    ).start()
    with fifo.open("w"):  # opens when the script does, after it has printed
        assert job.log == "line one\npart"
    assert job.wait().exit_code == 0


def test_an_exit_code_that_is_no_c_long_counts_as_failure(mode: str, make_job) -> None:
    assert make_job("import sys; sys.exit(2**70)", mode=mode).run().exit_code == 255


def test_the_stack_of_a_job_is_short(make_job) -> None:
    job = make_job("import inspect; print(len(inspect.stack()))")
    job.run()
    assert int(job.log) <= 8


def test_a_missing_script_is_reported_as_python_does(mode: str, make_job) -> None:
    job = make_job("", mode=mode)
    (job.work / "script.py").unlink()
    assert job.run().exit_code == 2
    assert "can't open file" in job.log


def test_a_missing_interpreter_is_named(make_job) -> None:
    job = make_job("", mode="exec", interpreter="/nowhere/python")
    assert job.run().exit_code == 127
    assert "/nowhere/python" in job.log


def test_a_missing_working_folder_is_named(mode: str, make_job) -> None:
    job = make_job("", mode=mode)
    (job.work / "script.py").unlink()
    job.work.rmdir()
    assert job.run().exit_code == 127
    assert str(job.work) in job.log


def test_a_script_in_a_subfolder_finds_its_neighbours(mode: str, make_job) -> None:
    job = make_job("import os, near; print(near.x, os.getcwd(), __file__)", mode=mode, script="sub/run.py")
    (job.work / "sub" / "near.py").write_text("x = 5")
    assert job.run().exit_code == 0
    assert job.log == f"5 {job.work} {job.work}/sub/run.py\n"


def test_a_script_whose_name_looks_like_an_option_runs(mode: str, make_job) -> None:
    assert make_job("print('ran')", mode=mode, script="-c.py").run().exit_code == 0


def test_jobs_of_one_server_do_not_share_randomness(make_job) -> None:
    logs = set()
    for _ in range(3):
        job = make_job("import random; print(random.random())")
        job.run()
        logs.add(job.log)
    assert len(logs) == 3


def test_one_job_leaves_nothing_to_the_next(make_job) -> None:
    first = make_job("import os, sys, json; os.environ['LEFT'] = '1'; sys.left = 1; json.left = 1; os.umask(0o77)")
    second = make_job(
        "import os, sys, json; print(os.environ.get('LEFT'), hasattr(sys, 'left'), hasattr(json, 'left'))"
    )
    first.run()
    second.run()
    assert second.log == "None False False\n"
