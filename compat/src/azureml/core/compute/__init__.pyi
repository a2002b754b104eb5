# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.adla import AdlaCompute as AdlaCompute
from azud.sdk.compute.aks import AksCompute as AksCompute
from azud.sdk.compute import AmlCompute as AmlCompute
from azud.sdk.compute.batch import BatchCompute as BatchCompute
from azud.sdk.compute.instance import ComputeInstance as ComputeInstance
from azud.sdk.compute import ComputeTarget as ComputeTarget
from azud.sdk.compute.datafactory import DataFactoryCompute as DataFactoryCompute
from azud.sdk.compute.databricks import DatabricksCompute as DatabricksCompute
from azud.sdk.compute.dsvm import DsvmCompute as DsvmCompute
from azud.sdk.compute.hdinsight import HDInsightCompute as HDInsightCompute
from azud.sdk.compute.kubernetes import KubernetesCompute as KubernetesCompute
from azud.sdk.compute.kusto import KustoCompute as KustoCompute
from azud.sdk.compute.remote import RemoteCompute as RemoteCompute
from azud.sdk.compute.synapse import SynapseCompute as SynapseCompute
