"""`ComputeInstance`: a person's machine in v1's words. It is this machine."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional

from azud.sdk.compute.checking import all_or_none
from azud.sdk.compute.configurations import ComputeTargetProvisioningConfiguration
from azud.sdk.compute.machine import MachineTarget
from azud.sdk.compute.records import refuse_in_job
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import not_yet

RUNNING, STOPPED = "Running", "Stopped"


class ComputeInstanceProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a new `ComputeInstance` shall be."""

    _kept = (
        "vm_size",
        "vnet_resourcegroup_name",
        "vnet_name",
        "subnet_name",
        "assigned_user_object_id",
        "assigned_user_tenant_id",
    )
    _secrets = ("admin_user_ssh_public_key",)

    def __init__(
        self,
        vm_size: str = "",
        ssh_public_access: bool = False,
        admin_user_ssh_public_key: Optional[str] = None,
        vnet_resourcegroup_name: Optional[str] = None,
        vnet_name: Optional[str] = None,
        subnet_name: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        assigned_user_object_id: Optional[str] = None,
        assigned_user_tenant_id: Optional[str] = None,
    ) -> None:
        """Keep the settings; those of Azure's networks and accounts have no meaning here.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(ComputeInstance, None)
        self.vm_size = vm_size
        self.ssh_public_access = ssh_public_access
        self.admin_user_ssh_public_key = admin_user_ssh_public_key
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.tags = tags
        self.description = description
        self.assigned_user_object_id = assigned_user_object_id
        self.assigned_user_tenant_id = assigned_user_tenant_id
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the settings.

        Raises:
            ComputeTargetException: Size, SSH access, network or assigned user cannot be as they are given.
        """
        if not isinstance(self.vm_size, str):
            raise ComputeTargetException(f"vm_size is {self.vm_size!r}: give a text such as 'STANDARD_D2_V2'")
        if self.ssh_public_access and not self.admin_user_ssh_public_key:
            raise ComputeTargetException("ssh_public_access without admin_user_ssh_public_key: give both or none")
        all_or_none(
            vnet_resourcegroup_name=self.vnet_resourcegroup_name,
            vnet_name=self.vnet_name,
            subnet_name=self.subnet_name,
        )
        all_or_none(
            assigned_user_object_id=self.assigned_user_object_id,
            assigned_user_tenant_id=self.assigned_user_tenant_id,
        )

    def _properties(self) -> Dict[str, Any]:
        made_by = os.environ.get("LOGNAME") or os.environ.get("USER")
        found = dict(super()._properties(), ssh_public_access=bool(self.ssh_public_access), state=RUNNING)
        return dict(found, created_by_user_name=made_by) if made_by else found


class ComputeInstanceStatus:
    """A compute instance at one moment; `state` is v1's word: `Running`, `Stopped`."""

    def __init__(
        self,
        creation_time: Any,
        created_by_user_name: Any,
        created_by_user_id: Any,
        created_by_user_org: Any,
        errors: Any,
        modified_time: Any,
        state: Any,
        vm_size: Any,
    ) -> None:
        """Keep the facts."""
        self.creation_time = creation_time
        self.created_by_user_name = created_by_user_name
        self.created_by_user_id = created_by_user_id
        self.created_by_user_org = created_by_user_org
        self.errors = errors
        self.modified_time = modified_time
        self.state = state
        self.vm_size = vm_size

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "errors": self.errors,
            "creationTime": self.creation_time,
            "createdBy": {
                "userObjectId": self.created_by_user_id,
                "userTenantId": self.created_by_user_org,
                "userName": self.created_by_user_name,
            },
            "modifiedTime": self.modified_time,
            "state": self.state,
            "vmSize": self.vm_size,
        }

    @staticmethod
    def deserialize(object_dict: Optional[Mapping[str, Any]]) -> Optional[ComputeInstanceStatus]:
        """Return the status of its JSON form."""
        if not object_dict:
            return None
        get, user = object_dict.get, object_dict.get("createdBy") or {}
        return ComputeInstanceStatus(
            get("creationTime"),
            user.get("userName"),
            user.get("userObjectId"),
            user.get("userTenantId"),
            get("errors"),
            get("modifiedTime"),
            get("state"),
            get("vmSize"),
        )


class ComputeInstance(MachineTarget):
    """A person's machine in v1's words: its steps run on this one, as many at a time as it has slots.

    Starting and stopping change its state only; while it is stopped, submissions that name it are refused. What runs on
    it goes on.
    """

    _type = "ComputeInstance"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        ssh_public_access: bool = False,
        admin_user_ssh_public_key: Optional[str] = None,
        vnet_resourcegroup_name: Optional[str] = None,
        vnet_name: Optional[str] = None,
        subnet_name: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        assigned_user_object_id: Optional[str] = None,
        assigned_user_tenant_id: Optional[str] = None,
    ) -> ComputeInstanceProvisioningConfiguration:
        """Return what a new instance shall be, for `ComputeTarget.create`.

        Raises:
            ComputeTargetException: Settings contradict each other.
        """
        return ComputeInstanceProvisioningConfiguration(
            vm_size,
            ssh_public_access,
            admin_user_ssh_public_key,
            vnet_resourcegroup_name,
            vnet_name,
            subnet_name,
            tags,
            description,
            assigned_user_object_id,
            assigned_user_tenant_id,
        )

    @property
    def status(self) -> ComputeInstanceStatus:
        """The state as it was read last; `get_status()` reads it anew."""
        properties = self._properties
        return ComputeInstanceStatus(
            self.created_on,
            properties.get("created_by_user_name"),
            None,
            None,
            None,
            self.modified_on,
            properties.get("state"),
            self.vm_size,
        )

    def get_status(self) -> ComputeInstanceStatus:
        """Return the instance's state now."""
        self.refresh_state()
        return self.status

    def start(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Take steps again; without effect on an instance that runs.

        Raises:
            ComputeTargetException: In a job, or the instance is gone.
        """
        self._become(RUNNING, "start a compute instance", show_output=show_output)

    def stop(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Take no more steps until it is started; what runs goes on.

        Raises:
            ComputeTargetException: In a job, or the instance is gone.
        """
        self._become(STOPPED, "stop a compute instance", show_output=show_output)

    def restart(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Take steps again, as `start`; what runs goes on.

        Raises:
            ComputeTargetException: In a job, or the instance is gone.
        """
        self._become(RUNNING, "restart a compute instance", show_output=show_output)

    def _become(self, state: str, what: str, *, show_output: bool) -> None:
        refuse_in_job(what)
        self.refresh_state()
        self._change(state=state)
        if show_output:
            print(f"{self.name}: {state}")

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:
        """Return when the instance is there, which it is once it was created, or gone, once it was deleted."""
        if show_output and not is_delete_operation:
            print(f"{self.name}: {self.get_status().state}")

    def delete(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Forget the instance; runs that it had keep its name.

        Raises:
            ComputeTargetException: In a job, or the instance is gone.
        """
        super().delete()
        if show_output:
            print(f"{self.name}: deleted")

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form, status included."""
        found = super().serialize()
        found["properties"]["status"] = self.status.serialize()
        return found

    get_docs_url = classmethod(not_yet("ComputeInstance.get_docs_url"))
    update_sso_settings = not_yet("ComputeInstance.update_sso_settings")
