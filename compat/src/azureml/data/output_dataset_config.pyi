# Made by `python -m azud.porting.stubs`.

from azud.sdk.linked_output import HDFSOutputDatasetConfig as HDFSOutputDatasetConfig
from azud.sdk.linked_output import LinkFileOutputDatasetConfig as LinkFileOutputDatasetConfig
from azud.sdk.linked_output import LinkTabularOutputDatasetConfig as LinkTabularOutputDatasetConfig
from azud.sdk.output_dataset import MountOptions as MountOptions
from azud.sdk.output_dataset import OutputDatasetConfig as OutputDatasetConfig
from azud.sdk.output_dataset import OutputFileDatasetConfig as OutputFileDatasetConfig
from azud.sdk.output_dataset import OutputTabularDatasetConfig as OutputTabularDatasetConfig
from azud.sdk.output_dataset import RegistrationConfiguration as RegistrationConfiguration
from azud.sdk.output_dataset import TransformationMixin as TransformationMixin
from azud.sdk.output_dataset import UploadOptions as UploadOptions
