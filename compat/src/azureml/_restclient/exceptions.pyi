# Made by `python -m azud.porting.stubs`.

from azud.sdk.exceptions import ServiceException as ServiceException
