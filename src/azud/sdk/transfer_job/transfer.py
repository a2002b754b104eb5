"""Moves data from a step's input to its output or to a table, counts, and compares both sides.

The script of every `DataTransferStep`: `transfer.py --plan JSON --output PATH [--input PATH]`. Bytes come through the
step's input, which the server brings, and go through its output, which the server takes to the datastore; rows go to a
table through the server. No credential gets here.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import sys
import tempfile
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from azud.model import rows
from azud.sdk.exceptions import DatasetExecutionError, UserErrorException, translated
from azud.sdk.run import Run

_CHUNK_BYTES = 1 << 20
_TELL_EVERY_S = 5.0
_SEPARATORS = {".csv": ",", ".txt": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".ndjson")
Table = Tuple[List[str], Iterator[Sequence[Any]]]


class Progress:
    """Prints now and then how far the transfer is."""

    def __init__(self, unit: str) -> None:
        """Begin at nothing."""
        self.count, self._unit, self._told = 0, unit, time.monotonic()

    def add(self, count: int) -> None:
        """Count more."""
        self.count += count
        if time.monotonic() - self._told > _TELL_EVERY_S:
            self._told = time.monotonic()
            print(f"{self.count:,} {self._unit} so far", flush=True)


def main() -> None:
    """Do what the plan says and leave the counts as the step's metrics."""
    parser = argparse.ArgumentParser()
    for name in ("--plan", "--input", "--output"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    plan = json.loads(arguments.plan)
    run = Run.get_context()
    source = _query_file(run) if plan["source"]["kind"] == "query" else str(arguments.input)
    if plan["destination"]["kind"] == "table":
        counts = _to_table(run, plan, source)
        with open(arguments.output, "w", encoding="utf-8") as stream:
            json.dump(counts, stream, indent=2)
    elif plan["source"]["kind"] == "query":
        counts = _rows_to_file(source, plan["destination"], arguments.output)
    else:
        counts = _files(source, plan, arguments.output)
    for name, value in counts.items():
        run.log(name, value)
    told = ", ".join(f"{value:,} {name}" for name, value in counts.items())
    print(f"transferred and compared: {told}")


def _query_file(run: Any) -> str:
    """Return the local file with the rows of the step's query."""
    ((path, _name),) = run.input_datasets["source"]._files()
    return str(path)


# -- files ------------------------------------------------------------------------------------------------------


def _files(source: str, plan: Dict[str, Any], output: str) -> Dict[str, int]:
    """Copy a file or a folder; see `check_kinds` for what is asked of them."""
    asked = plan["source"]["type"], plan["destination"]["type"]
    is_file = os.path.isfile(source)
    if asked[0] is not None and is_file != (asked[0] == "file"):
        found = "a file" if is_file else "a folder"
        raise UserErrorException(f"{plan['source']['label']} is {found}, and source_reference_type is {asked[0]!r}")
    as_file = is_file if asked[1] is None else asked[1] == "file"
    if as_file and not is_file:
        raise UserErrorException(
            f"{plan['source']['label']} is a folder, and destination_reference_type is 'file'",
            hint="a folder goes to a folder: destination_reference_type='directory'",
        )
    if as_file:
        pairs = [(source, output)]
    elif is_file:
        pairs = [(source, os.path.join(output, os.path.basename(plan["source"]["path"] or source)))]
    else:
        pairs = [(path, os.path.join(output, os.path.relpath(path, source))) for path in _below(source)]
        os.makedirs(output, exist_ok=True)
    progress = Progress("bytes")
    size_bytes = sum(_copy(one, other, progress) for one, other in pairs)
    written = [output] if as_file else _below(output)
    if len(written) != len(pairs) or sum(os.path.getsize(path) for path in written) != size_bytes:
        raise DatasetExecutionError(f"{len(pairs)} files were copied and {len(written)} are there; or not whole")
    return {"files": len(pairs), "bytes": size_bytes}


def _below(folder: str) -> List[str]:
    found: List[str] = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        found.extend(os.path.join(parent, name) for name in sorted(names))
    return found


def _copy(source: str, target: str, progress: Progress) -> int:
    """Copy a file, read the copy again, and return its size in bytes.

    Raises:
        DatasetExecutionError: The copy is not what was read.
    """
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, "rb") as reading, open(target, "wb") as writing:
        before = hashlib.sha256()
        while True:
            chunk = reading.read(_CHUNK_BYTES)
            if not chunk:
                break
            before.update(chunk)
            writing.write(chunk)
            progress.add(len(chunk))
    after, size_bytes = hashlib.sha256(), 0
    with open(target, "rb") as reading:
        for chunk in iter(lambda: reading.read(_CHUNK_BYTES), b""):
            after.update(chunk)
            size_bytes += len(chunk)
    if before.digest() != after.digest():
        raise DatasetExecutionError(f"the copy of {source} is not what was read: the disk is at fault")
    return size_bytes


