"""Experiments: names under which runs are kept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from azud.core.errors import ConflictError, NotFoundError, UserError
from azud.core.ids import check_experiment_name


class ExperimentStore(Protocol):
    """Experiments as `{"id", "name", "created_at", "archived_at", "tags", "run_count"}`."""

    def experiments(self) -> Sequence[dict[str, Any]]:
        """Return all experiments, oldest first."""

    def ensure(self, name: str) -> dict[str, Any]:
        """Return the experiment, made if it does not exist."""

    def tag(self, name: str, set_tags: Mapping[str, str | None], remove_tags: Sequence[str]) -> None:
        """Change the tags of an experiment; without effect if there is none of this name."""

    def archive(self, name: str, archived: bool) -> None:
        """Note that it is archived, from the first time on, or that it is not."""

    def delete(self, name: str) -> bool:
        """Remove an experiment; False means that it has runs, or is not there, and nothing was removed."""


class ExperimentService:
    """Makes, labels, archives and removes experiments."""

    def __init__(self, store: ExperimentStore) -> None:
        self._store = store

    def experiments(self) -> Sequence[dict[str, Any]]:
        """Return all experiments."""
        return self._store.experiments()

    def ensure(self, name: str) -> dict[str, Any]:
        """Return the experiment of this name, made if it does not exist.

        Raises:
            UserError: v1 would not accept the name.
        """
        return self._store.ensure(check_experiment_name(name))

    def experiment(self, name: str) -> dict[str, Any]:
        """Return an experiment.

        Raises:
            NotFoundError: There is none of this name.
        """
        for item in self._store.experiments():
            if item["name"] == name:
                return item
        raise NotFoundError(f"there is no experiment {name!r}", hint="names are case-sensitive")

    def change(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Set and remove tags of an experiment, archive it or take it back.

        Args:
            name: Whose.
            body: `{"set_tags": {…}, "remove_tags": […], "archived": bool}`; each may be left out.

        Raises:
            NotFoundError: There is none of this name.
            UserError: A value is no text.
        """
        self.experiment(name)
        tags = body.get("set_tags") or {}
        for key, value in tags.items():
            if value is not None and not isinstance(value, str):
                raise UserError(f"the value of tag {key!r} is {type(value).__name__}", hint="tags are text")
        if tags or body.get("remove_tags"):
            self._store.tag(name, tags, body.get("remove_tags") or [])
        if body.get("archived") is not None:
            self._store.archive(name, bool(body["archived"]))
        return self.experiment(name)

    def delete(self, name: str) -> None:
        """Remove an experiment that has no runs.

        Raises:
            NotFoundError: There is none of this name.
            ConflictError: It has runs.
        """
        self.experiment(name)
        if not self._store.delete(name):
            raise ConflictError(f"experiment {name!r} has runs", hint="archive it instead")
