"""Operations whose order decides what survives a crash, each one a named fail point.

This is the only module of azud that renames, links, fsyncs, claims, commits, forks, spawns or execs (a test
reads the sources and says so). Each call takes `point`, a name that is unique in azud, and passes
`<point>:before` and `<point>:after`. With `AZUD_FAIL_POINT` set when azud is imported, the process kills
itself (SIGKILL) when it passes that name, or, for `name#N`, when it passes it for the N-th time; several names are
separated by commas. With `AZUD_FAIL_ONCE`, the beginning of a path, only the first process at a name does so: the
one that can make the file of that beginning and the name.
`AZUD_FAIL_LOG` names a file to which every name that is passed is appended. Unset, a point costs nothing.
"""

from __future__ import annotations

import errno
import os
import signal
from typing import IO, TYPE_CHECKING, Any, Callable, List, Mapping, NoReturn, Optional, Sequence, TypeVar, Union

if TYPE_CHECKING:
    import subprocess

from azud.core import native

T = TypeVar("T")
Stdio = Union[int, IO[Any], None]

FAIL_POINT_VARIABLE = "AZUD_FAIL_POINT"
FAIL_LOG_VARIABLE = "AZUD_FAIL_LOG"
FAIL_ONCE_VARIABLE = "AZUD_FAIL_ONCE"
FAIL_VARIABLES = (FAIL_POINT_VARIABLE, FAIL_LOG_VARIABLE, FAIL_ONCE_VARIABLE)

_FILES_SYNCED_SINGLY = 32

_hits: dict[str, int] = {}


def _hit(name: str) -> None:
    if _FAIL_LOG:
        descriptor = os.open(_FAIL_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, f"{name}\n".encode())
        finally:
            os.close(descriptor)
    if name in _WANTED:
        _hits[name] = _hits.get(name, 0) + 1
        if _hits[name] == _WANTED[name] and _is_first(name):
            os.kill(os.getpid(), signal.SIGKILL)


