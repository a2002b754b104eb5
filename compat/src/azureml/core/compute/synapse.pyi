# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.synapse import SynapseAttachConfiguration as SynapseAttachConfiguration
from azud.sdk.compute.synapse import SynapseCompute as SynapseCompute
