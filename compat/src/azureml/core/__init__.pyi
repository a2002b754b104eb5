# Made by `python -m azud.porting.stubs`.

from typing import NoReturn
from typing_extensions import deprecated
from azureml.core.image import Image as Image
from azureml.core.linked_service import LinkedService as LinkedService
from azureml.core.private_endpoint import PrivateEndPoint as PrivateEndPoint
from azureml.core.private_endpoint import PrivateEndPointConfig as PrivateEndPointConfig
from azureml.core.linked_service import (
    SynapseWorkspaceLinkedServiceConfiguration as SynapseWorkspaceLinkedServiceConfiguration,
)
from azureml.core.webservice import Webservice as Webservice
from azureml.core.compute_target import attach_legacy_compute_target as attach_legacy_compute_target
from azureml.core.compute_target import is_compute_target_prepared as is_compute_target_prepared
from azureml.core.compute_target import prepare_compute_target as prepare_compute_target
from azureml.core.compute_target import remove_legacy_compute_target as remove_legacy_compute_target
from azud.sdk.compute import ComputeTarget as ComputeTarget
from azud.sdk.container_registry import ContainerRegistry as ContainerRegistry
from azud.sdk.legacy_dataset import Dataset as Dataset
from azud.sdk.datastore import Datastore as Datastore
from azud.sdk.environment import Environment as Environment
from azud.sdk.experiment import Experiment as Experiment
from azud.sdk.keyvault import Keyvault as Keyvault
from azud.sdk.model import Model as Model
from azud.sdk.run import Run as Run
from azud.sdk.runconfig import RunConfiguration as RunConfiguration
from azud.sdk.script_run import ScriptRun as ScriptRun
from azud.sdk.script_run_config import ScriptRunConfig as ScriptRunConfig
from azud.sdk.workspace import Workspace as Workspace
from azud.sdk.run import get_run as get_run

VERSION: str
__version__: str

@deprecated("azud does not have diagnostic_log yet")
def diagnostic_log() -> NoReturn:
    """Not there yet: it was not public; use the classes of azureml.core."""
