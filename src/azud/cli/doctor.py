"""`azud doctor`: what on this machine could stop azud or make it slow, each with what to do.

Every check is a function from the facts it needs to one or more `Check`s; it looks, and changes nothing.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import platform
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from azud.adapters.stores import sqlite
from azud.cli import output, text
from azud.cli.probing import ask
from azud.cli.run import resolve_interpreter
from azud.cli.workspace import server_answer
from azud.client.homes import Home, find_home, registry_path
from azud.client.library import library_path
from azud.client.places import cache_folder, socket_path
from azud.core.errors import AzudError, NotFoundError, StorageError

OK, WARN, FAIL = "ok", "warn", "fail"

_PROBE_TIMEOUT_S = 20
_LITTLE_SPACE_BYTES, _NO_SPACE_BYTES = 2 << 30, 200 << 20
# File systems on which locks or fsync do not mean what SQLite needs.
_NETWORK_TYPES = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "afs", "ceph", "lustre", "glusterfs")

_PROBE = """
import importlib.util, json, os, sys
child = os.fork() if hasattr(os, "fork") else None
if child == 0:
    os._exit(7)
status = os.waitpid(child, 0)[1] if child else None
found = [p for p in sys.path if os.path.isdir(p)]
real = sorted({os.path.join(p, n) for p in found for n in os.listdir(p)
               if n.lower().startswith("azureml_core-") or n.endswith("-nspkg.pth") and n.startswith("azureml")})
ours = sorted({os.path.join(p, n) for p in found for n in os.listdir(p) if n.startswith("azud_azureml-")})
print(json.dumps({"version": list(sys.version_info[:3]), "implementation": sys.implementation.name,
                  "forks": status is not None and os.WEXITSTATUS(status) == 7, "azureml": real, "ours": ours}))
