# Made by `python -m azud.porting.stubs`.

from azud.sdk.databricks import DatabricksCluster as DatabricksCluster
from azud.sdk.databricks import DatabricksEnvironment as DatabricksEnvironment
from azud.sdk.databricks import DatabricksSection as DatabricksSection
from azud.sdk.databricks import EggLibrary as EggLibrary
from azud.sdk.databricks import JarLibrary as JarLibrary
from azud.sdk.databricks import MavenLibrary as MavenLibrary
from azud.sdk.databricks import PyPiLibrary as PyPiLibrary
from azud.sdk.databricks import RCranLibrary as RCranLibrary
