"""`KubernetesCompute`: a Kubernetes cluster, kept as a record."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from azud.sdk.compute.aml_configuration import identity
from azud.sdk.compute.attached import AttachedTarget
from azud.sdk.compute.checking import needed
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration


class KubernetesComputeAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which Kubernetes cluster is meant, and where in it."""

    _kept = ("resource_id", "namespace")

    def __init__(
        self,
        resource_id: Optional[str] = None,
        namespace: Optional[str] = None,
        identity_type: Optional[str] = None,
        identity_ids: Optional[List[str]] = None,
    ) -> None:
        """Keep the names.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(KubernetesCompute)
        self.resource_id = resource_id
        self.namespace = namespace
        self.identity_type = identity_type
        self.identity_ids = identity_ids
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check that the cluster is named, and the identity.

        Raises:
            ComputeTargetException: No cluster, or no such identity.
        """
        needed(resource_id=self.resource_id)
        identity(self.identity_type, self.identity_ids)

    def to_dict(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        found: Dict[str, Any] = {
            "resourceId": self.resource_id,
            "properties": {"namespace": self.namespace or "default"},
        }
        if self.identity_type:
            found["identity"] = {"type": self.identity_type, "userAssignedIdentities": self.identity_ids}
        return found

    def _properties(self) -> Dict[str, Any]:
        return {**super()._properties(), **identity(self.identity_type, self.identity_ids)}


class KubernetesComputeStatus:
    """A Kubernetes target at one moment."""

    def __init__(self, creation_time: Any, modified_time: Any, provisioning_state: Any) -> None:
        """Keep the facts."""
        self.creation_time = creation_time
        self.modified_time = modified_time
        self.provisioning_state = provisioning_state

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "creationTime": self.creation_time,
            "modifiedTime": self.modified_time,
            "provisioningState": self.provisioning_state,
        }

    @staticmethod
    def deserialize(object_dict: Optional[Mapping[str, Any]]) -> Optional[KubernetesComputeStatus]:
        """Return the status of its JSON form."""
        if not object_dict:
            return None
        names = ("creationTime", "modifiedTime", "provisioningState")
        return KubernetesComputeStatus(*(object_dict.get(name) for name in names))


class KubernetesCompute(AttachedTarget):
    """A Kubernetes cluster. It runs no steps yet: a submission that names it is refused."""

    _type = "Kubernetes"

    @staticmethod
    def attach_configuration(
        resource_id: Optional[str] = None,
        namespace: Optional[str] = None,
        identity_type: Optional[str] = None,
        identity_ids: Optional[List[str]] = None,
    ) -> KubernetesComputeAttachConfiguration:
        """Return which cluster is meant, for `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: No cluster, or no such identity.
        """
        return KubernetesComputeAttachConfiguration(resource_id, namespace, identity_type, identity_ids)

    @property
    def status(self) -> KubernetesComputeStatus:
        """The state as it was read last; `get_status()` reads it anew."""
        return KubernetesComputeStatus(self.created_on, self.modified_on, self.provisioning_state)

    def get_status(self) -> KubernetesComputeStatus:
        """Return the target's state now."""
        self.refresh_state()
        return self.status

    def get(self) -> Dict[str, Any]:
        """Read the server's state again and return it in v1's JSON form.

        Raises:
            ComputeTargetException: The target is gone.
        """
        self.refresh_state()
        return self.serialize()

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:
        """Return when the target is there, which it is once it was attached, or gone, once it was detached."""
        if show_output and not is_delete_operation:
            print(f"{self.name}: {self.get_status().provisioning_state}")
