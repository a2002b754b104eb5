"""What a new `AmlCompute` shall be, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from azud.sdk.compute.checking import all_or_none, one_of, whole
from azud.sdk.compute.configurations import ComputeTargetProvisioningConfiguration
from azud.sdk.exceptions import ComputeTargetException


class ScaleSettings:
    """Between how many nodes a cluster moves, and when idle ones go."""

    def __init__(
        self,
        minimum_node_count: Optional[int],
        maximum_node_count: Optional[int],
        idle_seconds_before_scaledown: Optional[int],
    ) -> None:
        """Keep the numbers."""
        self.minimum_node_count = minimum_node_count
        self.maximum_node_count = maximum_node_count
        self.idle_seconds_before_scaledown = idle_seconds_before_scaledown

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "minNodeCount": self.minimum_node_count,
            "maxNodeCount": self.maximum_node_count,
            "nodeIdleTimeBeforeScaleDown": f"PT{self.idle_seconds_before_scaledown or 0}S",
        }

    @staticmethod
    def deserialize(object_dict: Mapping[str, Any]) -> ScaleSettings:
        """Return the settings of their JSON form."""
        idle = str(object_dict.get("nodeIdleTimeBeforeScaleDown") or "PT0S").strip("PTS")
        return ScaleSettings(
            object_dict.get("minNodeCount"), object_dict.get("maxNodeCount"), int(idle) if idle.isdigit() else None
        )


def scale_settings_of(properties: Mapping[str, Any]) -> ScaleSettings:
    """Return the scale settings among a compute target's properties."""
    return ScaleSettings(
        properties.get("min_nodes"), properties.get("max_nodes"), properties.get("idle_seconds_before_scaledown")
    )


def checked_scale(min_nodes: Any, max_nodes: Any, idle_seconds: Any) -> ScaleSettings:
    """Return scale settings of counts that fit together; they may be texts of digits.

    Raises:
        ComputeTargetException: One is no count, `max_nodes` is missing, or `min_nodes` is above it.
    """
    if max_nodes is None:
        raise ComputeTargetException("max_nodes must be given: how many steps may run at a time")
    lowest, highest = whole(min_nodes, "min_nodes"), whole(max_nodes, "max_nodes", 1)
    if lowest > highest:
        raise ComputeTargetException(f"min_nodes is {lowest}, which is above max_nodes, {highest}")
    return ScaleSettings(lowest, highest, whole(idle_seconds, "idle_seconds_before_scaledown"))


def identity(identity_type: Any, identity_id: Any) -> Dict[str, Any]:
    """Return an identity as the workspace keeps it; {} if none is given.

    Raises:
        ComputeTargetException: No such type, or ids that are missing, too many or no texts.
    """
    if identity_type is None:
        if identity_id:
            raise ComputeTargetException("identity_id without identity_type: give both or none")
        return {}
    kind = one_of(identity_type, "identity_type", "SystemAssigned", "UserAssigned")
    ids: List[str] = [identity_id] if isinstance(identity_id, str) else list(identity_id or [])
    if (kind == "UserAssigned") != bool(ids) or not all(isinstance(item, str) and item for item in ids):
        raise ComputeTargetException(
            f"identity_id is {identity_id!r}: a UserAssigned identity has a list of resource ids, "
            "a SystemAssigned one has none"
        )
    return {"identity_type": kind, "identity_id": ids} if ids else {"identity_type": kind}


class AmlComputeProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a new `AmlCompute` shall be."""

    _kept = (
        "admin_username",
        "vnet_resourcegroup_name",
        "vnet_name",
        "subnet_name",
    )
    _secrets = ("admin_user_password", "admin_user_ssh_key")

    def __init__(
        self,
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: int = 0,
        max_nodes: Optional[int] = None,
        idle_seconds_before_scaledown: int = 1800,
        admin_username: Optional[str] = None,
        admin_user_password: Optional[str] = None,
        admin_user_ssh_key: Optional[str] = None,
        vnet_resourcegroup_name: Optional[str] = None,
        vnet_name: Optional[str] = None,
        subnet_name: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        remote_login_port_public_access: str = "NotSpecified",
        identity_type: Optional[str] = None,
        identity_id: Any = None,
        compute_location: Optional[str] = None,
        enable_node_public_ip: bool = True,
    ) -> None:
        """Keep the settings; those of Azure's networks, accounts and identities have no meaning here.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        from azud.sdk.compute.aml import AmlCompute

        super().__init__(AmlCompute, compute_location)
        self.vm_size = vm_size
        self.vm_priority = vm_priority
        self.scale_settings = checked_scale(min_nodes, max_nodes, idle_seconds_before_scaledown)
        self.admin_username = admin_username
        self.admin_user_password = admin_user_password
        self.admin_user_ssh_key = admin_user_ssh_key
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.tags = tags
        self.description = description
        self.remote_login_port_public_access = remote_login_port_public_access
        self.identity_type = identity_type
        self.identity_id = identity_id
        self.compute_location = compute_location
        self.enable_node_public_ip = enable_node_public_ip
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the settings.

        Raises:
            ComputeTargetException: Counts, priority, network, account or identity cannot be as they are given.
        """
        scale = self.scale_settings
        idle = scale.idle_seconds_before_scaledown
        self.scale_settings = checked_scale(scale.minimum_node_count, scale.maximum_node_count, idle)
        if not isinstance(self.vm_size, str):
            raise ComputeTargetException(f"vm_size is {self.vm_size!r}: give a text such as 'STANDARD_D2_V2'")
        one_of(self.vm_priority, "vm_priority", "dedicated", "lowpriority")
        one_of(
            self.remote_login_port_public_access,
            "remote_login_port_public_access",
            "NotSpecified",
            "Enabled",
            "Disabled",
        )
        all_or_none(
            vnet_resourcegroup_name=self.vnet_resourcegroup_name,
            vnet_name=self.vnet_name,
            subnet_name=self.subnet_name,
        )
        has_secret = bool(self.admin_user_password or self.admin_user_ssh_key)
        if has_secret != bool(self.admin_username):
            raise ComputeTargetException(
                "an administrator has a name and a password or SSH key: give admin_username and admin_user_password or "
                "admin_user_ssh_key, or none of them"
            )
        identity(self.identity_type, self.identity_id)

    def _properties(self) -> Dict[str, Any]:
        scale = self.scale_settings
        found = {
            "vm_size": self.vm_size,
            "vm_priority": self.vm_priority,
            "min_nodes": scale.minimum_node_count,
            "max_nodes": scale.maximum_node_count,
            "idle_seconds_before_scaledown": scale.idle_seconds_before_scaledown,
            **super()._properties(),
            **identity(self.identity_type, self.identity_id),
        }
        if self.remote_login_port_public_access != "NotSpecified":
            found["remote_login_port_public_access"] = self.remote_login_port_public_access
        if not self.enable_node_public_ip:
            found["enable_node_public_ip"] = False
        return found
