"""What the targets that run steps on this machine have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NoReturn, Optional, Union

from azud.planning.machines import known_sizes
from azud.sdk.compute.target import ComputeTarget
from azud.sdk.exceptions import ComputeTargetException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class MachineTarget(ComputeTarget):
    """A target whose steps run on this machine."""

    _runs_steps = True

    @property
    def vm_size(self) -> str:
        """Azure's name of the machine size, which is a label here."""
        return str(self._properties.get("vm_size") or "")

    def get_active_runs(
        self,
        type: Optional[str] = None,
        tags: Union[str, Mapping[str, Any], None] = None,
        properties: Union[str, Mapping[str, Any], None] = None,
        status: Optional[str] = None,
    ) -> Iterator[Any]:
        """Yield the steps and script runs of this target that have not ended, newest first.

        Args:
            type: Only of this type.
            tags: As `Experiment.get_runs`.
            properties: As `Experiment.get_runs`.
            status: In this state instead, `Queued` for example.
        """
        from azud.sdk.compute_runs import runs_on

        return runs_on(self, type, tags, properties, status)

    def get(self) -> Dict[str, Any]:
        """Read the server's state again and return it in v1's JSON form.

        Raises:
            ComputeTargetException: The target is gone.
        """
        self.refresh_state()
        return self.serialize()

    def detach(self) -> NoReturn:
        """Refuse, as in v1: what was created is deleted.

        Raises:
            ComputeTargetException: Always.
        """
        raise ComputeTargetException(f"a target of type {self._type} cannot be detached", hint="use delete()")

    @staticmethod
    def supported_vmsizes(workspace: Workspace, location: Optional[str] = None) -> List[Dict[str, Any]]:
        """Return the VM sizes of which azud knows what they have; every other name is accepted too, as a label.

        Each is `{"name", "vCPUs", "gpus", "memoryGB"}`.
        """
        return [
            {"name": name, "vCPUs": size.cores, "gpus": size.gpus, "memoryGB": size.memory_gib}
            for name, size in known_sizes().items()
        ]
