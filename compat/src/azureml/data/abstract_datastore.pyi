# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore import AbstractDatastore as AbstractDatastore
