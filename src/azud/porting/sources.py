"""The Python of a code base: files and notebooks below a folder, read and not run."""

from __future__ import annotations

import ast
import io
import os
import stat
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from azud.job.cells import TRANSPARENT, Cell, NotANotebookError, python_of, read_cells

_IGNORED = (
    *(".git", ".hg", ".svn", ".azud", ".azureml", ".ipynb_checkpoints", ".tox", ".nox", ".eggs", "__pycache__"),
    *("node_modules", "site-packages", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
)
_MOST_BYTES = 20 << 20


@dataclass(frozen=True)
class Place:
    """Where something stands: a file by its path below the folder, a notebook's cell (from 1), a line (from 1)."""

    file: str
    line: int
    cell: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.cell is None else f"{self.file} cell {self.cell}:{self.line}"


@dataclass(frozen=True)
class Unit:
    """A piece of Python with names of its own: a file, all cells of a notebook, or a file that a cell writes."""

    file: str
    parts: tuple[tuple[int | None, ast.Module], ...]


@dataclass(frozen=True)
class Problem:
    """Something that could not be read."""

    place: Place
    problem: str


def source_files(root: str) -> Iterator[str]:
    """Yield the paths, below a folder, of its Python files and notebooks; or the one file itself.

    Version control, environments, caches and what links lead to are left out.
    """
    if not os.path.isdir(root):
        yield os.path.basename(root)
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_ignored(os.path.join(folder, name)))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith((".py", ".ipynb")) and stat.S_ISREG(os.lstat(path).st_mode):
                yield os.path.relpath(path, root)


def read_units(root: str, file: str) -> Iterator[Unit | Problem]:
    """Yield what a file holds; what cannot be read is a `Problem`."""
    path = os.path.join(root, file) if os.path.isdir(root) else root
    try:
        text = _text(path)
    except (OSError, SyntaxError, ValueError) as error:
        yield Problem(Place(file, 1), f"it cannot be read: {error}")
        return
    if file.endswith(".ipynb"):
        yield from _notebook(file, text)
        return
    parsed = _parse(text, Place(file, 1))
    yield Unit(file, ((None, parsed),)) if isinstance(parsed, ast.Module) else parsed


def _is_ignored(path: str) -> bool:
    if os.path.basename(path) in _IGNORED or os.path.islink(path):
        return True
    return any(os.path.exists(os.path.join(path, mark)) for mark in ("pyvenv.cfg", "conda-meta"))


def _text(path: str) -> str:
    if os.path.getsize(path) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    with open(path, "rb") as stream:
        data = stream.read()
    if path.endswith(".ipynb"):
        return data.decode("utf-8-sig")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def _notebook(file: str, text: str) -> Iterator[Unit | Problem]:
    try:
        cells = read_cells(text)
    except NotANotebookError as error:
        yield Problem(Place(file, 1), str(error))
        return
    parts: list[tuple[int | None, ast.Module]] = []
    for cell in cells:
        name, source = _python(cell)
        parsed = _parse(source, Place(file, 1, cell.number))
        if isinstance(parsed, Problem):
            yield parsed
        elif name is None:
            parts.append((cell.number, parsed))
        else:
            yield Unit(f"{file} ({name})", ((cell.number, parsed),))
    yield Unit(file, tuple(parts))


def _python(cell: Cell) -> tuple[str | None, str]:
    """Return a cell's Python, with the name of the file that it goes to if it is written to one."""
    magic = cell.cell_magic()
    if magic is None:
        return None, python_of(cell.source)[0]
    name, argument, body = magic
    if name in TRANSPARENT:
        return None, python_of(body)[0]
    if name in ("writefile", "file") and argument.endswith(".py"):
        return argument.split()[-1], body
    return None, ""


def _parse(source: str, place: Place) -> ast.Module | Problem:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code: odd escapes, `is` with a number
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or place.line
        text = getattr(error, "msg", None) or str(error) or type(error).__name__
        hint = "; it looks like Python 2" if "print" in text or "exec" in text else ""
        return Problem(Place(place.file, line, place.cell), f"it is not Python 3: {text}{hint}")
