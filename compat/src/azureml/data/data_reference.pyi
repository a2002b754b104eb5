# Made by `python -m azud.porting.stubs`.

from azud.sdk.datapath import DataReference as DataReference
