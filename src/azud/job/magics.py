"""What becomes of IPython's magics in a notebook that runs as a program.

Where IPython can be imported, they are IPython's. Else those that only change how Jupyter looks or measures are left
out with a notice, and so is installing packages; `%cd` and `%env` do what they do, and everything else is refused by
name before its cell runs. `%%writefile`, and the cell magics that only measure or show, do not need IPython.
"""

from __future__ import annotations

import os
import re
import sys

from azud.job.cells import TRANSPARENT, Cell, python_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

_HARMLESS = (
    "matplotlib",
    "config",
    "load_ext",
    "reload_ext",
    "autoreload",
    "tensorboard",
    "timeit",
    "precision",
    "who",
)
_SHOWN = ("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG")
_INSTALLS = re.compile(r"^[!%]\s*(?:sudo\s+)?(?:\S*python\S*\s+-m\s+)?(pip3?|conda|mamba|uv)\b")
_LINE = re.compile(r"^%(\w+)\s*(.*)$")
_NAME = "_azud_magic"
_VARIABLE = re.compile(r"\$(\w+)|\{(\w+)\}")


class MagicError(Exception):
    """A magic that needs IPython; the message names it, its place, and what to do."""


class Magics:
    """Turns cells into Python that runs without Jupyter."""

    def __init__(self, namespace: Dict[str, Any]) -> None:
        """Keep the namespace of the cells: `%%writefile` puts variables of it into names of files."""
        self._namespace = namespace
        namespace[_NAME] = self._act
        self._shell: Any = None
        self._has_looked = False

    def python(self, cell: Cell, where: str) -> str:
        """Return a cell's Python, with as many lines; what its magics do at once is done.

        Args:
            cell: The cell.
            where: Names notebook and cell.

        Raises:
            MagicError: There is a magic that only IPython knows, and no IPython.
        """
        magic = cell.cell_magic()
        if magic is None:
            return self._lines(cell.source, where)
        name, argument, body = magic
        if name in TRANSPARENT:
            return self._lines(body, where)
        if name in ("writefile", "file"):
            self._write_file(argument, body)
            return ""
        if name in _SHOWN:
            _notice(f"{where}: %%{name} is not shown here")
            return ""
        shell = self._ipython()
        if shell is None:
            raise _refused(f"%%{name}", where)
        found: str = shell.transform_cell(cell.source)
        return found

    def _lines(self, source: str, where: str) -> str:
        plain, magics = python_of(source)
        if not magics:
            return plain
        shell = self._ipython()
        if shell is not None:
            transformed: str = shell.transform_cell(source)
            return transformed
        lines = plain.split("\n")
        for number, text in magics:
            if self._has_effect(text, f"{where}, line {number}"):
                lines[number - 1] = lines[number - 1].replace("pass", f"{_NAME}({text!r})")
        return "\n".join(lines)

    def _has_effect(self, text: str, where: str) -> bool:
        """Return whether a magic line does something when the cell comes to it; say so if it is left out."""
        if _INSTALLS.match(text):
            _notice(f"{where}: {text} is left out: install packages into this environment yourself")
            return False
        name, argument = _split(text)
        if text.endswith("?") or text.startswith("?") or name in _HARMLESS:
            _notice(f"{where}: {text} is left out")
            return False
        if name != "cd" and not (name == "env" and "=" in argument):
            raise _refused(text, where)
        return True

    def _act(self, text: str) -> None:
        name, argument = _split(text)
        if name == "cd":
            os.chdir(os.path.expanduser(self._filled(argument) or "~"))
        else:
            variable, _, value = argument.partition("=")
            os.environ[variable.strip()] = self._filled(value.strip())

    def _write_file(self, argument: str, body: str) -> None:
        words = argument.split()
        path = os.path.expanduser(self._filled(words[-1].strip("'\"")))
        mode = "a" if "-a" in words[:-1] or "--append" in words[:-1] else "w"
        with open(path, mode, encoding="utf-8") as stream:
            stream.write(body.lstrip("\n").rstrip("\n") + "\n")
        _notice(f"{'Appending to' if mode == 'a' else 'Writing'} {path}")

    def _filled(self, text: str) -> str:
        """Return a text with `$name` and `{name}` replaced by variables of the notebook."""

        def value(found: Any) -> str:
            name = found[1] or found[2]
            return str(self._namespace[name]) if name in self._namespace else str(found[0])

        return _VARIABLE.sub(value, text)

    def _ipython(self) -> Any:
        """Return IPython's shell on the notebook's namespace, made when the first magic asks; None without IPython."""
        if not self._has_looked:
            self._has_looked = True
            self._shell = _make_shell(self._namespace)
        return self._shell


def _split(text: str) -> Tuple[str, str]:
    """Return name and argument of a `%` line; two empty texts for another one."""
    found = _LINE.match(text)
    return (found[1], found[2]) if found else ("", "")


def _make_shell(namespace: Dict[str, Any]) -> Any:
    try:
        from IPython.core.interactiveshell import InteractiveShell  # type: ignore[import-not-found,unused-ignore]
        from traitlets.config import Config  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None

    class Shell(InteractiveShell):  # type: ignore[misc,unused-ignore]
        def enable_gui(self, gui: Any = None) -> None:
            """Do nothing: a program that runs to its end has no event loop of windows; `%matplotlib` asks for one."""

    config = Config()
    config.HistoryManager.enabled = False  # nothing of this is typed
    shell = Shell.instance(config=config, user_module=sys.modules["__main__"], user_ns=namespace)
    # It sets these for people at a prompt; here errors and values are shown by `Notebook`.
    sys.excepthook, sys.displayhook = sys.__excepthook__, sys.__displayhook__
    return shell


def _refused(text: str, where: str) -> MagicError:
    return MagicError(
        f"{where}: {text} needs IPython, which {sys.executable} does not have; install ipython, or remove it"
    )


def _notice(text: str) -> None:
    print(f"azud: {text}", file=sys.stderr)  # noqa: T201 - what the notebook's reader sees
