# Made by `python -m azud.porting.stubs`.

from azud.sdk.data_transfer_step import DataTransferStep as DataTransferStep
