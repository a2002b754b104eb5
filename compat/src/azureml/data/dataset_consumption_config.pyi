# Made by `python -m azud.porting.stubs`.

from azud.sdk.dataset_consumption import DatasetConsumptionConfig as DatasetConsumptionConfig
