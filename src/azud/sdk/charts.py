"""Charts that are logged as documents: confusion matrices, accuracy tables, residuals, predictions."""

from __future__ import annotations

import json
from typing import Any, Dict

from azud.sdk.exceptions import UserErrorException

_PARTS = ("schema_type", "schema_version", "data")
_ADDRESS = "aml://artifactId/ExperimentRun/dcid."


def chart_text(name: str, kind: str, value: Any) -> str:
    """Return a chart's document as JSON.

    Args:
        name: Of the metric.
        kind: What its `schema_type` says, in v1's words with or without underscores.
        value: The document as a dict or JSON.

    Raises:
        UserErrorException: It is not of v1's form.
    """
    return json.dumps(_document(name, kind, value), default=_plain)


def populated(run: Any, values: Dict[str, Any]) -> Dict[str, Any]:
    """Return metrics with the documents of charts in place of their addresses."""
    return {name: _populated(run, value) for name, value in values.items()}


def _populated(run: Any, value: Any) -> Any:
    if isinstance(value, list):  # a chart that was logged several times
        return [_populated(run, item) for item in value]
    if not isinstance(value, str) or not value.startswith(_ADDRESS) or not value.endswith(".json"):
        return value
    owner, _, name = value[len(_ADDRESS) :].partition("/")
    from azud.sdk.run import Run

    whose = run if owner == run.id else Run.get(run.experiment.workspace, owner)
    return json.loads(whose._file_text(name))


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