"""


@dataclasses.dataclass(frozen=True)
class Check:
    """What one look found: `state` is `ok`, `warn` or `fail`; `hint` says what to do about it."""

    name: str
    state: str
    detail: str
    hint: str = ""


def main(folder: str | None, *, python: str | None, as_json: bool) -> int:
    """Print every check; 1 if any failed."""
    checks = list(run_checks(folder, python))
    if as_json:
        output.as_json([dataclasses.asdict(check) for check in checks])
    else:
        output.table(("", "check", "found"), ((check.state, check.name, check.detail) for check in checks))
        for check in checks:
            if check.state != OK and check.hint:
                output.note(f"{check.name}: {check.hint}")
    return 1 if any(check.state == FAIL for check in checks) else 0


def run_checks(folder: str | None, python: str | None) -> Iterator[Check]:
    """Yield the checks in the order in which they matter."""
    home, workspace = _workspace(folder)
    yield _own_python()
    yield _sqlite()
    yield from _user_python(python)
    yield _library()
    yield workspace
    if home is not None:
        yield _permissions(home)
        yield _file_system(home.path, _mounts())
        yield _journal(home)
        yield _space(home.path)
        yield _socket(home)
        yield _server(home)
    yield from _user_folders()
    yield from _settings(home)


def _workspace(folder: str | None) -> tuple[Home | None, Check]:
    try:
        home = find_home(folder)
    except NotFoundError as error:
        return None, Check("workspace", WARN, error.message, error.hint or "")
    except AzudError as error:
        return None, Check("workspace", FAIL, error.message, error.hint or "")
    return home, Check("workspace", OK, f"{home.names.workspace_name} in {os.path.dirname(home.path)}")


def _own_python() -> Check:
    from azud import __version__

    detail = f"azud {__version__}, Python {platform.python_version()} at {sys.executable}, {platform.platform()}"
    if not sys.platform.startswith("linux"):
        return Check("azud", WARN, detail, "azud is tested on Linux only")
    return Check("azud", OK, detail)


def _sqlite(version: tuple[int, int, int] | None = None) -> Check:
    found = version or sqlite3.sqlite_version_info
    detail = f"SQLite {sqlite.dotted(found)}"
    try:
        sqlite.check_version(found)
    except StorageError as error:
        return Check("sqlite", FAIL, detail, error.hint or "")
    if not sqlite.mended(found):
        detail += " (safe with azud's one writer; do not write to azud.db with other programs while a server runs)"
    return Check("sqlite", OK, detail)


def _journal(home: Home) -> Check:
    mode = sqlite.journal_of(os.path.join(home.path, "azud.db"))
    if mode is None:
        return Check("journal", OK, "no database yet; the first server makes it")
    if mode != sqlite.WAL:
        return Check(
            "journal",
            WARN,
            "a rollback journal: WAL did not work where the workspace lies",
            "keep workspaces on a local disk; commits are safe here, and slower",
        )
    return Check("journal", OK, "WAL, every commit synced")


def _user_python(choice: str | None) -> Iterator[Check]:
    try:
        interpreter = resolve_interpreter(choice, os.environ)
    except AzudError as error:
        yield Check("your python", FAIL, error.message, error.hint or "")
        return
    facts, problem = _probe(interpreter)
    if facts is None:
        yield Check("your python", FAIL, f"{interpreter} cannot be used: {problem}", "choose another with --python")
        return
    version = ".".join(map(str, facts["version"]))
    detail = f"{facts['implementation']} {version} at {interpreter}"
    old = tuple(facts["version"]) < (3, 9)
    yield Check(
        "your python", FAIL if old else OK, detail, "programs and steps need Python 3.9 or later" if old else ""
    )
    if facts["forks"]:
        yield Check("fork", OK, "this Python can fork, so steps start from a warm process")
    else:
        yield Check("fork", WARN, "this Python cannot fork", "steps start slower; see setting 'launch'")
    if facts["azureml"]:
        yield _azures_own_sdk(interpreter, facts)
    elif facts["ours"]:
        yield Check("azureml", OK, "plain python and Jupyter find azud's azureml package in this environment")


def _azures_own_sdk(interpreter: str, facts: dict[str, Any]) -> Check:
    detail = f"Azure's own SDK is installed in this environment: {facts['azureml'][0]}"
    remove = f"{interpreter} -m pip uninstall azureml-core, and the other azureml-* distributions"
    if facts["ours"]:
        return Check(
            "azureml-core",
            FAIL,
            f"{detail}, and so is azud-azureml, in the same folder azureml",
            f"{remove}; then {interpreter} -m pip install --force-reinstall --no-deps azud-azureml",
        )
    return Check(
        "azureml-core",
        WARN,
        detail,
        "azud run and azud's kernels put their azureml package in front of it; plain python in this environment talks "
        f"to Azure, whose support for it has ended. If nothing needs that any more: {remove}",
    )


def _probe(interpreter: str) -> tuple[dict[str, Any] | None, str]:
    try:
        answer = ask(interpreter, _PROBE, timeout_s=_PROBE_TIMEOUT_S, point="cli.doctor.probe")
    except OSError as error:
        return None, str(error)
    except subprocess.TimeoutExpired:
        return None, f"it did not answer within {_PROBE_TIMEOUT_S} s"
    if answer.code != 0:
        return None, text.one_line(answer.complaint.decode("utf-8", "replace"))[-200:]
    facts: dict[str, Any] = json.loads(answer.output)
    return facts, ""


def _library() -> Check:
    try:
        return Check("azureml package", OK, library_path())
    except AzudError as error:
        return Check("azureml package", FAIL, error.message, error.hint or "")


def _permissions(home: Home) -> Check:
    facts = os.stat(home.path)
    if not os.access(home.path, os.W_OK | os.X_OK):
        return Check("permissions", FAIL, f"{home.path} cannot be written", "give yourself write permission")
    if stat.S_IMODE(facts.st_mode) & 0o022:
        return Check("permissions", WARN, f"others may write to {home.path}", f"chmod go-w {home.path}")
    return Check("permissions", OK, f"{home.path} is yours, mode {stat.S_IMODE(facts.st_mode):04o}")


def _mounts() -> list[tuple[str, str]]:
    """Return `(mount point, file system type)` of every mount, as Linux lists them; empty elsewhere."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
            rows = [row.split() for row in stream]
    except FileNotFoundError:
        return []
    return [(_unescaped(row[4]), row[row.index("-") + 1]) for row in rows]


