"""`ComputeTarget`: where steps run, and the base of its kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from azud.sdk.compute.configurations import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
)
from azud.sdk.compute.kinds import class_of, compute_of_record
from azud.sdk.compute.records import Record, camel, put, refuse_in_job, scope, snake
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import warn

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

_RESERVED = ("amlcompute", "local", "containerinstance")


class ComputeTarget:
    """A compute target of the workspace. `ComputeTarget(workspace, name)` gives an object of its own class."""

    _type = ""
    _runs_steps = False

    def __new__(cls, workspace: Workspace, name: str) -> Any:
        """Return the compute target of this name.

        Raises:
            ComputeTargetException: The workspace has none: the message starts `ComputeTargetNotFound`; or it is of
                another kind than this class.
        """
        record = workspace._api.find(f"/compute/{name}")
        if record is None:
            raise ComputeTargetException(
                f"ComputeTargetNotFound: Compute Target with name {name} not found in workspace {workspace.name}",
                code="not_found",
            )
        if cls._type and record["type"] != cls._type:
            raise ComputeTargetException(
                f"compute target {name!r} is of type {record['type']}, not {cls._type}",
                hint=f"open it with {class_of(record).__name__}, or with ComputeTarget",
            )
        return cls._of_record(workspace, record) if cls._type else compute_of_record(workspace, record)

    def __init__(self, workspace: Workspace, name: str) -> None:
        """Open a compute target; see `__new__`, which has read it."""

    @staticmethod
    def create(workspace: Workspace, name: str, provisioning_configuration: Any) -> Any:
        """Create a compute target and return it.

        Effects: one record on the server; no machine is rented. `AmlCompute` and `ComputeInstance` run steps on this
        machine; of other kinds the record is all there is, and a line on standard error says so.

        Raises:
            ComputeTargetException: In a job, a reserved name, settings that contradict each other, or a target of this
                name and another kind.
        """
        refuse_in_job("create a compute target")
        _check(name, provisioning_configuration, ComputeTargetProvisioningConfiguration, "provisioning_configuration")
        kind = provisioning_configuration._compute_type
        properties = provisioning_configuration._properties()
        return _put(workspace, name, kind, provisioning_configuration, properties)

    @staticmethod
    def attach(workspace: Workspace, name: str, attach_configuration: Any) -> Any:
        """Keep a compute target of another service under a name, and return it.

        Effects: one record on the server. Nothing is asked of that service, and of passwords, keys and tokens only
        that they were given is kept.

        Raises:
            ComputeTargetException: In a job, a reserved name, settings that contradict each other, or a target of this
                name and another kind.
        """
        refuse_in_job("attach a compute target")
        _check(name, attach_configuration, ComputeTargetAttachConfiguration, "attach_configuration")
        properties = {**attach_configuration._properties(), "attached": True}
        resource_id = attach_configuration._resource_id(workspace.subscription_id)
        if resource_id:
            properties["resource_id"] = resource_id
        return _put(workspace, name, attach_configuration._compute_type, attach_configuration, properties)

    @staticmethod
    def list(workspace: Workspace) -> List[Any]:
        """Return the workspace's compute targets."""
        return [target for target in workspace.compute_targets.values()]

    # Objects are made by `_of_record`; these are their fields.
    name: str
    type: str
    workspace: Workspace
    _record: Record

    @classmethod
    def _of_record(cls, workspace: Workspace, record: Record) -> Any:
        found = object.__new__(cls)
        found.workspace = workspace
        found._take(record)
        return found

    def _take(self, record: Record) -> None:
        self._record = record
        self.name = record["name"]
        self.type = record["type"]
        self.tags = dict(record.get("tags") or {})
        self.description = record.get("description") or None
        self.created_on = record.get("created_at")
        self.modified_on = record.get("modified_at")
        self.provisioning_state = record.get("provisioning_state")
        self.provisioning_errors: Any = None
        self.location = self.cluster_location = "local"
        self.is_attached = bool(self._properties.get("attached"))
        self.cluster_resource_id: Optional[str] = self._properties.get("resource_id")
        self.id = scope(self.workspace, self.name)

    @property
    def _properties(self) -> Dict[str, Any]:
        return self._record.get("properties") or {}

    def _change(self, **properties: Any) -> None:
        """Have the server keep other properties, those given, and show them."""
        changed = {**self._properties, **properties}
        self._take(put(self.workspace, self.name, self.type, changed, self.tags, self.description))

    def refresh_state(self) -> None:
        """Read the server's state again.

        Raises:
            ComputeTargetException: The target is gone.
        """
        self._take(self.workspace._api.get(f"/compute/{self.name}", kind=ComputeTargetException))

    def get_status(self) -> Any:
        """Return the provisioning state."""
        self.refresh_state()
        return self.provisioning_state

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:
        """Return when the target is there, which it is once it has been created, or gone, once it was deleted."""
        if show_output and not is_delete_operation:
            print(f"{self.name}: {self.get_status()}")

    def delete(self) -> None:
        """Forget the target; runs that it had keep its name.

        Raises:
            ComputeTargetException: In a job, or the target is gone.
        """
        refuse_in_job("delete a compute target")
        self._forget("Deleting")

    def detach(self) -> None:
        """Forget the target; what it stands for in another service stays as it is.

        Raises:
            ComputeTargetException: In a job, or the target is gone.
        """
        refuse_in_job("detach a compute target")
        self._forget("Detaching")

    def _forget(self, state: str) -> None:
        self.workspace._api.send("DELETE", f"/compute/{self.name}", kind=ComputeTargetException)
        self.provisioning_state = state

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "id": self.id,
            "name": self.name,
            "location": self.location,
            "tags": self.tags,
            "properties": {
                "description": self.description,
                "resourceId": self.cluster_resource_id,
                "computeType": self.type,
                "computeLocation": self.cluster_location,
                "provisioningState": self.provisioning_state,
                "provisioningErrors": self.provisioning_errors,
                "createdOn": self.created_on,
                "modifiedOn": self.modified_on,
                "isAttachedCompute": self.is_attached,
                "properties": self._properties_to_json(),
            },
        }

    @classmethod
    def deserialize(cls, workspace: Workspace, object_dict: Mapping[str, Any]) -> Any:
        """Return the compute target that v1's JSON form describes, whether or not the workspace has it.

        Raises:
            ComputeTargetException: The form is not complete, or is of a target of another kind.
        """
        try:
            outer = object_dict["properties"]
            record = {
                "name": object_dict["name"],
                "type": outer["computeType"],
                "tags": object_dict.get("tags"),
                "description": outer.get("description"),
                "provisioning_state": outer.get("provisioningState"),
                "created_at": outer.get("createdOn"),
                "modified_at": outer.get("modifiedOn"),
            }
        except (KeyError, TypeError) as error:
            raise ComputeTargetException(f"{object_dict!r} is no compute target: it lacks {error}") from error
        if cls._type and record["type"] != cls._type:
            raise ComputeTargetException(f"a compute target of type {record['type']} is no {cls.__name__}")
        found = {"attached": outer.get("isAttachedCompute"), "resource_id": outer.get("resourceId")}
        properties = {name: value for name, value in found.items() if value}
        # Whether a virtual machine was created or attached stands among the properties.
        kind = cls if cls._type else class_of({**record, "properties": properties})
        properties.update(kind._properties_of_json(outer.get("properties") or {}))
        return kind._of_record(workspace, {**record, "properties": properties, "status_json": outer.get("status")})

    def _properties_to_json(self) -> Dict[str, Any]:
        """Return what is particular to the kind of target, in v1's spelling."""
        shown = ("attached", "resource_id")
        return {camel(name): value for name, value in self._properties.items() if name not in shown}

    @classmethod
    def _properties_of_json(cls, found: Mapping[str, Any]) -> Dict[str, Any]:
        """Return the properties of a record from those of the JSON form."""
        return {snake(name): value for name, value in found.items()}

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(workspace={self.workspace!r}, name={self.name}, id={self.id}, type={self.type}, "
            f"provisioning_state={self.provisioning_state}, location={self.location}, tags={self.tags})"
        )


def _check(name: Any, configuration: Any, kind: Any, parameter: str) -> None:
    if not isinstance(name, str) or not name or name.lower() in _RESERVED:
        raise ComputeTargetException(f"{name!r} cannot be the name of a compute target")
    if not isinstance(configuration, kind):
        raise ComputeTargetException(
            f"{parameter} is of type {type(configuration).__name__}",
            hint=f"use what {parameter}() of a class of compute targets returns",
        )
    configuration.validate_configuration()


def _put(workspace: Workspace, name: str, kind: Any, configuration: Any, properties: Mapping[str, Any]) -> Any:
    record = put(workspace, name, kind._type, properties, configuration.tags, configuration.description)
    if not kind._runs_steps:
        warn(f"compute target {name!r} ({kind._type}) is kept, and steps that name it are refused: nothing runs them")
    return kind._of_record(workspace, record)
