"""`run.output_datasets`. A module of its own: steps that do not ask for it need not import it."""

from __future__ import annotations

import os

from azud.sdk.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional


class OutputDatasets(dict):  # type: ignore[type-arg]
    """What a script writes datasets to, by name: a local path, or a `LinkOutput` where it links one."""

    def __init__(self, workspace: Any = None) -> None:
        """Read the variables that the runner set."""
        found: Dict[str, Any] = {name: os.environ[name] for name in _names("AZUREML_DATASET_FILE_OUTPUTS")}
        found.update((name, LinkOutput(workspace, name)) for name in _names("AZUREML_LINK_DATASET_OUTPUTS"))
        super().__init__(found)
        self._workspace = workspace

    @property
    def workspace(self) -> Any:
        """The workspace."""
        return _workspace_or_own(self._workspace)

    def __missing__(self, name: str) -> Any:
        raise _MissingOutput(
            f"this step has no dataset output {name!r}", hint=f"its outputs: {', '.join(self) or 'none'}"
        )


class LinkOutput:
    """An output of a step that a script links with a dataset."""

    def __init__(self, workspace: Any, name: Optional[str] = None) -> None:
        """Not for users: `run.output_datasets[name]` makes these."""
        self._workspace = workspace
        self.name = name

    @property
    def workspace(self) -> Any:
        """The workspace."""
        return _workspace_or_own(self._workspace)

    def link(self, dataset: Any, run: Any = None) -> None:
        """Make the output what a dataset is: its files, and for a table how they are read.

        azud copies the files, so that the result of the step does not change when they do.

        Args:
            dataset: `FileDataset` or `TabularDataset`.
            run: Accepted as in v1; an output belongs to the run of the script.

        Raises:
            UserErrorException: This is no dataset, or the output was linked before.
        """
        if not hasattr(dataset, "_files"):
            raise UserErrorException(f"{dataset!r} is no dataset", hint="link a FileDataset or a TabularDataset")
        place = os.environ[str(self.name)]
        if os.path.lexists(place):
            raise UserErrorException(f"the output {self.name!r} was linked before", hint="link one dataset")
        try:
            os.makedirs(place)
            _copy(dataset._files(), place)
            if dataset._definition["type"] == "tabular":
                _note_table(dataset._definition, place)
        except BaseException:
            import shutil

            shutil.rmtree(place, ignore_errors=True)  # half a dataset must not become the output
            raise


class _MissingOutput(UserErrorException, KeyError):
    """An output that the step does not have."""


def _names(variable: str) -> List[str]:
    names = os.environ.get(variable, "").split(";")
    return [name for name in names if name and name in os.environ]


def _copy(files: List[Any], folder: str) -> None:
    import shutil

    from azud.core.paths import safe_join
    from azud.sdk.exceptions import translated

    for path, relative in files:
        with translated():
            target = safe_join(folder, relative)
        if os.path.lexists(target):
            raise UserErrorException(f"two files of the dataset have the same name {relative!r}")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(path, target)


def _note_table(definition: Dict[str, Any], folder: str) -> None:
    import json

    from azud.sdk.tables.linked import LINKED, LINKED_NOTE

    # The files of a table that was linked itself hold the note already, without what was done to it since.
    note = {"reader": definition["reader"], "operations": definition["operations"]}
    place = os.path.join(folder, LINKED_NOTE)
    if note["reader"].get("format") == LINKED:
        with open(place, encoding="utf-8") as stream:
            earlier = json.load(stream)
        note = dict(earlier, operations=[*earlier["operations"], *note["operations"]])
    with open(place, "w", encoding="utf-8") as stream:
        json.dump(note, stream)


def _workspace_or_own(workspace: Any) -> Any:
    if workspace is not None:
        return workspace
    from azud.sdk.workspace import Workspace
    from azud.sdk.workspace_places import job_names

    return Workspace(*job_names())
