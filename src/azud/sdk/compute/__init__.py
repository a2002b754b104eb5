"""Compute targets: where steps run."""

from __future__ import annotations

from azud.sdk.compute.aml import AmlCompute
from azud.sdk.compute.aml_status import AmlComputeProvisioningConfiguration, AmlComputeStatus, ScaleSettings
from azud.sdk.compute.target import ComputeTarget, compute_of_record

__all__ = [
    "AmlCompute",
    "AmlComputeProvisioningConfiguration",
    "AmlComputeStatus",
    "ComputeTarget",
    "ScaleSettings",
    "compute_of_record",
]
