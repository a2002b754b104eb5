# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore import Datastore as Datastore
