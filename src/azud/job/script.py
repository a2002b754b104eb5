"""A forked process becomes the user's job, as if it had been started as `python -u script.py arguments`.

Both ways of launching go through `become_job`: `exec` replaces the process by a fresh interpreter, `fork` runs
the script in this one, whose modules are warm. What differs in a forked job is listed in `run_script`.
"""

from __future__ import annotations

import atexit
import builtins
import dataclasses
import gc
import os
import signal
import sys
import time
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from types import ModuleType, TracebackType
from typing import Any, Dict, FrozenSet, List, NoReturn, Optional, Sequence, Tuple

from azud.core import durable, native
from azud.job.signals import admit_signals
from azud.job.stages import write_error

CANNOT_START = 127
"""Exit code of a job whose interpreter or folder could not be used; the log says why."""

warm_modules: FrozenSet[str] = frozenset(sys.modules)
"""Modules that were imported before the script for azud's own needs or to save time."""

warm_names: FrozenSet[str] = frozenset()
"""Their top-level names, less those that a bare interpreter has imported when it starts a script."""


def remember_modules(bare: FrozenSet[str]) -> None:
    """Note what is imported now, in a fork server that has finished importing; `bare` came by itself."""
    global warm_modules, warm_names  # noqa: PLW0603 - set once a process
    warm_modules = frozenset(sys.modules)
    warm_names = frozenset(name.partition(".")[0] for name in warm_modules - bare)


@dataclasses.dataclass(frozen=True)
class Launch:
    """What to start.

    Args:
        mode: `fork` or `exec`.
        interpreter: Absolute path of the Python to run; in `fork` mode that of this process.
        script: Path of the script, relative to `directory`.
        environment: All environment variables.
        log: Absolute path of the file that receives stdout and stderr.
        command: A line for the shell, which takes the script's place; its mode is `exec`.
    """

    mode: str
    interpreter: str
    script: str
    arguments: Tuple[str, ...]
    environment: Dict[str, str]
    directory: str
    log: str
    command: Optional[str] = None

    def argv(self) -> List[str]:
        """Return the whole command line."""
        if self.command is not None:
            return shell_line(self.command, self.arguments)
        # A script called `-x.py` would be read as an option.
        script = f"./{self.script}" if self.script.startswith("-") else self.script
        return [self.interpreter, "-u", script, *self.arguments]


def shell_line(command: str, arguments: Sequence[str]) -> List[str]:
    """Return the command line that has the shell run a user's command, with quoted words after it."""
    from shlex import quote

    shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
    return [shell, "-c", " ".join([command, *map(quote, arguments)])]


def enter_own_session(monitor_pid: int) -> None:
    """In a fresh child of a monitor: leave its session, and never outlive it."""
    os.setsid()
    native.die_with_parent(signal.SIGKILL)
    if os.getppid() != monitor_pid:
        os._exit(CANNOT_START)  # the monitor died before the line above


def become_job(launch: Launch) -> NoReturn:
    """Turn this process, which is in a session of its own, into the job; never returns."""
    try:
        _redirect(launch.log)
        admit_signals()
        os.chdir(launch.directory)
        if launch.mode == "exec" or _is_shadowed(launch):
            durable.exec_replace(launch.argv(), launch.environment, point="job.exec")
        _enter(launch)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the log says it and the process ends
        _complain(f"azud: the job cannot be started with {launch.interpreter}: {error}")
        os._exit(CANNOT_START)
    run_script(os.path.join(os.getcwd(), launch.argv()[2]))


def _complain(message: str) -> None:
    write_error(f"{message}\n")


