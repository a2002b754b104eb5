# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.kubernetes import KubernetesCompute as KubernetesCompute
from azud.sdk.compute.kubernetes import KubernetesComputeAttachConfiguration as KubernetesComputeAttachConfiguration
from azud.sdk.compute.kubernetes import KubernetesComputeStatus as KubernetesComputeStatus
