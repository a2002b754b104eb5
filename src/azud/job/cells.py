"""The code cells of a Jupyter notebook as Python, for whoever runs or reads them without Jupyter.

Standard library only, on CPython 3.9 and later: notebooks run in the user's interpreter.

Source: nbformat 3 and 4 (https://nbformat.readthedocs.io), IPython's magics.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

_LINE_MAGIC = re.compile(r"^(\s*)(%[A-Za-z_]|!|\?)|^\s*[\w.]+\?{1,2}\s*$")
_ASSIGNED_MAGIC = re.compile(r"^(\s*[\w, ]+=\s*)(%[A-Za-z_]|!)(.*)$")
_TIMED = re.compile(r"^(\s*)%time\s+(\S.*)$")
_CELL_MAGIC = re.compile(r"^\s*%%(\w+)[ \t]*(.*)$")

TRANSPARENT = ("time", "timeit", "capture", "prun")
"""Cell magics whose cell is Python that runs as it would without them."""


class NotANotebookError(ValueError):
    """A file is not a notebook of Python; the message says why."""


class Cell:
    """A code cell.

    Args:
        number: Its place among the code cells, from 1: what Jupyter shows beside it when all run in order.
        source: Its text.
    """

    def __init__(self, number: int, source: str) -> None:
        """Keep them."""
        self.number = number
        self.source = source

    def cell_magic(self) -> Optional[Tuple[str, str, str]]:
        """Return name, argument and body of the magic that the whole cell is under, if it is under one."""
        lines = self.source.split("\n")
        start = next((index for index, line in enumerate(lines) if line.strip()), 0)
        found = _CELL_MAGIC.match(lines[start])
        if not found:
            return None
        # Blank lines keep the line numbers of the cell.
        return found[1], found[2].strip(), "\n" * (start + 1) + "\n".join(lines[start + 1 :])


def read_cells(text: str) -> List[Cell]:
    """Return the code cells of a notebook's text.

    Raises:
        NotANotebookError: The text is no notebook, or one of another language.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise NotANotebookError(f"it is not JSON ({error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise NotANotebookError("it has no nbformat, so it is no notebook")
    language = _language(content)
    if language and not language.lower().startswith(("python", "ipython")):
        raise NotANotebookError(f"it is a notebook of {language}, not of Python")
    return [Cell(number, source) for number, source in enumerate(_sources(content), 1)]


def python_of(source: str) -> Tuple[str, List[Tuple[int, str]]]:
    """Return a cell's text with every magic line replaced by one that does nothing, and those lines with their numbers.

    Line numbers stay what they were. What is assigned from a magic becomes None, and `%time` gives the statement that
    it times. A line is a magic only where Python stumbles over it, so that text in strings is left alone.
    """
    lines = source.split("\n")
    magics: List[Tuple[int, str]] = []
    for _ in range(len(lines)):
        stumble = _first_error("\n".join(lines))
        if stumble is None or not 1 <= stumble <= len(lines) or not _is_magic(lines[stumble - 1]):
            break
        if not _is_timed(lines, stumble - 1):
            magics.append((stumble, lines[stumble - 1].strip()))
            _blank(lines, stumble - 1)
    return "\n".join(lines), sorted(magics)


def _is_magic(line: str) -> bool:
    return bool(_ASSIGNED_MAGIC.match(line) or _LINE_MAGIC.match(line))


def _is_timed(lines: List[str], index: int) -> bool:
    """Replace `%time statement` by the statement."""
    found = _TIMED.match(lines[index])
    if found:
        lines[index] = found[1] + found[2]
    return bool(found)


def _blank(lines: List[str], index: int) -> None:
    """Replace a magic, and the lines on which it goes on after a backslash."""
    line = lines[index]
    assigned = _ASSIGNED_MAGIC.match(line)
    indent = line[: len(line) - len(line.lstrip())]
    lines[index] = f"{assigned[1]}None" if assigned else f"{indent}pass"
    while line.rstrip().endswith("\\") and index + 1 < len(lines):
        index += 1
        line, lines[index] = lines[index], ""


def _first_error(source: str) -> Optional[int]:
    """Return the line, from 1, that is no Python; None if all is."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whoever runs the cell is warned then
            compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        return error.lineno or 0
    except ValueError:
        return 0  # a null character
    return None


def _language(content: Dict[str, Any]) -> str:
    metadata = content.get("metadata") or {}
    found = (metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language")
    return str(found or "")


def _sources(content: Dict[str, Any]) -> Iterator[str]:
    sheets = content.get("worksheets") or [content]  # format 3 has sheets
    for sheet in sheets:
        for cell in sheet.get("cells") or []:
            if cell.get("cell_type") == "code":
                source = cell.get("source", cell.get("input", ""))
                yield "".join(source) if isinstance(source, list) else str(source)
