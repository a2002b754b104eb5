# Made by `python -m azud.porting.stubs`.

from azud.sdk.datapath import DataPath as DataPath
from azud.sdk.datapath import DataPathComputeBinding as DataPathComputeBinding
