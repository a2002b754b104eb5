# Made by `python -m azud.porting.stubs`.

from azud.sdk.dataset import FileDataset as FileDataset
