# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.remote import RemoteCompute as RemoteCompute
from azud.sdk.compute.remote import RemoteComputeAttachConfiguration as RemoteComputeAttachConfiguration
