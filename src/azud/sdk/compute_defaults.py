"""The clusters that v1 keeps configurations of in `Workspace`."""

from __future__ import annotations

from typing import Any


class DefaultCluster:
    """A class attribute that is a new configuration for a cluster of a VM size, of no more than two nodes.

    It is made when it is read: most programs never do, and need no compute targets for it.
    """

    def __init__(self, vm_size: str) -> None:
        """Keep the size."""
        self._vm_size = vm_size

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        from azud.sdk.compute import AmlCompute

        return AmlCompute.provisioning_configuration(vm_size=self._vm_size, min_nodes=0, max_nodes=2)
