"""Finding registered models: what is asked, and what a job has seen of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from azud.sdk.exceptions import UserErrorException, WebserviceException
from azud.sdk.observing import note_read

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

    Labels = Union[Mapping[str, Any], Iterable[Any], None]


def model_query(
    name: Optional[str],
    version: Union[int, str, None],
    tags: Labels,
    properties: Labels,
    run_id: Optional[str],
    framework: Optional[str],
    dataset_id: Optional[str] = None,
    *,
    latest: bool,
) -> Dict[str, Any]:
    """Return the JSON form of `azud.model.models.ModelQuery`."""
    return {
        "name": name,
        "version": None if version is None else _version(version),
        "run_id": run_id,
        "framework": framework,
        "dataset_id": dataset_id,
        "tags": _labels(tags),
        "properties": _labels(properties),
        "latest": bool(latest),
    }


def find_models(workspace: Workspace, query: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the records that match; in a job, what it sees is noted."""
    note_read(workspace, {"kind": "models", "query": query})
    if query["version"] is not None and query["name"] is not None:
        record = workspace._api.find(f"/models/{query['name']}", {"version": query["version"]})
        return [record] if record is not None else []
    asked = {key: query[key] for key in ("name", "run_id", "framework", "dataset_id") if query[key]}
    asked.update({key: json.dumps(query[key]) for key in ("tags", "properties") if query[key]})
    return list(workspace._api.items("/models", {**asked, "latest": query["latest"]}))


def _labels(labels: Labels) -> List[Dict[str, Optional[str]]]:
    """Return the `azud.model.models.Label` of a dict, names, `[name, value]` pairs, or one name."""
    if not labels:
        return []
    if isinstance(labels, str):
        return [{"name": labels, "value": None}]
    pairs = labels.items() if isinstance(labels, Mapping) else labels
    found: List[Dict[str, Optional[str]]] = []
    for item in pairs:
        if isinstance(item, str):
            found.append({"name": item, "value": None})
            continue
        name, value = item
        found.append({"name": str(name), "value": None if value is None else str(value)})
    return found


def id_parts(model_id: str) -> Tuple[str, str]:
    """Return name and version of `name:version`.

    Raises:
        UserErrorException: It is none.
    """
    name, colon, version = str(model_id).rpartition(":")
    if not colon:
        raise UserErrorException(f"{model_id!r} is no model id", hint="it is name:version")
    return name, version


def _version(version: Union[int, str]) -> int:
    try:
        return int(version)
    except (TypeError, ValueError) as error:
        raise UserErrorException(f"a model has no version {version!r}", hint="versions are whole numbers") from error


def not_found(query: Mapping[str, Any]) -> WebserviceException:
    """Return the error that says what was looked for."""
    asked = ", ".join(f"{key} {value!r}" for key, value in query.items() if value and key != "latest")
    return WebserviceException(
        f"ModelNotFound: no registered model has {asked}", hint="list them with: azud models ls", code="not_found"
    )
