# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.kusto import KustoAttachConfiguration as KustoAttachConfiguration
from azud.sdk.compute.kusto import KustoCompute as KustoCompute
