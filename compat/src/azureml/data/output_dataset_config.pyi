# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.output_dataset import OutputDatasetConfig as OutputDatasetConfig
from azud.sdk.output_dataset import OutputFileDatasetConfig as OutputFileDatasetConfig
from azud.sdk.output_dataset import OutputTabularDatasetConfig as OutputTabularDatasetConfig
from azud.sdk.output_dataset import RegistrationConfiguration as RegistrationConfiguration
from azud.sdk.output_dataset import UploadOptions as UploadOptions

@deprecated("azud does not have HDFSOutputDatasetConfig yet")
class HDFSOutputDatasetConfig:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have LinkFileOutputDatasetConfig yet")
class LinkFileOutputDatasetConfig:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have LinkTabularOutputDatasetConfig yet")
class LinkTabularOutputDatasetConfig:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have MountOptions yet")
class MountOptions:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have TransformationMixin yet")
class TransformationMixin:
    """Not there yet: read and write files in the step itself."""