# -- rows to files ----------------------------------------------------------------------------------------------


def _rows_to_file(source: str, destination: Dict[str, Any], output: str) -> Dict[str, int]:
    """Write the rows of a query as CSV, TSV or JSON lines, by the ending of the destination's name."""
    name, target = os.path.basename(destination["path"]), output
    if destination["type"] == "directory" or not os.path.splitext(name)[1]:
        name, target = "rows.csv", os.path.join(output, "rows.csv")
        os.makedirs(output, exist_ok=True)
    columns, cells = _columns_of(source), _cells_of(source)
    ending = os.path.splitext(name)[1].lower()
    with open(target, "w", encoding="utf-8", errors="surrogatepass", newline="") as stream:
        if ending in _LINES:
            count = _write_lines(stream, columns, cells)
        elif ending in _SEPARATORS:
            count = _write_delimited(stream, columns, cells, _SEPARATORS[ending])
        else:
            raise UserErrorException(
                f"the rows of a query are not written as {ending} files",
                hint=f"let the destination end with {', '.join([*_SEPARATORS, *_LINES])}, or be a folder",
            )
    _names, again = _table_of(target, ending)
    _compare(count, sum(1 for _row in again), target)
    return {"rows": count, "bytes": os.path.getsize(target)}


def _compare(sent: int, there: int, place: str) -> None:
    if sent != there:
        raise DatasetExecutionError(f"{sent} rows were sent to {place}, and {there} are there")


def _write_delimited(stream: Any, columns: List[Tuple[str, str]], cells: Iterator[List[str]], separator: str) -> int:
    """Write a header and rows: NULL is an empty cell, bytes are Base64."""
    progress = Progress("rows")
    stream.write(_line([name for name, _kind in columns], separator))
    for row in cells:
        stream.write(_line([_shown(cell) for cell in row], separator))
        progress.add(1)
    return progress.count


def _line(cells: List[str], separator: str) -> str:
    """Return a line of delimited text. Python's own writer leaves a lone CR unquoted, which readers take as an end."""
    special = {separator, '"', "\n", "\r"}
    quoted = [f'"{cell.replace(chr(34), chr(34) * 2)}"' if special & set(cell) else cell for cell in cells]
    return ('""' if quoted == [""] else separator.join(quoted)) + "\n"


def _shown(cell: str) -> str:
    if "\\" not in cell:
        return cell
    if cell == rows.NULL:
        return ""
    value = rows.unescaped(cell)
    return value if isinstance(value, str) else cell[2:]


def _write_lines(stream: Any, columns: List[Tuple[str, str]], cells: Iterator[List[str]]) -> int:
    """Write an object for each row; numbers and truth values are JSON's, NULL is null, bytes are Base64."""
    progress = Progress("rows")
    readers = [(name, _JSON.get(kind, _shown)) for name, kind in columns]
    for row in cells:
        line = {name: None if cell == rows.NULL else read(cell) for (name, read), cell in zip(readers, row)}
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        progress.add(1)
    return progress.count


def _number(cell: str) -> Any:
    value = float(cell)
    return value if math.isfinite(value) else cell


_JSON: Dict[str, Callable[[str], Any]] = {
    rows.INTEGER: int,
    rows.FLOAT: _number,
    rows.BOOLEAN: lambda cell: cell == "true",
}
# Decimals stay texts, because readers of JSON make floats of numbers.


# -- rows to tables ---------------------------------------------------------------------------------------------


def _to_table(run: Any, plan: Dict[str, Any], source: str) -> Dict[str, int]:
    """Append the rows of a query, or of files, to a table; all of them or none."""
    destination = plan["destination"]
    path = f"/datastores/{destination['datastore']}/tables/{destination['table']}/rows"
    client = run.experiment.workspace._api.client
    with tempfile.TemporaryFile(dir=os.getcwd()) as spool:
        if plan["source"]["kind"] == "query":
            count = sum(1 for _row in _cells_of(source))
            with open(source, "rb") as stream, translated():
                taken = client.feed(path, stream, os.path.getsize(source))["rows"]
        else:
            count = _spool(source, spool)
            spool.seek(0)
            print(f"{count:,} rows are sent to {destination['table']}", flush=True)
            with translated():
                taken = client.feed(path, spool, os.fstat(spool.fileno()).st_size)["rows"]
    _compare(count, int(taken), str(destination["table"]))
    return {"rows": count}


