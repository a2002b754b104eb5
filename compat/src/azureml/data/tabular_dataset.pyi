# Made by `python -m azud.porting.stubs`.

from azud.sdk.dataset import TabularDataset as TabularDataset
