"""Charts that are logged as documents: confusion matrices, accuracy tables, residuals, predictions."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any, Dict, List

from azud.sdk.exceptions import UserErrorException

_PARTS = ("schema_type", "schema_version", "data")


def chart_file(name: str, kind: str, value: Any, leftovers: List[str]) -> str:
    """Write a chart's document to a local file and return its path.

    Args:
        name: Of the metric.
        kind: What its `schema_type` says, in v1's words with or without underscores.
        value: The document as a dict or JSON.
        leftovers: Receives the path, which the caller removes.

    Raises:
        UserErrorException: It is not of v1's form.
    """
    document = _document(name, kind, value)
    descriptor, path = tempfile.mkstemp(prefix="azud-", suffix=".json")
    leftovers.append(path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(document, stream, default=_plain)
    return path


def _document(name: str, kind: str, value: Any) -> Dict[str, Any]:
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise UserErrorException(f"metric {name!r}: the {kind} is no JSON: {error}") from error
    missing = [part for part in _PARTS if not isinstance(value, dict) or part not in value]
    if missing:
        raise UserErrorException(
            f"metric {name!r}: the {kind} has no {', '.join(missing)}",
            hint='log {"schema_type": "' + kind + '", "schema_version": "v1", "data": {…}}',
        )
    if str(value["schema_type"]).replace("_", "") != kind.replace("_", ""):
        raise UserErrorException(f"metric {name!r}: schema_type is {value['schema_type']!r}, not {kind!r}")
    if not isinstance(value["data"], dict):
        raise UserErrorException(f"metric {name!r}: data of the {kind} is no dict")
    return dict(value)


def _plain(value: Any) -> Any:
    """Return what JSON has for numpy's arrays and numbers."""
    unwrap = getattr(value, "tolist", None)
    if callable(unwrap):
        return unwrap()
    raise UserErrorException(f"a chart cannot hold a {type(value).__name__}")