def _is_first(name: str) -> bool:
    """Return whether no other process has killed itself here before, if only one is to."""
    if not _FAIL_ONCE:
        return True
    try:
        os.close(os.open(_FAIL_ONCE + name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    return True


def _parse(points: str) -> dict[str, int]:
    """Return at which pass of which names this process is to die."""
    parts = [part.partition("#") for part in points.split(",") if part]
    return {name: int(count or "1") for name, _, count in parts}


def _no_hit(name: str) -> None:
    """Fail points are off."""


_FAIL_POINT = os.environ.get(FAIL_POINT_VARIABLE, "")
_FAIL_LOG = os.environ.get(FAIL_LOG_VARIABLE, "")
_FAIL_ONCE = os.environ.get(FAIL_ONCE_VARIABLE, "")
_WANTED = _parse(_FAIL_POINT)

fail_point: Callable[[str], None] = _hit if _FAIL_POINT or _FAIL_LOG else _no_hit
"""Pass the fail point of this name: kill this process here if a test asked for it."""


def _around(point: str, action: Callable[[], T]) -> T:
    fail_point(f"{point}:before")
    result = action()
    fail_point(f"{point}:after")
    return result


def fsync_file(file: Union[str, int]) -> None:
    """Return once the bytes of an open descriptor, or of the file at a path, are on disk.

    Raises:
        OSError: The file cannot be opened, or the disk refused.
    """
    if isinstance(file, int):
        os.fsync(file)
        return
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_dir(path: str) -> None:
    """Return once the names in a folder are on disk.

    Raises:
        OSError: The folder cannot be opened, or the disk refused.
    """
    descriptor = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems know no fsync of folders; the names are theirs to keep.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def sync_files(paths: Sequence[str], *, folder: str, point: str) -> None:
    """Return once the bytes of these files, all on `folder`'s file system, are on disk.

    Many files cost one sync of the whole file system, where the system has such a call.

    Raises:
        OSError: A file cannot be opened, or the disk refused.
    """
    fail_point(f"{point}:before")
    if len(paths) <= _FILES_SYNCED_SINGLY or not _sync_file_system(folder):
        for path in paths:
            fsync_file(path)
    fail_point(f"{point}:after")


def _sync_file_system(folder: str) -> bool:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return native.sync_file_system(descriptor)
    finally:
        os.close(descriptor)


def _write_temporary(path: str, data: bytes, mode: int, sync: bool) -> str:
    """Write a complete file beside `path`, fsynced if `sync`, and return its name."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def replace_file(path: str, data: bytes, *, point: str, mode: int = 0o600, sync: bool = True) -> None:
    """Make `path` hold exactly `data`, on disk; a reader sees the old content or the new, never a mixture.

    With `sync=False` the file survives the death of any process, and not a loss of power: for what means
    nothing after a reboot.

    Raises:
        OSError: The folder is missing or the disk is full; `path` is then what it was.
    """
    fail_point(f"{point}:before")
    temporary = _write_temporary(path, data, mode, sync)
    try:
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    if sync:
        fsync_dir(os.path.dirname(path))
    fail_point(f"{point}:after")


def write_new(path: str, data: bytes, *, point: str) -> None:
    """Write a file whose readers take an incomplete one for a missing one; not synced.

    It survives the death of any process once this has returned. Half the price of `replace_file`.

    Raises:
        OSError: The folder is missing or the disk is full; there is no file then.
    """
    fail_point(f"{point}:before")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)
        raise
    fail_point(f"{point}:after")


def create_exclusive(
    path: str, data: bytes, *, point: str, mode: int = 0o600, sync: bool = True, sync_content: bool = True
) -> bool:
    """Claim `path`: create it with `data` unless it exists. The content is complete when the name appears.

    With `sync=False` a loss of power may undo the claim, with `sync_content=False` it may empty the file: for
    claims, and for contents, that mean nothing after a reboot.

    Returns:
        True for the one caller, ever, that created it; False if it existed.

    Raises:
        OSError: The folder is missing or the disk is full; nothing was claimed by this call.
    """
    fail_point(f"{point}:before")
    temporary = _write_temporary(path, data, mode, sync and sync_content)
    try:
        os.link(temporary, path)
        created = True
    except FileExistsError:
        created = False
    finally:
        os.unlink(temporary)
    if created and sync:
        fsync_dir(os.path.dirname(path))
    fail_point(f"{point}:after")
    return created


def rename(source: str, target: str, *, point: str, sync: bool = True) -> None:
    """Rename a file or folder within one file system and return once both parents are on disk.

    With `sync=False` the caller syncs the parents, together with those of its other renames.

    Raises:
        OSError: As `os.rename`; `EXDEV` when the two lie on different file systems.
    """
    fail_point(f"{point}:before")
    os.rename(source, target)
    if sync:
        for parent in sorted({os.path.dirname(os.path.abspath(path)) for path in (source, target)}):
            fsync_dir(parent)
    fail_point(f"{point}:after")


def make_dirs(path: str, *, point: str, sync: bool = True) -> List[str]:
    """Make a folder and those above it that are missing; their names are on disk when this returns.

    Returns:
        The folders in which a name was made, which the caller has to sync if `sync` is False.

    Raises:
        OSError: Something else than a folder is in the way, or the disk is full.
    """
    missing = []
    above = os.path.abspath(path)
    while not os.path.isdir(above):
        missing.append(above)
        above = os.path.dirname(above)
    if not missing:
        return []
    fail_point(f"{point}:before")
    parents = []
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise
        parents.append(os.path.dirname(folder))
        if sync:
            fsync_dir(parents[-1])
    fail_point(f"{point}:after")
    return parents


def link(source: str, target: str, *, point: str) -> None:
    """Give the file at `source` a second name.

    Raises:
        OSError: As `os.link`.
    """
    _around(point, lambda: os.link(source, target))


def commit(action: Callable[[], T], *, point: str) -> T:
    """Run a transaction's commit between its two fail points and return its result."""
    return _around(point, action)


def fork(*, point: str) -> int:
    """Fork; the fail points are passed by the parent only. Returns 0 in the child, its pid in the parent.

    Only single-threaded processes may fork here.
    """
    fail_point(f"{point}:before")
    pid = os.fork()
    if pid:
        fail_point(f"{point}:after")
    return pid


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    point: str,
    cwd: Optional[str] = None,
    stdin: Stdio = None,
    stdout: Stdio = None,
    stderr: Stdio = None,
    pass_fds: Sequence[int] = (),
    start_new_session: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program from an argument list (never a shell) with exactly this environment.

    The program inherits the descriptors in `pass_fds` under their numbers; all others are closed.
    `start_new_session` detaches it from this terminal and process group.

    Raises:
        OSError: The program cannot be started.
    """
    import subprocess  # costs the SDK's import 5 ms that most calls do not need

    return _around(
        point,
        lambda: subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=tuple(pass_fds),
            start_new_session=start_new_session,
        ),
    )


def exec_replace(argv: Sequence[str], env: Mapping[str, str], *, point: str) -> NoReturn:
    """Become another program; only inheritable descriptors stay open.

    Raises:
        OSError: The program cannot be started; this process goes on.
    """
    fail_point(f"{point}:before")
    os.execve(argv[0], list(argv), dict(env))  # noqa: S606 - an argument list, no shell, is the point
