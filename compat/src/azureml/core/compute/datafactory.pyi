# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.datafactory import DataFactoryAttachConfiguration as DataFactoryAttachConfiguration
from azud.sdk.compute.datafactory import DataFactoryCompute as DataFactoryCompute
from azud.sdk.compute.datafactory import DataFactoryProvisioningConfiguration as DataFactoryProvisioningConfiguration
