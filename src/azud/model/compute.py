"""Compute targets as records."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict


@dataclasses.dataclass(frozen=True)
class ComputeTargetRecord:
    """Where steps run, known to the workspace by name.

    Args:
        type: v1's word (`AmlCompute`, `local`).
        driver: The backend that runs it; `local` so far.
        properties: For `AmlCompute`: `vm_size`, `vm_priority`, `min_nodes`, `max_nodes`,
            `idle_seconds_before_scaledown`.
    """

    name: str
    type: str
    driver: str = "local"
    properties: Dict[str, Any] = dataclasses.field(default_factory=dict)
    tags: Dict[str, str] = dataclasses.field(default_factory=dict)
    description: str = ""
    provisioning_state: str = "Succeeded"
    created_at: str = ""
    modified_at: str = ""


@dataclasses.dataclass(frozen=True)
class ComputeStatus:
    """A compute target at this moment: nodes held, nodes wanted, and what they do."""

    current_node_count: int
    target_node_count: int
    running_node_count: int
    idle_node_count: int
    allocation_state: str
    allocation_state_transition_at: str
