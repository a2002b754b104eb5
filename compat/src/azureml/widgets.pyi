# Made by `python -m azud.porting.stubs`.

from azud.sdk.widgets import RunDetails as RunDetails
