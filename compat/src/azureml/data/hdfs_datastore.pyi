# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore_kinds import HDFSDatastore as HDFSDatastore
