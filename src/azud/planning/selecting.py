"""Which files of a file dataset its operations leave: the same in a step's inputs and where the SDK reads.

An operation is `{"op": …}`: `skip` and `take` with `count`; `sample`, `split_first` and `split_second` with
`probability` and `seed`; `filter` with `expression`, see `azud.planning.expressions`. It asks for `Size` (bytes),
`Extension` (`.csv`, "" if there is none) and `LastModifiedTime` (seconds since 1970, UTC), and for the columns that a
partition format finds in the paths.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar

from azud.core.errors import DefinitionError
from azud.planning.expressions import evaluate, literal
from azud.planning.partitions import PartitionFormat

Files = List[Tuple[str, str]]
T = TypeVar("T")


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
    files: List[Tuple[T, str]],
    operations: Iterable[Dict[str, Any]],
    fact: Callable[[Any, str], Any] = local_fact,
    partition_format: Optional[str] = None,
) -> List[Tuple[T, str]]:
    """Return the files that the operations leave, in order.

    Args:
        files: `(absolute path, relative name)`, in the order of the dataset.
        operations: In order.
        fact: Returns a fact of a file (see `FIELDS`) that is given by something else than its local path.
        partition_format: Which columns stand in the paths.

    Raises:
        DefinitionError: An operation or an expression is not for files, or a path does not fit the format.
        OSError: A file that is asked for its size or time is gone.
    """
    partitions = PartitionFormat(partition_format) if partition_format else None
    for operation in operations:
        if operation["op"] == "skip":
            files = files[operation["count"] :]
        elif operation["op"] == "take":
            files = files[: operation["count"]]
        elif operation["op"] in ("sample", "split_first", "split_second"):
            keep = chosen_rows(len(files), operation)
            files = [item for item, kept in zip(files, keep) if kept]
        elif operation["op"] == "filter":
            files = [item for item in files if holds(operation["expression"], item, fact, partitions)]
        else:
            raise DefinitionError(f"operation {operation['op']!r} is not for files")
    return files


def chosen_rows(count: int, operation: Dict[str, Any]) -> List[bool]:
    """Return for each of `count` rows whether a random operation keeps it; the same for the same seed."""
    import random  # here: it costs more than the module, and most datasets are read whole

    generator = random.Random(operation["seed"])  # noqa: S311 - a sample, not a secret
    drawn = [generator.random() < operation["probability"] for _ in range(count)]
    return [not kept for kept in drawn] if operation["op"] == "split_second" else drawn


def holds(
    expression: Sequence[Any],
    item: Tuple[Any, str],
    fact: Callable[[Any, str], Any] = local_fact,
    partitions: Optional[PartitionFormat] = None,
) -> bool:
    """Return whether an expression holds for a file.

    Raises:
        DefinitionError: It is not one, or asks for a column that the path does not hold.
    """
    columns: Mapping[str, Any] = partitions.values(path_to_split(*item)) if partitions else {}

    def value_of(operand: Any) -> Any:
        if isinstance(operand, dict) and "column" in operand:
            if operand["column"] not in columns:
                raise DefinitionError(f"there is no column {operand['column']!r} in the paths of the files")
            return columns[operand["column"]]
        return literal(operand)

    def fact_or_value(operand: Any) -> Any:
        return fact(item[0], operand) if isinstance(operand, _Fact) else value_of(operand)

    return evaluate(_with_facts(expression), fact_or_value)


class _Fact(str):
    """The name of a fact about a file, told from a text that it is compared with."""


def _with_facts(expression: Sequence[Any]) -> List[Any]:
    if not expression:
        raise DefinitionError(f"{expression!r} is no expression about files")
    word, *parts = expression
    if word in ("and", "or", "not"):
        return [word, *[_with_facts(part) for part in parts]]
    if parts and isinstance(parts[0], str):
        if parts[0] not in FIELDS:
            raise DefinitionError(f"{list(expression)!r} is no expression about files")
        return [word, _Fact(parts[0]), *parts[1:]]
    return [word, *parts]


def path_to_split(file: Any, name: str) -> str:
    """Return the path of a file in which a partition format looks for columns.

    That is the absolute path of a file that lies where the dataset says; of one that was brought from elsewhere the
    name below the dataset's folder, for where it is kept says nothing.
    """
    path = file.replace(os.sep, "/") if isinstance(file, str) else ""
    return path if path and path.endswith(f"/{name}") else f"/{name}"
