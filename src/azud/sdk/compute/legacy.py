"""Compute targets as v1 had them before workspaces did: `azureml.core.compute_target`."""

from __future__ import annotations

from typing import Any, Mapping

from azud.sdk.exceptions import ComputeTargetException


class AbstractComputeTarget:
    """A compute target by type and name."""

    def __init__(self, compute_target_type: str, name: str) -> None:
        """Keep both."""
        self._type = compute_target_type
        self._name = name

    @property
    def type(self) -> str:
        """The type, `local` for example."""
        return self._type

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @staticmethod
    def deserialize_from_dict(compute_target_name: str, compute_target_dict: Mapping[str, Any]) -> Any:
        """Return the target that a `.compute` file describes.

        Raises:
            ComputeTargetException: It is of a type that no target here has.
        """
        kind = compute_target_dict.get("type")
        if kind != "local":
            raise ComputeTargetException(
                f"compute target {compute_target_name!r} is of the old type {kind!r}",
                hint="make a target of the workspace with ComputeTarget.create or ComputeTarget.attach",
            )
        return LocalTarget()


class LocalTarget(AbstractComputeTarget):
    """This machine, as a step's or run's compute target."""

    def __init__(self) -> None:
        """Name it `local`."""
        super().__init__("local", "local")
