"""Compute targets: kept by name, and whether something here runs the steps of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from azud.core.clock import now_text
from azud.core.errors import ConflictError, DefinitionError, UserError
from azud.model import compute
from azud.model.codec import from_json
from azud.model.compute import ComputeStatus, ComputeTargetRecord
from azud.services.naming import check_name, named
from azud.services.ports import AssetCatalog

LOCAL_COMPUTE = "local"


class ComputeService:
    """Keeps compute targets.

    Args:
        catalog: The stored assets.
        changed: Told of every created or changed target.
        status: Returns what a target's nodes do now.
    """

    def __init__(
        self,
        catalog: AssetCatalog,
        changed: Callable[[ComputeTargetRecord], None],
        status: Callable[[str], ComputeStatus],
    ) -> None:
        self._catalog = catalog
        self._changed = changed
        self._status = status

    def targets(self) -> Sequence[tuple[ComputeTargetRecord, ComputeStatus]]:
        """Return all compute targets with what their nodes do."""
        return [(record, self._status(record.name)) for record in self._catalog.compute_targets()]

    def target(self, name: str) -> tuple[ComputeTargetRecord, ComputeStatus]:
        """Return a compute target.

        Raises:
            NotFoundError: There is none of this name.
        """
        return named(self.targets(), name, "compute target", lambda item: item[0].name)

    def put(self, name: str, body: Mapping[str, Any]) -> tuple[ComputeTargetRecord, ComputeStatus]:
        """Create or change a compute target.

        Raises:
            UserError: The name, the type or the node counts cannot be used.
            ConflictError: There is a target of this name and another type.
        """
        record = _checked(name, body)
        now = now_text()
        earlier = next((item for item in self._catalog.compute_targets() if item.name == name), None)
        if earlier is not None and earlier.type != record.type:
            raise ConflictError(
                f"compute target {name!r} is of type {earlier.type}, not {record.type}",
                hint="choose another name, or delete or detach that target first",
            )
        record = dataclasses.replace(
            record, created_at=earlier.created_at if earlier else now, modified_at=now, provisioning_state="Succeeded"
        )
        self._catalog.put_compute(record)
        self._changed(record)
        return self.target(name)

    def delete(self, name: str) -> None:
        """Forget a compute target; what runs there goes on.

        Raises:
            ConflictError: It is `local`, which every workspace has.
        """
        self.target(name)
        if name == LOCAL_COMPUTE:
            raise ConflictError("compute target 'local' belongs to the workspace")
        self._catalog.delete_compute(name)


def check_runs_steps(step: str, target: ComputeTargetRecord) -> None:
    """Check that something here runs the steps of a target.

    Args:
        step: Name of the step that asks.
        target: Where it wants to run.

    Raises:
        DefinitionError: Nothing does, or it is stopped.
    """
    if target.driver == compute.NONE:
        raise DefinitionError(
            f"step {step!r} runs on compute target {target.name!r} of type {target.type}, on which azud does not run "
            "steps yet: the target is only kept",
            hint="use an AmlCompute target, a ComputeInstance or 'local'",
        )
    state = target.properties.get("state", compute.RUNNING)
    if target.type == compute.INSTANCE and state != compute.RUNNING:
        raise DefinitionError(
            f"step {step!r} runs on compute instance {target.name!r}, which is {str(state).lower()}",
            hint="start it with ComputeInstance.start()",
        )


def _checked(name: str, body: Mapping[str, Any]) -> ComputeTargetRecord:
    if name == LOCAL_COMPUTE:
        raise UserError("the name 'local' is reserved", hint="choose another name")
    check_name(name, "compute target")
    record = from_json(ComputeTargetRecord, {**body, "name": name}, "body")
    driver = compute.DRIVERS.get(record.type)
    if driver is None or record.type == LOCAL_COMPUTE:
        raise UserError(
            f"a compute target of type {record.type!r} cannot be made",
            hint=f"types: {', '.join(kind for kind in compute.DRIVERS if kind != LOCAL_COMPUTE)}",
        )
    if body.get("driver", driver) != driver:
        raise UserError(
            f"compute driver {record.driver!r} does not run targets of type {record.type}",
            hint=f"leave it out: it is {driver!r}",
        )
    record = dataclasses.replace(record, driver=driver)
    _check_nodes(record)
    return record


def _check_nodes(record: ComputeTargetRecord) -> None:
    least = record.properties.get("min_nodes", 0)
    most = record.properties.get("max_nodes")
    if record.type == compute.AML and (
        not isinstance(most, int) or not isinstance(least, int) or not 0 <= least <= most
    ):
        raise UserError(
            f"compute target {record.name!r}: min_nodes is {least!r}, max_nodes is {most!r}",
            hint="0 <= min_nodes <= max_nodes, and max_nodes is needed",
        )
