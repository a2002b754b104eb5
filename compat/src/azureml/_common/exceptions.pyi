# Made by `python -m azud.porting.stubs`.

from azud.sdk.exceptions import AzureMLAggregatedException as AzureMLAggregatedException
from azud.sdk.exceptions import AzureMLException as AzureMLException
