# Made by `python -m azud.porting.stubs`.

from azud.sdk.resource_configuration import ResourceConfiguration as ResourceConfiguration
