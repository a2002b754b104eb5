"""Which files of a file dataset its operations leave: the same in a step's inputs and where the SDK reads.

An operation is `{"op": …}`: `skip` and `take` with `count`; `sample`, `split_first` and `split_second` with
`probability` and `seed`; `filter` with `expression`, which is

    ["and", e, e], ["or", e, e], ["not", e]
    ["==" | "!=" | "<" | "<=" | ">" | ">=", field, value]

with field `Size` (bytes), `Extension` (`.csv`, "" if there is none) or `LastModifiedTime` (seconds since 1970, UTC).
"""

from __future__ import annotations

import operator
import os
from typing import Any, Callable, Dict, Iterable, List, Sequence, Tuple, TypeVar

from azud.core.errors import DefinitionError

Files = List[Tuple[str, str]]
T = TypeVar("T")

_COMPARISONS: Dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _extension(path: str) -> str:
    return os.path.splitext(path)[1]


FIELDS: Dict[str, Callable[[str], Any]] = {
    "Size": os.path.getsize,
    "Extension": _extension,
    "LastModifiedTime": os.path.getmtime,
}
"""What can be asked of a file, by v1's name."""


def local_fact(path: str, name: str) -> Any:
    """Return what is asked of a local file; see `FIELDS`."""
    return FIELDS[name](path)


def selected_files(
    files: List[Tuple[T, str]], operations: Iterable[Dict[str, Any]], fact: Callable[[Any, str], Any] = local_fact
) -> List[Tuple[T, str]]:
    """Return the files that the operations leave, in order.

    Args:
        files: `(absolute path, relative name)`, in the order of the dataset.
        operations: In order.
        fact: Returns a fact of a file (see `FIELDS`) that is given by something else than its local path.

    Raises:
        DefinitionError: An operation or an expression is not for files.
        OSError: A file that is asked for its size or time is gone.
    """
    for operation in operations:
        if operation["op"] == "skip":
            files = files[operation["count"] :]
        elif operation["op"] == "take":
            files = files[: operation["count"]]
        elif operation["op"] in ("sample", "split_first", "split_second"):
            keep = chosen_rows(len(files), operation)
            files = [item for item, kept in zip(files, keep) if kept]
        elif operation["op"] == "filter":
            files = [item for item in files if holds(operation["expression"], item[0], fact)]
        else:
            raise DefinitionError(f"operation {operation['op']!r} is not for files")
    return files


def chosen_rows(count: int, operation: Dict[str, Any]) -> List[bool]:
    """Return for each of `count` rows whether a random operation keeps it; the same for the same seed."""
    import random  # here: it costs more than the module, and most datasets are read whole

    generator = random.Random(operation["seed"])  # noqa: S311 - a sample, not a secret
    drawn = [generator.random() < operation["probability"] for _ in range(count)]
    return [not kept for kept in drawn] if operation["op"] == "split_second" else drawn


def holds(expression: Sequence[Any], file: Any, fact: Callable[[Any, str], Any] = local_fact) -> bool:
    """Return whether an expression holds for a file.

    Raises:
        DefinitionError: It is not one.
    """
    word = expression[0] if expression else None
    if word == "not":
        return not holds(expression[1], file, fact)
    if word == "and":
        return holds(expression[1], file, fact) and holds(expression[2], file, fact)
    if word == "or":
        return holds(expression[1], file, fact) or holds(expression[2], file, fact)
    if word not in _COMPARISONS or expression[1] not in FIELDS:
        raise DefinitionError(f"{expression!r} is no expression about files")
    return _COMPARISONS[word](fact(file, expression[1]), expression[2])
