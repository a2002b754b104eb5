"""Runs a notebook's cells in order, in this process.

Standard library only: what `azud run notebook.ipynb` starts in the user's interpreter. A cell that fails ends the
program with a traceback that names cell and line, and exit code 1; `sys.exit()` ends it as in a script. The working
folder is the notebook's, as in Jupyter. `azud.job.magics` says what becomes of magics.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import sys
from types import ModuleType

from azud.job.cells import Cell, NotANotebookError, read_cells
from azud.job.magics import MagicError, Magics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

_ERROR, _USAGE, _INTERRUPTED = 1, 2, 130


def main(arguments: List[str]) -> int:
    """Run the notebook that the first argument names; return the exit code.

    Args:
        arguments: What the notebook finds as `sys.argv`.
    """
    path = arguments[0]
    try:
        with open(path, encoding="utf-8-sig") as stream:
            cells = read_cells(stream.read())
    except (OSError, UnicodeDecodeError, NotANotebookError) as error:
        print(f"azud: {path} cannot be run: {error}", file=sys.stderr)  # noqa: T201 - the program's own words
        return _USAGE
    folder = os.path.dirname(os.path.abspath(path))
    _enter(folder, arguments)
    notebook = Notebook(os.path.basename(path))
    try:
        for cell in cells:
            notebook.run(cell)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the user's program failed: say how, as Python does
        _print_error(error)
        return _ERROR
    return 0


def _enter(folder: str, arguments: List[str]) -> None:
    """Give this process the arguments, folder and import path of a notebook."""
    sys.argv = list(arguments)
    sys.path.insert(0, folder)
    os.chdir(folder)


class Notebook:
    """A notebook that runs: the namespace of its cells."""

    def __init__(self, name: str) -> None:
        """Begin an empty `__main__`, in which cells find `display`."""
        self._name = name
        self._own = sys.modules["__main__"]  # kept alive: its functions are running
        module = ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace: Dict[str, Any] = vars(module)
        self.namespace["display"] = _display
        self._magics = Magics(self.namespace)
        self._loop: Any = None

    def run(self, cell: Cell) -> None:
        """Run a cell and print the value of its last expression.

        Raises:
            Exception: What the cell raised.
        """
        filename = f"{self._name} cell {cell.number}"
        source = self._magics.python(cell, filename)
        # The traceback module asks for the lines of a file; None instead of a time keeps them from being looked up.
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        tree = ast.parse(source, filename)
        last = tree.body.pop() if _shows(tree, source) else None
        self._execute(compile(tree, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
        if isinstance(last, ast.Expr):
            expression = ast.Expression(last.value)
            value = self._execute(compile(expression, filename, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
            if value is not None:
                self.namespace["_"] = value
                _display(value)

    def _execute(self, code: Any) -> Any:
        found = eval(code, self.namespace)  # noqa: S307 - running the user's code is what this is for
        return self._finish(found) if code.co_flags & inspect.CO_COROUTINE else found

    def _finish(self, coroutine: Any) -> Any:
        import asyncio

        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(coroutine)


def _shows(tree: ast.Module, source: str) -> bool:
    """Return whether a cell's last line is an expression to show: a semicolon behind it hides the value."""
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return False
    last = tree.body[-1]
    lines = source.splitlines()[(last.end_lineno or 1) - 1 :]
    rest = lines[0].encode()[last.end_col_offset or 0 :].decode()
    return not rest.lstrip().startswith(";")


def _display(*values: Any, **options: Any) -> None:
    """Print values as Jupyter's text form does; options of its `display` have no effect."""
    for value in values:
        print(repr(value))  # noqa: T201 - the notebook's output


def _print_error(error: BaseException) -> None:
    """Print a traceback without the frames of this module."""
    import traceback

    if isinstance(error, MagicError):
        print(f"azud: {error}", file=sys.stderr)  # noqa: T201
        return
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)
