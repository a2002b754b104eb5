# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.legacy_dataset import Dataset as Dataset
from azud.sdk.model import Model as Model

@deprecated("azud does not have InferenceConfig yet")
class InferenceConfig:
    """Not there yet: nothing serves models yet; load the model in your own program."""

@deprecated("azud does not have ModelPackage yet")
class ModelPackage:
    """Not there yet: save the model as an output of its step, and register that as a dataset."""
