"""`Experiment`: a name under which runs are kept together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union, overload

from azud.core.ids import check_experiment_name
from azud.sdk.exceptions import NotYetError, UserErrorException, translated
from azud.sdk.support import not_yet, text_items

if TYPE_CHECKING:
    from azud.sdk.pipeline import Pipeline
    from azud.sdk.pipeline_run import PipelineRun
    from azud.sdk.run import Run
    from azud.sdk.script_run import ScriptRun
    from azud.sdk.script_run_config import ScriptRunConfig
    from azud.sdk.workspace import Workspace


class ViewType:
    """Which experiments a list shows."""

    ActiveOnly = "ActiveOnly"
    ArchivedOnly = "ArchivedOnly"
    All = "All"


_VIEWS: Dict[str, Optional[bool]] = {ViewType.ActiveOnly: False, ViewType.ArchivedOnly: True, ViewType.All: None}
_PAGE = 200
_LOGGING_PARAMETERS = ("outputs", "snapshot_directory", "display_name")


class Experiment:
    """Runs of one purpose."""

    def __init__(self, workspace: Workspace, name: str, **kwargs: Any) -> None:
        """Open the experiment, and make it on the server if it is new.

        Raises:
            UserErrorException: Not 1–255 letters, digits, `_` or `-`, starting with a letter or digit.
        """
        with translated():
            self._name = check_experiment_name(name)
        self._workspace = workspace
        self._record: Dict[str, Any] = {}
        if kwargs.get("_create_in_cloud", True):
            self._record = workspace._api.send("POST", "/experiments", {"name": name}, repeat=True)

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    @property
    def workspace_object(self) -> Workspace:
        """The workspace; v1's older name."""
        return self._workspace

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def id(self) -> str:
        """The server's id."""
        return str(self._facts()["id"])

    @property
    def tags(self) -> Dict[str, Optional[str]]:
        """The tags."""
        return dict(self._facts().get("tags") or {})

    @overload
    def submit(
        self,
        config: Pipeline,
        tags: Optional[Mapping[str, Any]] = None,
        *,
        pipeline_parameters: Optional[Mapping[str, Any]] = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        parent_run_id: Optional[str] = None,
        **kwargs: Any,
    ) -> PipelineRun: ...

    @overload
    def submit(
        self,
        config: ScriptRunConfig,
        tags: Optional[Mapping[str, Any]] = None,
        *,
        parent_run_id: Optional[str] = None,
        **kwargs: Any,
    ) -> ScriptRun: ...

    def submit(self, config: Any, tags: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> Any:
        """Submit a pipeline or script and return its run, which goes on whatever becomes of this program.

        Args:
            config: A `Pipeline`, or a `ScriptRunConfig` whose script or command becomes a run of its own.
            tags: Of the run.
            **kwargs: `pipeline_parameters` (values by name), `continue_on_step_failure`, `regenerate_outputs`,
                `parent_run_id`. Others are ignored, as in v1.

        Raises:
            UserErrorException: The pipeline cannot run as it is written, a source file cannot be read, or a
                parameter is unknown or of another type.
            NotYetError: Something that azud cannot run yet.
        """
        from azud.sdk.pipeline import Pipeline
        from azud.sdk.script_run_config import ScriptRunConfig

        if isinstance(config, ScriptRunConfig):
            from azud.sdk.script_run import submit_script

            return submit_script(self, config, tags=tags, parent_run_id=kwargs.get("parent_run_id"))
        if not isinstance(config, Pipeline):
            raise NotYetError(f"azud cannot submit a {type(config).__name__} yet, only pipelines and ScriptRunConfig")
        from azud.sdk.submitting import submit_pipeline

        return submit_pipeline(
            self,
            config,
            parameters=kwargs.get("pipeline_parameters") or kwargs.get("pipeline_params"),
            tags=tags,
            continue_on_step_failure=bool(kwargs.get("continue_on_step_failure")),
            regenerate_outputs=bool(kwargs.get("regenerate_outputs")),
            parent_run_id=kwargs.get("parent_run_id"),
        )

    def get_runs(
        self,
        type: Optional[str] = None,
        tags: Union[str, Mapping[str, Any], None] = None,
        properties: Union[str, Mapping[str, Any], None] = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Yield the experiment's runs, newest first.

        Args:
            type: Only of this type, `azureml.PipelineRun` for instance.
            tags: A name, or names and values, that must all be there.
            properties: As `tags`.
            include_children: Those below each run as well, after it.
        """
        from azud.sdk.run import run_of_record

        query: Dict[str, Any] = {"experiment": self._name, "limit": _PAGE}
        if type is not None and not include_children:
            query["type"] = type
        for record in self._workspace._api.items("/runs", query):
            if (type is None or record["type"] == type) and has_all(record, tags, properties):
                yield run_of_record(self, record)
            if include_children:
                yield from run_of_record(self, record).get_children(True, tags, properties, type)

    def tag(self, key: str, value: Any = None) -> None:
        """Set a tag."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; others stay."""
        self._record = self._change({"set_tags": text_items(tags)})

    def remove_tags(self, tags: List[str]) -> None:
        """Take tags away."""
        self._record = self._change({"remove_tags": list(tags)})

    def refresh(self) -> None:
        """Read the server's state again."""
        self._record = {}

    @staticmethod
    def list(
        workspace: Workspace,
        experiment_name: Optional[str] = None,
        view_type: str = ViewType.ActiveOnly,
        tags: Union[str, Mapping[str, Any], None] = None,
    ) -> List[Experiment]:
        """Return the workspace's experiments.

        Args:
            workspace: Whose.
            experiment_name: Only of this name.
            view_type: `ActiveOnly`, `ArchivedOnly` or `All`; see `ViewType`.
            tags: A name, or names and values, that must all be there.

        Raises:
            UserErrorException: No such view type.
        """
        if view_type not in _VIEWS:
            raise UserErrorException(f"view_type is {view_type!r}", hint=f"use one of {', '.join(_VIEWS)}")
        found = []
        for record in workspace._api.items("/experiments"):
            shown = _VIEWS[view_type] in (None, bool(record.get("archived_at")))
            if shown and experiment_name in (None, record["name"]) and has_all(record, tags, None):
                experiment = Experiment(workspace, record["name"], _create_in_cloud=False)
                experiment._record = record
                found.append(experiment)
        return found

    def start_logging(self, *args: Any, **kwargs: Any) -> Run:
        """Begin a run that this program drives, and return it; use it in a `with` statement, or end it yourself.

        Args:
            *args: As `kwargs`, in their order.
            **kwargs: `outputs`: a local folder whose files are kept with the run when it ends;
                `snapshot_directory`: the source folder that is kept with it, the current one by default, None for
                none; `display_name`: what people see.

        Raises:
            UserErrorException: The folder is not there, or a file of it cannot be read.
            TypeError: An argument that is not one of these.
        """
        from azud.sdk.interactive import start_logging

        return start_logging(self, **_logging_arguments(args, kwargs))

    @property
    def archived_time(self) -> Optional[str]:
        """When it was archived, as ISO 8601 in UTC; None if it is not."""
        when: Optional[str] = self._facts().get("archived_at")
        return when

    def archive(self) -> None:
        """Hide the experiment from lists; its runs stay."""
        self._record = self._change({"archived": True})

    def reactivate(self, new_name: Optional[str] = None) -> None:
        """Show an archived experiment in lists again.

        Raises:
            UserErrorException: A new name: experiments keep theirs here.
        """
        if new_name not in (None, self._name):
            raise UserErrorException(
                "experiments keep their names here",
                hint="call reactivate() without new_name",
            )
        self._record = self._change({"archived": False})

    @staticmethod
    def delete(workspace: Workspace, experiment_id: str) -> None:
        """Remove an experiment that has no runs.

        Args:
            workspace: Whose.
            experiment_id: Its id, or its name.

        Raises:
            UserErrorException: There is none, or it has runs.
        """
        for record in workspace._api.items("/experiments"):
            if experiment_id in (record["id"], record["name"]):
                workspace._api.send("DELETE", f"/experiments/{record['name']}", repeat=True)
                return
        raise UserErrorException(f"experiment {experiment_id!r} does not exist", code="not_found")

    from_directory = staticmethod(not_yet("Experiment.from_directory"))

    @classmethod
    def get_docs_url(cls) -> str:
        """Return where experiments are described."""
        return "docs/how-to/runs.md"

    def get_portal_url(self) -> str:
        """Return the address that names this experiment."""
        return f"azud://{self._workspace.name}/experiments/{self._name}"

    def _change(self, body: Dict[str, Any]) -> Dict[str, Any]:
        record: Dict[str, Any] = self._workspace._api.send("PATCH", f"/experiments/{self._name}", body)
        return record

    def _facts(self) -> Dict[str, Any]:
        if not self._record:
            record = self._workspace._api.find(f"/experiments/{self._name}")
            if record is None:
                raise UserErrorException(f"experiment {self._name!r} does not exist", code="not_found")
            self._record = record
        return self._record

    def __repr__(self) -> str:
        return f"Experiment(Name: {self._name}, Workspace: {self._workspace.name})"


def _logging_arguments(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Dict[str, Any]:
    given = {**dict(zip(_LOGGING_PARAMETERS, args)), **kwargs}
    unknown = [name for name in given if name not in _LOGGING_PARAMETERS]
    if unknown or len(args) > len(_LOGGING_PARAMETERS):
        raise TypeError(f"start_logging() takes {', '.join(_LOGGING_PARAMETERS)}, not {unknown or args}")
    return given


def has_all(record: Mapping[str, Any], tags: Any, properties: Any) -> bool:
    """Return whether a record has the tags and properties: a name alone, or a mapping of names to values."""
    for wanted, have in ((tags, record.get("tags") or {}), (properties, record.get("properties") or {})):
        if isinstance(wanted, str) and wanted not in have:
            return False
        if isinstance(wanted, Mapping) and any(
            key not in have or str(have[key]) != str(value) for key, value in wanted.items()
        ):
            return False
    return True
