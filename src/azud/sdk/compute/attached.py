"""What the targets that only another service can run have in common."""

from __future__ import annotations

from typing import NoReturn

from azud.sdk.compute.target import ComputeTarget
from azud.sdk.exceptions import ComputeTargetException


class AttachedTarget(ComputeTarget):
    """A target of another service, kept by name: it can be detached, and not deleted."""

    def delete(self) -> NoReturn:
        """Refuse, as in v1: what was attached is detached.

        Raises:
            ComputeTargetException: Always.
        """
        raise ComputeTargetException(f"a target of type {self._type} cannot be deleted from here", hint="use detach()")


def old_attach(name: str) -> ComputeTargetException:
    """Return what the `attach` of a class raises, as v1's does: configurations have taken its place."""
    return ComputeTargetException(
        f"{name}.attach is no longer there",
        hint=f"use ComputeTarget.attach(workspace, name, {name}.attach_configuration(…))",
    )
