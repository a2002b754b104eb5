import azureml.core
from azureml.core import Workspace, Datastore

ws = Workspace.from_config()
