"""Registering models: from local files, and from the files of a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.core.ids import new_token
from azud.sdk.exceptions import ModelPathNotFoundException, UserErrorException
from azud.sdk.model import Model
from azud.sdk.model_files import upload_content
from azud.sdk.observing import note_write
from azud.sdk.submitting import user_name
from azud.sdk.support import text_items

if TYPE_CHECKING:
    from azud.sdk.run import Run
    from azud.sdk.workspace import Workspace


def register_local(workspace: Workspace, path: str, name: str, child_paths: Any, facts: Dict[str, Any]) -> Model:
    """Register a local file or folder; see `Model.register`."""
    digest = upload_content(workspace._api, os.fspath(path), child_paths)
    # In a job the run that registers is known; elsewhere nobody is.
    run_id = os.environ.get("AZUREML_RUN_ID") if os.environ.get("AZUD_ATTEMPT_DIR") else None
    return _register(workspace, name, {"snapshot": digest, "run_id": run_id}, facts)


def register_from_run(run: Run, name: str, path: Optional[str], **facts: Any) -> Model:
    """Register files of a run; see `Run.register_model`."""
    wanted = (path or name).strip("/")
    workspace = run.experiment.workspace
    local = run._local_file(wanted)
    if local is not None:
        digest = upload_content(workspace._api, local)
        return _register(workspace, name, {"snapshot": digest, "run_id": run.id}, facts)
    _check_has(run, wanted)
    return _register(workspace, name, {"run_id": run.id, "path": wanted}, facts)


def _check_has(run: Run, path: str) -> None:
    names = run.get_file_names()
    if not any(name == path or name.startswith(f"{path}/") for name in names):
        listed = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
        raise ModelPathNotFoundException(
            f"run {run.id} has no file or folder {path!r}", hint=f"model_path is one of its files: {listed or 'none'}"
        )


def _register(workspace: Workspace, name: str, source: Dict[str, Any], facts: Dict[str, Any]) -> Model:
    body = {"name": name, **source, **registration(workspace, facts), "created_by": user_name()}
    note_write("model", name=name)
    record = workspace._api.send("POST", "/models", body, key=new_token())
    print(f"Registering model {name}")
    return Model._of_record(workspace, record)


def registration(workspace: Workspace, facts: Dict[str, Any]) -> Dict[str, Any]:
    """Return what is sent of a model, from the arguments of v1's methods."""
    details = {
        key: saved_id(workspace, facts.get(key))
        for key in ("sample_input_dataset", "sample_output_dataset")
        if facts.get(key) is not None
    }
    resources = facts.get("resource_configuration")
    if resources is not None:
        details["resource_configuration"] = resources.serialize()
    return {
        "tags": text_items(facts.get("tags") or {}),
        "properties": {str(key): str(value) for key, value in (facts.get("properties") or {}).items()},
        "description": facts.get("description") or "",
        "framework": str(facts.get("model_framework") or ""),
        "framework_version": str(facts.get("model_framework_version") or ""),
        "datasets": dataset_references(workspace, facts.get("datasets")),
        "details": details,
    }


def dataset_references(workspace: Workspace, datasets: Any) -> List[Dict[str, str]]:
    """Return the `azud.model.models.DatasetUse` of `[(what it was used for, dataset)]`."""
    return [
        {"purpose": str(purpose), "dataset_id": saved_id(workspace, dataset)} for purpose, dataset in datasets or ()
    ]


def saved_id(workspace: Workspace, dataset: Any) -> str:
    """Return a dataset's id, saving it if it has none."""
    definition = getattr(dataset, "_definition", None)
    if definition is None:
        raise UserErrorException(f"a {type(dataset).__name__} is no dataset", hint="pass (purpose, dataset) pairs")
    if dataset.id is None:
        dataset._record = workspace._api.send("POST", "/datasets", {"definition": definition}, repeat=True)
    return str(dataset.id)
