# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.batch import BatchAttachConfiguration as BatchAttachConfiguration
from azud.sdk.compute.batch import BatchCompute as BatchCompute