def _unescaped(mount_point: str) -> str:
    for code in ("040", "011", "012", "134"):
        mount_point = mount_point.replace(f"\\{code}", chr(int(code, 8)))
    return mount_point


def _file_system(path: str, mounts: list[tuple[str, str]]) -> Check:
    inside = [mount for mount in mounts if path == mount[0] or path.startswith(mount[0].rstrip("/") + "/")]
    if not inside:
        return Check("file system", OK, "unknown kind")
    point, kind = max(enumerate(inside), key=lambda item: (len(item[1][0]), item[0]))[1]
    if kind in _NETWORK_TYPES:
        return Check(
            "file system",
            WARN,
            f"the workspace lies on {kind} (mounted at {point})",
            "keep workspaces on a local disk: locks and writes on network file systems are slow and less safe",
        )
    return Check("file system", OK, f"{kind} (mounted at {point})")


def _space(path: str) -> Check:
    try:
        free = shutil.disk_usage(path).free
    except OSError as error:
        return Check("disk space", FAIL, f"cannot be read: {error}")
    detail = f"{text.size(free)} free"
    if free < _NO_SPACE_BYTES:
        return Check("disk space", FAIL, detail, "free space on this disk before you run anything")
    if free < _LITTLE_SPACE_BYTES:
        return Check("disk space", WARN, detail, "outputs, logs and snapshots need space: free some soon")
    return Check("disk space", OK, detail)


def _socket(home: Home) -> Check:
    try:
        return Check("socket", OK, socket_path(home.path))
    except AzudError as error:
        return Check("socket", FAIL, error.message, error.hint or "")


def _server(home: Home) -> Check:
    from azud import __version__

    answer = server_answer(home)
    if answer is None:
        return Check("server", OK, "not running; the next command that needs it starts it")
    detail = f"running, version {answer.get('version')}, process {answer.get('pid')}"
    if answer.get("version") != __version__:
        return Check("server", WARN, detail, f"this is azud {__version__}: azud server stop lets it take over")
    return Check("server", OK, detail)


def _user_folders() -> Iterator[Check]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and not os.path.isdir(runtime):
        yield Check("XDG_RUNTIME_DIR", WARN, f"{runtime} does not exist", "sockets go to /tmp instead")
    places: tuple[tuple[str, Callable[[], str]], ...] = (
        ("registry", lambda: os.path.dirname(registry_path())),
        ("cache", cache_folder),
    )
    for name, place in places:
        folder = place()
        nearest = folder
        while not os.path.exists(nearest):
            nearest = os.path.dirname(nearest)
        if os.access(nearest, os.W_OK | os.X_OK):
            yield Check(name, OK, folder)
        else:
            yield Check(name, FAIL, f"{folder} cannot be written", "check permissions, or set the XDG variables")


def _settings(home: Home | None) -> Iterator[Check]:
    # Late: pydantic takes longer to import than all the other checks take to run.
    settings = importlib.import_module("azud.settings")
    try:
        found = settings.load_settings(home.path if home else None)
    except AzudError as error:
        yield Check("settings", FAIL, error.message, error.hint or "")
        return
    origins = settings.setting_origins(home.path if home else None)
    values = ", ".join(f"{name} = {value} ({origins[name]})" for name, value in found.model_dump().items())
    yield Check("settings", OK, values)
