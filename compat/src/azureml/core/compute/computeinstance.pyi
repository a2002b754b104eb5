# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.instance import ComputeInstance as ComputeInstance
from azud.sdk.compute.instance import (
    ComputeInstanceProvisioningConfiguration as ComputeInstanceProvisioningConfiguration,
)
from azud.sdk.compute.instance import ComputeInstanceStatus as ComputeInstanceStatus
