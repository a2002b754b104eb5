# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.aks_configuration import AksAttachConfiguration as AksAttachConfiguration
from azud.sdk.compute.aks import AksCompute as AksCompute
from azud.sdk.compute.aks_configuration import AksProvisioningConfiguration as AksProvisioningConfiguration
from azud.sdk.compute.aks_configuration import AksUpdateConfiguration as AksUpdateConfiguration
from azud.sdk.compute.aks_serving import SslConfiguration as SslConfiguration
from azud.sdk.compute.aks_serving import SystemService as SystemService
