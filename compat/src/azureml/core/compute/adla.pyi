# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.adla import AdlaCompute as AdlaCompute
from azud.sdk.compute.adla import DataLakeAnalyticsAttachConfiguration as DataLakeAnalyticsAttachConfiguration
