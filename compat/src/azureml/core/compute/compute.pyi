# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute import ComputeTarget as ComputeTarget
from azud.sdk.compute.configurations import ComputeTargetAttachConfiguration as ComputeTargetAttachConfiguration
from azud.sdk.compute.configurations import (
    ComputeTargetProvisioningConfiguration as ComputeTargetProvisioningConfiguration,
)
from azud.sdk.compute.configurations import ComputeTargetUpdateConfiguration as ComputeTargetUpdateConfiguration
