"""Compute targets: where steps run, and what v1's programs know of other places where they could."""

from __future__ import annotations

from azud.sdk.compute.aml import AmlCompute
from azud.sdk.compute.kinds import compute_of_record
from azud.sdk.compute.target import ComputeTarget

__all__ = ["AmlCompute", "ComputeTarget", "compute_of_record"]
