"""`Model`: a registered model, found by name, version, tags, properties or run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from azud.sdk.exceptions import UserErrorException, WebserviceException
from azud.sdk.model_facts import ModelFacts
from azud.sdk.model_files import cached_versions, download_content, entry_of, only_entry
from azud.sdk.model_search import find_models, id_parts, model_query, not_found
from azud.sdk.observing import note_write
from azud.sdk.support import not_yet, text_items

if TYPE_CHECKING:
    from azud.sdk.model_search import Labels
    from azud.sdk.workspace import Workspace

_CACHE = "azureml-models"


class Framework:
    """v1's words for frameworks."""

    CUSTOM = "Custom"
    TENSORFLOW = "TensorFlow"
    SCIKITLEARN = "ScikitLearn"
    ONNX = "Onnx"
    TFKERAS = "TfKeras"
    PYTORCH = "PyTorch"
    MULTI = "Multi"


class Model(ModelFacts):
    """A version of a registered model."""

    Framework = Framework

    def __init__(
        self,
        workspace: Workspace,
        name: Optional[str] = None,
        id: Optional[str] = None,
        tags: Labels = None,
        properties: Labels = None,
        version: Union[int, str, None] = None,
        run_id: Optional[str] = None,
        model_framework: Optional[str] = None,
        expand: bool = True,
        **kwargs: Any,
    ) -> None:
        """Find the newest model that matches everything that is said.

        Args:
            workspace: Whose.
            name: Of the model.
            id: `name:version`.
            tags: Names, `[name, value]` pairs, or a dict.
            properties: As `tags`.
            version: Of the name; the newest that matches if None.
            run_id: Of the run that registered it.
            model_framework: See `Model.Framework`.
            expand: Accepted as in v1.
            **kwargs: Accepted as in v1.

        Raises:
            WebserviceException: There is none; its message begins with `ModelNotFound`.
            UserErrorException: Neither name nor id nor anything else is said.
        """
        if id is not None:
            name, version = id_parts(id)
        asked = (name, tags, properties, run_id, model_framework)
        if not any(asked):
            raise UserErrorException("Model(workspace): say which model", hint="pass name, id, tags or run_id")
        query = model_query(name, version, tags, properties, run_id, model_framework, latest=True)
        found = find_models(workspace, query)
        if not found:
            raise not_found(query)
        self._workspace = workspace
        self._record = found[0]

    @classmethod
    def _of_record(cls, workspace: Workspace, record: Dict[str, Any]) -> Model:
        model = cls.__new__(cls)
        model._workspace, model._record = workspace, record
        return model

    # Registering and finding

    @staticmethod
    def register(
        workspace: Workspace,
        model_path: str,
        model_name: str,
        tags: Optional[Mapping[str, Any]] = None,
        properties: Optional[Mapping[str, Any]] = None,
        description: Optional[str] = None,
        datasets: Optional[List[Tuple[str, Any]]] = None,
        model_framework: Optional[str] = None,
        model_framework_version: Optional[str] = None,
        child_paths: Optional[List[str]] = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
    ) -> Model:
        """Register a local file or folder as the next version of a model.

        Args:
            workspace: Where.
            model_path: Local path of a file or folder, whose bytes are kept as they are now.
            model_name: Letters, digits, `-`, `_` and `.`.
            tags: Of the model.
            properties: Of the model; they cannot be changed later.
            description: Of the model.
            datasets: `[(what it was used for, dataset)]`.
            model_framework: See `Model.Framework`.
            model_framework_version: Of the framework.
            child_paths: Of a folder only these files and folders.
            sample_input_dataset: Kept with the model.
            sample_output_dataset: Kept with the model.
            resource_configuration: Kept with the model.

        Raises:
            UserErrorException: There is no such file or folder, or the name cannot be used.
        """
        from azud.sdk.model_registering import register_local

        facts = {
            "tags": tags,
            "properties": properties,
            "description": description,
            "datasets": datasets,
            "model_framework": model_framework,
            "model_framework_version": model_framework_version,
            "sample_input_dataset": sample_input_dataset,
            "sample_output_dataset": sample_output_dataset,
            "resource_configuration": resource_configuration,
        }
        return register_local(workspace, model_path, model_name, child_paths, facts)

    @staticmethod
    def list(
        workspace: Workspace,
        name: Optional[str] = None,
        tags: Labels = None,
        properties: Labels = None,
        run_id: Optional[str] = None,
        latest: bool = False,
        dataset_id: Optional[str] = None,
        expand: bool = True,
        page_count: int = 255,
        model_framework: Optional[str] = None,
    ) -> List[Model]:
        """Return the models that match everything that is said, newest first.

        Args:
            workspace: Whose.
            name: Of the models.
            tags: Names, `[name, value]` pairs, or a dict.
            properties: As `tags`.
            run_id: Of the run that registered them.
            latest: Of each name only the newest of those that match.
            dataset_id: Of a dataset that they refer to.
            expand: Accepted as in v1.
            page_count: Accepted as in v1: all pages are read.
            model_framework: See `Model.Framework`.
        """
        query = model_query(name, None, tags, properties, run_id, model_framework, dataset_id, latest=latest)
        return [Model._of_record(workspace, record) for record in find_models(workspace, query)]

    @staticmethod
    def get_model_path(model_name: str, version: Optional[int] = None, _workspace: Optional[Workspace] = None) -> str:
        """Return the local path of a model's file or folder.

        Inside of a job the model is downloaded into `azureml-models` of the working folder if it is not there.
        Elsewhere it is looked for there, below `AZUREML_MODEL_DIR`, and as a file or folder of this name.

        Raises:
            WebserviceException: It is not found, or several are.
        """
        workspace = _workspace
        if workspace is None and os.environ.get("AZUD_ATTEMPT_DIR"):
            from azud.sdk.context import current_run

            workspace = current_run(allow_offline=False).experiment.workspace
        if workspace is not None:
            return _into_cache(Model(workspace, model_name, version=version))
        return _local_path(model_name, version)

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: Optional[bool] = None) -> str:
        """Write the model's file or folder below a local folder and return its path.

        Raises:
            WebserviceException: It is there already, and `exist_ok` is not said.
        """
        allowed = exist_ok if exists_ok is None else exists_ok
        return download_content(self._workspace._api, self._record["snapshot"], target_dir, exist_ok=bool(allowed))

    # Changing it

    def update(
        self,
        tags: Optional[Mapping[str, Any]] = None,
        description: Optional[str] = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
    ) -> None:
        """Replace what is given; the files and properties stay.

        Args:
            tags: All tags.
            description: The description.
            sample_input_dataset: The sample.
            sample_output_dataset: The sample.
            resource_configuration: The resources.
        """
        from azud.sdk.model_registering import registration

        facts = {
            "sample_input_dataset": sample_input_dataset,
            "sample_output_dataset": sample_output_dataset,
            "resource_configuration": resource_configuration,
        }
        body: Dict[str, Any] = {"description": description, "details": registration(self._workspace, facts)["details"]}
        if tags is not None:
            body["set_tags"] = text_items(tags)
            body["remove_tags"] = [name for name in self.tags if name not in body["set_tags"]]
        self._change(body)

    def update_tags_properties(
        self,
        add_tags: Optional[Mapping[str, Any]] = None,
        remove_tags: Optional[Iterable[str]] = None,
        add_properties: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Set and remove tags, and add properties.

        Raises:
            UserErrorException: A property exists with another value.
        """
        self._change(
            {
                "set_tags": text_items(add_tags or {}),
                "remove_tags": list(remove_tags or ()),
                "add_properties": {str(key): str(value) for key, value in (add_properties or {}).items()},
            }
        )

    def add_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; others stay."""
        self.update_tags_properties(add_tags=tags)

    def remove_tags(self, tags: Union[str, Iterable[str]]) -> None:
        """Take tags away."""
        self.update_tags_properties(remove_tags=[tags] if isinstance(tags, str) else tags)

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties, which cannot be changed afterwards."""
        self.update_tags_properties(add_properties=properties)

    def add_dataset_references(self, datasets: Iterable[Tuple[str, Any]]) -> None:
        """Refer to more datasets: `[(what it was used for, dataset)]`."""
        from azud.sdk.model_registering import dataset_references

        self._change({"add_datasets": dataset_references(self._workspace, datasets)})

    def delete(self) -> None:
        """Remove the model; its version is not given out again."""
        note_write("model", name=self.name)
        self._workspace._api.send("DELETE", f"/models/{self.name}/{self.version}", repeat=True)

    # As data

    def serialize(self) -> Dict[str, Any]:
        """Return what is known of the model in v1's words."""
        record = self._record
        return {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "description": self.description,
            "tags": self.tags,
            "properties": self.properties,
            "framework": self.model_framework,
            "frameworkVersion": self.model_framework_version,
            "runId": self.run_id,
            "experimentName": self.experiment_name,
            "createdTime": record.get("created_at"),
            "createdBy": self.created_by,
            "url": self.url,
            "mimeType": self.mime_type,
            "unpack": self.unpack,
        }

    @staticmethod
    def deserialize(workspace: Workspace, model_payload: Mapping[str, Any]) -> Model:
        """Return the model that `serialize` described, as it is now.

        Raises:
            WebserviceException: It was removed.
        """
        return Model(workspace, id=str(model_payload["id"]))

    print_configuration = staticmethod(not_yet("Model.print_configuration"))
    deploy = staticmethod(not_yet("Model.deploy"))
    package = staticmethod(not_yet("Model.package"))
    profile = staticmethod(not_yet("Model.profile"))
    get_sas_urls = not_yet("Model.get_sas_urls")

    def _change(self, body: Dict[str, Any]) -> None:
        note_write("model", name=self.name)
        path = f"/models/{self.name}/{self.version}"
        self._record = self._workspace._api.send("PATCH", path, body, repeat=True)

    def __repr__(self) -> str:
        facts = f"name={self.name}, id={self.id}, version={self.version}, tags={self.tags}"
        return f"Model(workspace={self._workspace!r}, {facts}, properties={self.properties})"


def _into_cache(model: Model) -> str:
    folder = os.path.join(_CACHE, model.name, str(model.version))
    listing = model._workspace._api.get(f"/snapshots/{model._record['snapshot']}")
    target = os.path.join(folder, entry_of(listing))
    # Complete or not there: who is interrupted leaves another name.
    if os.path.exists(target):
        return target
    partial = f"{folder}.{os.getpid()}.part"
    download_content(model._workspace._api, model._record["snapshot"], partial, exist_ok=True)
    from azud.core import durable

    os.makedirs(os.path.dirname(folder), exist_ok=True)
    durable.rename(partial, folder, point="sdk.model.rename")
    return target


def _local_path(name: str, version: Optional[int]) -> str:
    base = os.environ.get("AZUREML_MODEL_DIR") or _CACHE
    folder = os.path.join(base, name)
    versions = [version] if version is not None else cached_versions(folder)[-1:]
    for number in versions:
        place = os.path.join(folder, str(number))
        if os.path.isdir(place):
            return only_entry(place)
    if version is None and os.path.exists(name):
        return name
    raise WebserviceException(
        f"ModelNotFound: model {name!r} is not in {folder}, and outside of a job there is no workspace to ask",
        hint="use Model(workspace, name).download()",
        code="not_found",
    )
