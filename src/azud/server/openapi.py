"""`/openapi.json`: the routes as FastAPI knows them, with the schemas of our own model values.

Bodies and answers are read and written by `azud.model.codec`, not by FastAPI, so that a definition of a
thousand steps costs little; their schemas are made here, when somebody asks for the document.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatasetRecord, DatastoreRecord
from azud.model.definition import PipelineDefinition
from azud.model.explanation import Explanation
from azud.model.lineage import Lineage, RunDatasets
from azud.model.models import ModelRecord
from azud.model.plans import RunPlan
from azud.model.runs import MetricPoint, OutputRecord, RunRecord
from azud.model.snapshot import SourceSnapshot
from azud.model.verifications import ReplayPlan, Verification
from azud.services.files import RunFile
from azud.services.interactive import InteractiveRunRequest
from azud.services.models import ModelRegistration
from azud.services.reexecuting import VerificationStarted
from azud.services.submit import Submission

_JSON = "application/json"
_BODIES: dict[tuple[str, str], type] = {
    ("post", "/runs"): Submission,
    ("post", "/plans"): Submission,
    ("post", "/datastores"): DatastoreRecord,
    ("put", "/compute/{name}"): ComputeTargetRecord,
    ("post", "/snapshots"): SourceSnapshot,
    ("post", "/interactive-runs"): InteractiveRunRequest,
    ("post", "/models"): ModelRegistration,
}
_ANSWERS: dict[tuple[str, str], type] = {
    ("post", "/runs"): RunRecord,
    ("post", "/plans"): RunPlan,
    ("get", "/runs/{run_id}"): RunRecord,
    ("patch", "/runs/{run_id}"): RunRecord,
    ("post", "/interactive-runs/{run_id}/status"): RunRecord,
    ("post", "/runs/{run_id}/cancel"): RunRecord,
    ("get", "/runs/{run_id}/definition"): PipelineDefinition,
    ("post", "/runs/{run_id}/verifications"): VerificationStarted,
    ("get", "/runs/{run_id}/replay"): ReplayPlan,
    ("get", "/datastores/{name}"): DatastoreRecord,
    ("post", "/datastores"): DatastoreRecord,
    ("post", "/datastores/{name}/default"): DatastoreRecord,
    ("put", "/datastores/{name}/credential"): DatastoreRecord,
    ("put", "/datastores/{name}/binding"): DatastoreRecord,
    ("post", "/datasets"): DatasetRecord,
    ("get", "/datasets/{dataset_id}"): DatasetRecord,
    ("post", "/datasets/registered"): DatasetRecord,
    ("get", "/datasets/registered/{name}"): DatasetRecord,
    ("patch", "/datasets/registered/{name}/{version}"): DatasetRecord,
    ("get", "/datasets/registered/{name}/lineage"): Lineage,
    ("get", "/runs/{run_id}/datasets"): RunDatasets,
    ("get", "/compute/{name}"): ComputeTargetRecord,
    ("put", "/compute/{name}"): ComputeTargetRecord,
    ("get", "/snapshots/{digest}"): SourceSnapshot,
    ("post", "/models"): ModelRecord,
    ("get", "/models/{name}"): ModelRecord,
    ("patch", "/models/{name}/{version}"): ModelRecord,
}
_LISTS: dict[tuple[str, str], type] = {
    ("get", "/runs"): RunRecord,
    ("get", "/runs/{run_id}/steps"): RunRecord,
    ("get", "/runs/{run_id}/children"): RunRecord,
    ("post", "/interactive-runs"): RunRecord,
    ("get", "/runs/{run_id}/outputs"): OutputRecord,
    ("get", "/runs/{run_id}/files"): RunFile,
    ("get", "/runs/{run_id}/explanations"): Explanation,
    ("get", "/runs/{run_id}/verifications"): Verification,
    ("get", "/datastores"): DatastoreRecord,
    ("get", "/datasets"): DatasetRecord,
    ("get", "/compute"): ComputeTargetRecord,
    ("get", "/models"): ModelRecord,
}
_POINTS = {("get", "/runs/{run_id}/metrics"), ("post", "/runs/{run_id}/metrics")}
_PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and where."},
        "code": {"type": "string", "description": "For programs; see azud.core.errors."},
        "hint": {"type": "string", "description": "What to do about it."},
        "retryable": {"type": "boolean"},
        "details": {"type": "object"},
    },
}


def install_openapi(app: FastAPI) -> None:
    """Make `app.openapi()` return the whole document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    result = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = result.setdefault("components", {}).setdefault("schemas", {})
    kinds = {kind for table in (_BODIES, _ANSWERS, _LISTS) for kind in table.values()} | {MetricPoint}
    # Definitions as they are written: an answer has every field, a body only those without a default.
    _, made = models_json_schema(
        [(_adapter(kind), "validation") for kind in sorted(kinds, key=lambda kind: kind.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    components.update(made.get("$defs", {}))
    components["Problem"] = _PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _describe(operation, (method, path.removeprefix("/api/v1")))
    return result


def _adapter(kind: type) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    # models_json_schema wants classes that carry their core schema; a std dataclass gets it from its adapter.
    kind.__pydantic_core_schema__ = adapter.core_schema  # type: ignore[attr-defined]
    return kind


def _describe(operation: dict[str, Any], key: tuple[str, str]) -> None:
    if key in _BODIES:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(_BODIES[key])}}}
    success = next((code for code in operation["responses"] if code.startswith("2")), "200")
    if key in _ANSWERS:
        operation["responses"][success]["content"] = {_JSON: {"schema": _ref(_ANSWERS[key])}}
    if key in _LISTS:
        operation["responses"][success]["content"] = {_JSON: {"schema": _list_of(_LISTS[key])}}
    if key in _POINTS:
        points = {"type": "object", "properties": {"points": {"type": "array", "items": _ref(MetricPoint)}}}
        if key[0] == "post":
            operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": points}}}
        else:
            operation["responses"][success]["content"] = {_JSON: {"schema": points}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"description": "An error, with what to do about it", "content": problem}


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _list_of(kind: type) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "value": {"type": "array", "items": _ref(kind)},
            "next": {"type": ["string", "null"], "description": "Cursor of the next page (`after`)."},
        },
    }
