# Made by `python -m azud.porting.stubs`.

from azud.sdk.legacy_dataset import Dataset as Dataset