def _spool(source: str, spool: Any) -> int:
    """Write the rows of all files as `azud.model.rows` has them, and return their number."""
    import io

    files = [source] if os.path.isfile(source) else _below(source)
    if not files:
        raise UserErrorException(f"there is no file in {source}")
    stream = io.TextIOWrapper(spool, encoding="utf-8", errors="surrogatepass", newline="", write_through=True)
    columns, _rows = _table_of(files[0])
    rows.write_head(stream, [(name, rows.TEXT) for name in columns])
    count = rows.write_rows(stream, _ordered(files, columns))
    stream.flush()
    stream.detach()
    return count


def _ordered(files: List[str], columns: List[str]) -> Iterator[Sequence[Any]]:
    """Yield the rows of all files with their cells in the order of these columns."""
    progress = Progress("rows")
    for path in files:
        names, found = _table_of(path)
        if sorted(names) != sorted(columns):
            raise UserErrorException(
                f"{path} has the columns {', '.join(names)}, and {files[0]} has {', '.join(columns)}",
                hint="files that go to one table have the same columns",
            )
        order = [names.index(name) for name in columns]
        for row in found:
            yield [row[position] for position in order]
            progress.add(1)


def _table_of(path: str, ending: Optional[str] = None) -> Table:
    """Return the columns and rows of a file, by its ending. An empty cell of delimited text is NULL.

    Raises:
        UserErrorException: It is of a kind that is not read, or has rows of another length than its header.
    """
    ending = ending or os.path.splitext(path)[1].lower()
    if ending in _SEPARATORS:
        return _delimited(path, _SEPARATORS[ending])
    if ending in _LINES:
        return _json_lines(path)
    if ending == ".parquet":
        return _parquet(path)
    raise UserErrorException(
        f"{os.path.basename(path)!r} is no file of rows",
        hint=f"known are {', '.join([*_SEPARATORS, *_LINES, '.parquet'])}",
    )


def _columns_of(path: str) -> List[Tuple[str, str]]:
    with open(path, encoding="utf-8", errors="surrogatepass", newline="") as stream:
        return rows.read_head(stream.readline(), path)


def _cells_of(path: str) -> Iterator[List[str]]:
    with open(path, encoding="utf-8", errors="surrogatepass", newline="") as stream:
        stream.readline()
        yield from rows.read_cells(stream)


def _delimited(path: str, separator: str) -> Table:
    csv.field_size_limit(1 << 30)
    with open(path, encoding="utf-8-sig", newline="") as stream:
        names = next(csv.reader(stream, delimiter=separator), None)
    if not names:
        raise UserErrorException(f"{path} has no header", hint="the first line names the columns of the table")
    return names, _delimited_rows(path, separator, len(names))


def _delimited_rows(path: str, separator: str, width: int) -> Iterator[List[Optional[str]]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=separator)
        next(reader)
        for row in reader:
            if not row and width > 1:
                continue  # an empty line
            cells = row or [""]
            if len(cells) != width:
                raise UserErrorException(f"{path}, line {reader.line_num}: {len(cells)} cells, and {width} columns")
            yield [cell or None for cell in cells]


def _json_lines(path: str) -> Table:
    with open(path, encoding="utf-8-sig") as stream:
        first = next((line for line in stream if line.strip()), "{}")
    names = list(_object(first, path, 1))

    def each() -> Iterator[List[Any]]:
        with open(path, encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    found = _object(line, path, number)
                    unknown = [name for name in found if name not in names]
                    if unknown:
                        raise UserErrorException(f"{path}, line {number}: {unknown[0]!r} is not in the first line")
                    yield [found.get(name) for name in names]

    return names, each()


def _object(line: str, path: str, number: int) -> Dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UserErrorException(f"{path}, line {number}: {error}") from error
    if not isinstance(found, dict):
        raise UserErrorException(f"{path}, line {number} is no JSON object")
    return found


def _parquet(path: str) -> Table:
    try:
        from pyarrow import parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        raise UserErrorException(
            f"{os.path.basename(path)!r} needs pyarrow, which {sys.executable} does not have",
            hint="pip install pyarrow in that environment",
        ) from error
    file = parquet.ParquetFile(path)

    def each() -> Iterator[List[Any]]:
        for batch in file.iter_batches(batch_size=2000):
            columns = [column.to_pylist() for column in batch.columns]
            yield from (list(row) for row in zip(*columns))

    return list(file.schema_arrow.names), each()


if __name__ == "__main__":
    main()
