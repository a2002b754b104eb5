# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute import AmlCompute as AmlCompute
from azud.sdk.compute.aml_status import AmlComputeNodeStateCounts as AmlComputeNodeStateCounts
from azud.sdk.compute.aml_configuration import (
    AmlComputeProvisioningConfiguration as AmlComputeProvisioningConfiguration,
)
from azud.sdk.compute.aml_status import AmlComputeStatus as AmlComputeStatus
from azud.sdk.compute.aml_configuration import ScaleSettings as ScaleSettings
