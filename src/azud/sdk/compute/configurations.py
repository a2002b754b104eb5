"""What configurations of compute targets have in common: new ones, attached ones, changes."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from azud.sdk.compute.checking import resource


class _Configuration:
    """What a compute target shall be.

    Args of subclasses are v1's. `_kept` names the settings that the workspace keeps with the target, `_secrets` those
    of which it keeps only that they were given.
    """

    _kept: Tuple[str, ...] = ()
    _secrets: Tuple[str, ...] = ()

    tags: Optional[Dict[str, str]] = None
    description: Optional[str] = None

    def __init__(self, type: Any) -> None:
        """Keep the class of the target."""
        self._compute_type = type

    def validate_configuration(self) -> None:
        """Check the settings; kinds that have rules do.

        Raises:
            ComputeTargetException: They cannot be used.
        """

    def _properties(self) -> Dict[str, Any]:
        """Return what the workspace keeps: the settings that are given, and the names of the secrets."""
        found = {name: getattr(self, name) for name in self._kept if getattr(self, name) not in (None, "")}
        secrets = [name for name in self._secrets if getattr(self, name)]
        return dict(found, secrets=secrets) if secrets else found

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._properties().items())
        return f"{type(self).__name__}({shown})"


class ComputeTargetProvisioningConfiguration(_Configuration):
    """What a new compute target shall be, for `ComputeTarget.create`."""

    def __init__(self, type: Any, location: Optional[str]) -> None:
        """Keep the class of the target, and Azure's region, which has no meaning here."""
        super().__init__(type)
        self.location = location


class ComputeTargetAttachConfiguration(_Configuration):
    """Which compute target of another service is meant, for `ComputeTarget.attach`."""

    # The provider and kind of the Azure resource, and the setting that names it beside the resource group.
    _resource_kind = ""
    _resource_name = ""

    def validate_configuration(self) -> None:
        """Check that the resource is named; kinds that have more rules check those, too.

        Raises:
            ComputeTargetException: Neither by its id nor by group and name, or by both and they disagree.
        """
        if self._resource_name:
            parts = {name: getattr(self, name) for name in ("resource_group", self._resource_name)}
            resource(getattr(self, "resource_id", None), **parts)

    def _resource_id(self, subscription_id: str) -> Optional[str]:
        """Return the id of the Azure resource, or None if it has none.

        Args:
            subscription_id: Of the workspace; a configuration may name another one.
        """
        given: Optional[str] = getattr(self, "resource_id", None)
        group = getattr(self, "resource_group", None)
        name = getattr(self, self._resource_name, None) if self._resource_name else None
        if given or not (group and name):
            return given or None
        subscription = getattr(self, "subscription_id", None) or subscription_id
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{self._resource_kind}/{name}"


class ComputeTargetUpdateConfiguration(_Configuration):
    """What shall change of a compute target."""
