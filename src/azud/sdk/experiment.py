"""`Experiment`: a name under which runs are kept together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Union

from azud.core.ids import check_experiment_name
from azud.sdk.exceptions import NotYetError, UserErrorException, translated
from azud.sdk.support import not_yet, text_items

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


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

    def submit(self, config: Any, tags: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> Any:
        """Submit a pipeline and return its run, which goes on whatever becomes of this program.

        Args:
            config: A `Pipeline`.
            tags: Of the run.
            **kwargs: `pipeline_parameters` (values by name), `continue_on_step_failure`, `regenerate_outputs`,
                `parent_run_id`. Others are ignored, as in v1.

        Raises:
            UserErrorException: The pipeline cannot run as it is written, a source file cannot be read, or a
                parameter is unknown or of another type.
            NotYetError: Something else than a pipeline.
        """
        from azud.sdk.pipeline import Pipeline

        if not isinstance(config, Pipeline):
            raise NotYetError(f"azud cannot submit a {type(config).__name__} yet, only pipelines")
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
    ) -> Iterator[Any]:
        """Yield the experiment's runs, newest first; `tags` and `properties` must all be there (and be equal)."""
        from azud.sdk.run import run_of_record

        query: Dict[str, Any] = {"experiment": self._name}
        for record in self._workspace._api.items("/runs", query):
            if (type is None or record["type"] == type) and has_all(record, tags, properties):
                run = run_of_record(self, record)
                yield run
                if include_children:
                    yield from run.get_children(recursive=True)

    def tag(self, key: str, value: Any = None) -> None:
        """Set a tag."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; others stay."""
        self._record = self._workspace._api.send("PATCH", f"/experiments/{self._name}", {"set_tags": text_items(tags)})

    def remove_tags(self, tags: List[str]) -> None:
        """Take tags away."""
        self._record = self._workspace._api.send("PATCH", f"/experiments/{self._name}", {"remove_tags": list(tags)})

    def refresh(self) -> None:
        """Read the server's state again."""
        self._record = {}

    @staticmethod
    def list(
        workspace: Workspace,
        experiment_name: Optional[str] = None,
        view_type: str = "ActiveOnly",
        tags: Union[str, Mapping[str, Any], None] = None,
    ) -> List[Experiment]:
        """Return the workspace's experiments."""
        found = []
        for record in workspace._api.items("/experiments"):
            if experiment_name in (None, record["name"]) and has_all(record, tags, None):
                experiment = Experiment(workspace, record["name"], _create_in_cloud=False)
                experiment._record = record
                found.append(experiment)
        return found

    archive = not_yet("Experiment.archive")
    reactivate = not_yet("Experiment.reactivate")
    start_logging = not_yet("Experiment.start_logging")
    from_directory = staticmethod(not_yet("Experiment.from_directory"))
    delete = staticmethod(not_yet("Experiment.delete"))

    def get_portal_url(self) -> str:
        """Return the address that names this experiment."""
        return f"azud://{self._workspace.name}/experiments/{self._name}"

    def _facts(self) -> Dict[str, Any]:
        if not self._record:
            record = self._workspace._api.find(f"/experiments/{self._name}")
            if record is None:
                raise UserErrorException(f"experiment {self._name!r} does not exist", code="not_found")
            self._record = record
        return self._record

    def __repr__(self) -> str:
        return f"Experiment(Name: {self._name}, Workspace: {self._workspace.name})"


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
