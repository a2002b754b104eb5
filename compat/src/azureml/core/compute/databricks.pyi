# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.databricks import DatabricksAttachConfiguration as DatabricksAttachConfiguration
from azud.sdk.compute.databricks import DatabricksCompute as DatabricksCompute