def _redirect(log: str) -> None:
    """Make stdin empty, send stdout and stderr to the log, close everything else."""
    null = os.open(os.devnull, os.O_RDONLY)
    # Appending, because two descriptors write: neither may overwrite what the other has written.
    target = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(null, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    close_descriptors_from(3)


def close_descriptors_from(first: int, keep: Tuple[int, ...] = ()) -> None:
    """Close every open descriptor from this number on, but for those in `keep`."""
    try:
        names = os.listdir("/proc/self/fd")
    except FileNotFoundError:
        names = [str(number) for number in range(first, os.sysconf("SC_OPEN_MAX"))]
    for name in names:
        if int(name) >= first and int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                continue  # the descriptor that listed the folder


def _is_shadowed(launch: Launch) -> bool:
    """Return whether a file beside the script has the name of a module that is already imported here.

    `python script.py` would import the user's file; only a fresh interpreter can.
    """
    folder = os.path.dirname(os.path.join(launch.directory, launch.script))
    return any(name.partition(".")[0] in warm_names for name in os.listdir(folder))


def _enter(launch: Launch) -> None:
    """Give this interpreter the script's environment, arguments and import path."""
    gc.enable()
    other_zone = os.environ.get("TZ") != launch.environment.get("TZ")
    for name in os.environ.keys() - launch.environment.keys():
        del os.environ[name]
    os.environ.update(launch.environment)
    if other_zone:
        time.tzset()
    argv = launch.argv()
    sys.argv = argv[2:]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv = argv
    sys.path.insert(0, os.path.dirname(os.path.realpath(os.path.join(launch.directory, launch.script))))


def run_script(path: str) -> NoReturn:
    """Run a script as `__main__` and end the process as CPython would.

    What a forked job can see of it: modules that azud needs are imported already, string hashes are those of
    the fork server, and at the end only the script's own modules are torn down, not the libraries'.
    """
    main = ModuleType("__main__")
    namespace = main.__dict__
    namespace.update(
        __file__=path,
        __builtins__=builtins,
        __loader__=SourceFileLoader("__main__", path),
        __package__=None,
    )
    if sys.version_info < (3, 14):
        namespace.update(__annotations__={}, __cached__=None)
    sys.modules["__main__"] = main
    status, interrupted = _execute(path, namespace)
    del main
    _finish(status, namespace, os.path.dirname(path), interrupted)


def _execute(path: str, namespace: Dict[str, Any]) -> Tuple[int, bool]:
    """Run the script; returns its exit status and whether Ctrl-C ended it."""
    try:
        with open(path, "rb") as stream:
            source = stream.read()
    except OSError as error:
        _complain(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}")
        return 2, False
    try:
        code = compile(source, path, "exec", dont_inherit=True)
        del source
        exec(code, namespace)  # noqa: S102 - running the user's script is what a job is for
        return 0, False
    except BaseException as error:  # noqa: BLE001 - the interpreter's top level catches everything
        problem = error
    # Outside of the handler, so that an error in a hook does not name this one as its context.
    if isinstance(problem, SystemExit):
        return _exit_status(problem.code), False
    # This function's frame is the first of the traceback; the user's begin after it.
    own = problem.__traceback__
    _show(problem.with_traceback(own.tb_next if own else None))
    return 1, isinstance(problem, KeyboardInterrupt)


def _exit_status(code: Any) -> int:
    """Return what `sys.exit(code)` makes of its argument; text goes to stderr."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF if -(2**63) <= code < 2**63 else 0xFF
    if sys.stderr is not None:
        sys.stderr.write(f"{code}\n")
    return 1


def _show(error: BaseException) -> None:
    """Print an uncaught exception as the interpreter does."""
    kind, trace = type(error), error.__traceback__
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    hook = sys.excepthook
    try:
        hook(kind, error, trace)
        return
    except BaseException as problem:  # noqa: BLE001 - as the interpreter does
        hook_error = problem
    own: Optional[TracebackType] = hook_error.__traceback__
    hook_error = hook_error.with_traceback(own.tb_next if own else None)
    sys.stderr.write("Error in sys.excepthook:\n")
    sys.__excepthook__(type(hook_error), hook_error, hook_error.__traceback__)
    sys.stderr.write("\nOriginal exception was:\n")
    sys.__excepthook__(kind, error, trace)


def _finish(status: int, namespace: Dict[str, Any], root: str, interrupted: bool) -> NoReturn:
    """End the process in the order of `Py_FinalizeEx`."""
    # Importing it here would be for nothing, and costs every fork 0.4 ms if the fork server has it.
    threading: Any = sys.modules.get("threading")
    if threading is not None:
        try:
            threading._shutdown()  # waits for threads that are not daemons
        except BaseException as error:  # noqa: BLE001 - the interpreter prints it and goes on
            sys.excepthook(type(error), error, error.__traceback__)
    try:
        atexit._run_exitfuncs()
    except BaseException:  # noqa: BLE001, S110 - CPython 3.9 has printed it already and raises it again
        pass
    flushed = _flush()
    # From here on a daemon thread would fail at names that are gone; the interpreter freezes it instead.
    if threading is not None:
        threading.excepthook = lambda _args: None
    _tear_down(namespace, root)
    if not (_flush() and flushed):
        status = 120
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    if _has_native_code():
        native.exit_process(status)
    native.flush()
    os._exit(status)


def _has_native_code() -> bool:
    """Return whether the script loaded libraries, which may have exit handlers of their own."""
    new = sys.modules.keys() - warm_modules
    return any(isinstance(getattr(sys.modules[name], "__loader__", None), ExtensionFileLoader) for name in new)


def _flush() -> bool:
    """Flush the standard streams; returns whether stdout took everything."""
    good = True
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is None or getattr(stream, "closed", False):
            continue
        try:
            stream.flush()
        except Exception as error:  # noqa: BLE001 - a stream of the user's may raise anything
            if name == "stdout":
                good = False
                _complain(f"Exception ignored in: {stream!r}\n{type(error).__name__}: {error}")
    return good


def _tear_down(main: Dict[str, Any], root: str) -> None:
    """Drop what the script's modules hold, so that open files are written and `__del__` runs."""
    own = [main]
    for name in sys.modules.keys() - warm_modules:  # to look at the others would copy their pages
        module = sys.modules[name]
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(root + os.sep):
            own.append(vars(module))
    for names in own:
        _clear(names)
    gc.collect()


def _clear(names: Dict[str, Any]) -> None:
    """Set a module's names to None in CPython's order: single underscores first, `__builtins__` never."""
    for private in (True, False):
        for name in list(names):
            single = name.startswith("_") and not name.startswith("__")
            if name != "__builtins__" and single >= private:
                names[name] = None
