"""Columns of a table that name files: `TabularDataset.download` and `mount`."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from azud.sdk.dataset_files import resolve
from azud.sdk.exceptions import UserErrorException

_FORMS = (
    re.compile(r"^AmlDatastore://(?P<store>[^/]+)/(?P<path>.+)$", re.I),
    re.compile(r"^azureml://(?:.*/)?datastores/(?P<store>[^/]+)/paths/(?P<path>.+)$", re.I),
    re.compile(r"^(?P<store>\w+)/(?P<path>.+)$"),
)


def stream_files(dataset: Any, column: str, ignore_not_found: bool) -> List[Tuple[str, str]]:
    """Return `(absolute local path, path on its datastore)` of each file that a column names, once.

    Raises:
        UserErrorException: The column is not set to `DataType.to_stream`, a cell names no file, or a file is
            missing and that is not to be ignored.
    """
    kind: Dict[str, Any] = (dataset._definition["reader"].get("column_types") or {}).get(column) or {}
    if kind.get("type") != "stream":
        raise UserErrorException(
            f"column {column!r} is no column of files",
            hint=f"set_column_types={{{column!r}: DataType.to_stream(workspace)}}",
        )
    cells = dataset.keep_columns([column]).to_pandas_dataframe()[column].dropna()
    found: Dict[str, str] = {}
    for cell in cells.tolist():
        store, path = _place(str(cell), bool(kind.get("escaped")))
        definition = {
            "type": "file",
            "locations": [{"datastore": store, "path": _no_glob(path)}],
            "reader": {},
            "operations": [],
        }
        files = resolve(definition, dataset._need_workspace())
        if not files and not ignore_not_found:
            raise UserErrorException(f"column {column!r}: there is no file {cell!r}")
        for local, _ in files[:1]:
            found[path] = local
    return [(local, path) for path, local in found.items()]


def _place(cell: str, is_escaped: bool) -> Tuple[str, str]:
    for form in _FORMS:
        match = form.match(cell)
        if match:
            path = match.group("path")
            if is_escaped:
                from urllib.parse import unquote

                path = unquote(path)
            return match.group("store"), path
    raise UserErrorException(
        f"{cell!r} names no file on a datastore", hint="write AmlDatastore://<datastore>/<path>, or <datastore>/<path>"
    )


def _no_glob(path: str) -> str:
    """Return a path whose special characters stand for themselves."""
    return re.sub(r"([*?\[])", r"[\1]", path)
