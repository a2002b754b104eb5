# Made by `python -m azud.porting.stubs`.

from azud.sdk.workspace import Workspace as Workspace
