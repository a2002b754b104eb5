# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.compute import AmlCompute as AmlCompute
from azud.sdk.compute_status import AmlComputeProvisioningConfiguration as AmlComputeProvisioningConfiguration
from azud.sdk.compute_status import AmlComputeStatus as AmlComputeStatus
from azud.sdk.compute_status import ScaleSettings as ScaleSettings

@deprecated("azud does not have AmlComputeNodeStateCounts yet")
class AmlComputeNodeStateCounts:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
