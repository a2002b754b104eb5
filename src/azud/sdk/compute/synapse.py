"""`SynapseCompute`: a Spark pool of Azure Synapse, kept as a record."""

from __future__ import annotations

from typing import Any, Dict

from azud.sdk.compute.attached import AttachedTarget
from azud.sdk.compute.checking import needed, one_of
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration
from azud.sdk.exceptions import ComputeTargetException


class SynapseAttachConfiguration(ComputeTargetAttachConfiguration):
    """Which Spark pool of Azure Synapse is meant."""

    _kept = ("type", "pool_name")

    def __init__(self, linked_service: Any, type: str, pool_name: str) -> None:
        """Keep the names.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        super().__init__(SynapseCompute)
        self.linked_service = linked_service
        self.type = type
        self.pool_name = pool_name
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check that the pool is named.

        Raises:
            ComputeTargetException: The linked service or the pool has no name, or the type is not `SynapseSpark`.
        """
        one_of(self.type, "type", "SynapseSpark")
        needed(pool_name=self.pool_name)
        if not self._service_name():
            raise ComputeTargetException(f"linked_service is {self.linked_service!r}: give a linked service")

    def _service_name(self) -> str:
        service = self.linked_service
        return str(service if isinstance(service, str) else getattr(service, "name", None) or "")

    def _properties(self) -> Dict[str, Any]:
        return dict(super()._properties(), linked_service=self._service_name())


class SynapseCompute(AttachedTarget):
    """A Spark pool of Azure Synapse. It runs no steps here: a submission that names it is refused."""

    _type = "SynapseSpark"

    @staticmethod
    def attach_configuration(linked_service: Any, type: str, pool_name: str) -> SynapseAttachConfiguration:
        """Return which pool is meant, for `ComputeTarget.attach`.

        Args:
            linked_service: The linked service of the Synapse workspace, or its name.
            type: `SynapseSpark`.
            pool_name: The pool's name.

        Raises:
            ComputeTargetException: Something is not named, or the type is another.
        """
        return SynapseAttachConfiguration(linked_service, type, pool_name)
