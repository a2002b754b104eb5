"""Compute targets as records."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict

AML, INSTANCE = "AmlCompute", "ComputeInstance"
RUNNING = "Running"
"""The state of a compute instance that takes steps."""

LOCAL, NONE = "local", "none"
"""Drivers: this machine's slots, or nothing: the target is kept and runs no steps."""

DRIVERS: Dict[str, str] = {
    "local": LOCAL,
    AML: LOCAL,
    INSTANCE: LOCAL,
    "VirtualMachine": NONE,
    "Databricks": NONE,
    "HDInsight": NONE,
    "Batch": NONE,
    "DataFactory": NONE,
    "DataLakeAnalytics": NONE,
    "AKS": NONE,
    "Kubernetes": NONE,
    "SynapseSpark": NONE,
    "Kusto": NONE,
}
"""v1's types of compute targets, and what runs the steps of each."""


@dataclasses.dataclass(frozen=True)
class ComputeTargetRecord:
    """Where steps run, known to the workspace by name.

    Args:
        type: v1's word; one of `DRIVERS`.
        driver: What runs its steps, as `DRIVERS` says for the type.
        properties: For `AmlCompute`: `vm_size`, `vm_priority`, `min_nodes`, `max_nodes`,
            `idle_seconds_before_scaledown`. For `ComputeInstance`: `vm_size`, and `state`, v1's word. For the others,
            what they were created or attached with. Never a secret.
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
