"""`azud kernel`: kernels for Jupyter and VS Code, in which notebooks find the package `azureml`.

Source: https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azud.cli import output
from azud.cli.probing import ask
from azud.cli.run import program_environment, resolve_interpreter
from azud.client.library import library_path
from azud.core import durable
from azud.core.errors import UserError

_NAME = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)
_PROBE = "import sys, ipykernel; print(*sys.version_info[:2]); print(ipykernel.__version__)"
_PROBE_TIMEOUT_S = 60
_VARIABLES = ("PYTHONPATH", "AZUD_LIBRARY_PATH", "AZUD_SERVER_PYTHON")


@dataclass(frozen=True)
class Kernel:
    """A kernel of azud's that is installed: its name, its folder, and its kernel.json."""

    name: str
    folder: str
    spec: Mapping[str, Any]

    def problem(self) -> str:
        """Say what keeps it from starting; "" if nothing does."""
        interpreter = self.spec["argv"][0]
        if not os.access(interpreter, os.X_OK):
            return f"there is no Python at {interpreter}: install it again"
        if not os.path.isdir(self.spec.get("env", {}).get("AZUD_LIBRARY_PATH", "")):
            return "azud's package folder has gone: install it again"
        return ""


def install(*, name: str, prefix: str | None, python: str | None) -> int:
    """Write a kernel of the interpreter that `azud run` would take, in place of an earlier one of azud's.

    Raises:
        UserError: The interpreter has no ipykernel, the name is not one for a kernel, or somebody else's kernel has it.
    """
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no name for a kernel", hint="use letters, digits, '.', '_' and '-'")
    interpreter = resolve_interpreter(python, os.environ)
    version = _checked_version(interpreter)
    folder = os.path.join(_kernels_folder(prefix), name)
    if os.path.lexists(folder):
        _own_kernel(name, folder)
    spec = kernel_spec(interpreter, f"{version} ({name})" if name != "azud" else version)
    durable.make_dirs(folder, point="cli.kernel.folder", sync=False)
    data = (json.dumps(spec, indent=1) + "\n").encode()
    durable.replace_file(os.path.join(folder, "kernel.json"), data, point="cli.kernel.write", mode=0o644, sync=False)
    output.line(f"kernel {name} is in {folder}")
    output.note("choose it in Jupyter or VS Code; restart what is running, so that it looks again")
    return 0


def uninstall(name: str, *, prefix: str | None) -> int:
    """Remove a kernel of azud's.

    Raises:
        UserError: There is none of this name, or it is somebody else's.
    """
    folder = os.path.join(_kernels_folder(prefix), name) if _NAME.fullmatch(name) else ""
    if not folder or not os.path.isdir(folder):
        raise UserError(f"there is no kernel {name} in {_kernels_folder(prefix)}", hint="azud kernel ls lists them")
    _own_kernel(name, folder)
    shutil.rmtree(folder)
    output.line(f"removed {folder}")
    return 0


def ls(*, prefix: str | None, as_json: bool) -> int:
    """Print the kernels of azud's, with what keeps each from starting."""
    found = list(_installed(prefix))
    if as_json:
        rows = [{"name": kernel.name, "folder": kernel.folder, "python": kernel.spec["argv"][0]} for kernel in found]
        output.as_json([{**row, "problem": kernel.problem()} for row, kernel in zip(rows, found, strict=True)])
        return 0
    output.table(
        ("name", "python", "state", "folder"),
        ((kernel.name, kernel.spec["argv"][0], kernel.problem() or "ok", kernel.folder) for kernel in found),
        empty="no kernel of azud's; azud kernel install makes one",
    )
    return 0


def kernel_spec(interpreter: str, version: str) -> dict[str, Any]:
    """Return the content of kernel.json: the interpreter's own ipykernel, with azud's packages on its path."""
    variables = program_environment({}, library_path())
    return {
        "argv": [interpreter, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"azud, Python {version}",
        "language": "python",
        "env": {name: variables[name] for name in _VARIABLES},
        "metadata": {"debugger": True, "azud": {"python": sys.executable}},
    }


def _checked_version(interpreter: str) -> str:
    """Return the version of an interpreter that has ipykernel."""
    try:
        answer = ask(interpreter, _PROBE, timeout_s=_PROBE_TIMEOUT_S, point="cli.kernel.probe")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"{interpreter} cannot be started: {error}", hint="choose another with --python") from error
    if answer.code:
        if b"ipykernel" not in answer.complaint:
            last = answer.complaint.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise UserError(f"{interpreter} cannot be used: {' '.join(last)}", hint="choose another with --python")
        raise UserError(
            f"{interpreter} has no ipykernel, which every notebook in Jupyter and VS Code needs",
            hint=f"{interpreter} -m pip install ipykernel, then azud kernel install again; azud run needs none",
        )
    major, minor = map(int, answer.output.split()[:2])
    if (major, minor) < (3, 9):
        raise UserError(f"{interpreter} is Python {major}.{minor}", hint="azud needs Python 3.9 or later")
    return f"{major}.{minor}"


def _kernels_folder(prefix: str | None) -> str:
    if prefix is not None:
        return os.path.join(os.path.abspath(os.path.expanduser(prefix)), "share", "jupyter", "kernels")
    return os.path.join(_user_data_folder(), "kernels")


def _user_data_folder() -> str:
    """Return where Jupyter keeps what one user installs."""
    given = os.environ.get("JUPYTER_DATA_DIR")
    if given:
        return given
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Jupyter")
    return os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share"), "jupyter")


def _own_kernel(name: str, folder: str) -> Kernel:
    found = _read(folder)
    if found is None:
        raise UserError(f"the kernel {name} in {folder} is not azud's", hint="choose another --name, or remove it")
    return found


def _read(folder: str) -> Kernel | None:
    """Return the kernel in a folder, or None if azud has not made it."""
    try:
        with open(os.path.join(folder, "kernel.json"), encoding="utf-8") as stream:
            spec = json.load(stream)
        is_own = "azud" in spec["metadata"] and bool(spec["argv"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return Kernel(os.path.basename(folder), folder, spec) if is_own else None


def _installed(prefix: str | None) -> Iterator[Kernel]:
    place = _kernels_folder(prefix)
    names = sorted(os.listdir(place)) if os.path.isdir(place) else []
    yield from filter(None, (_read(os.path.join(place, name)) for name in names))
