# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.dsvm import DsvmCompute as DsvmCompute
from azud.sdk.compute.dsvm import DsvmProvisioningConfiguration as DsvmProvisioningConfiguration
