"""Which class shows a compute target of which type."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Dict, Mapping, Tuple

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

_CLASSES: Dict[str, Tuple[str, str]] = {
    "AmlCompute": ("aml", "AmlCompute"),
    "ComputeInstance": ("instance", "ComputeInstance"),
    "VirtualMachine": ("remote", "RemoteCompute"),
    "Databricks": ("databricks", "DatabricksCompute"),
    "HDInsight": ("hdinsight", "HDInsightCompute"),
    "Batch": ("batch", "BatchCompute"),
    "DataFactory": ("datafactory", "DataFactoryCompute"),
    "DataLakeAnalytics": ("adla", "AdlaCompute"),
    "AKS": ("aks", "AksCompute"),
    "Kubernetes": ("kubernetes", "KubernetesCompute"),
    "SynapseSpark": ("synapse", "SynapseCompute"),
    "Kusto": ("kusto", "KustoCompute"),
    "local": ("target", "ComputeTarget"),
}


def compute_of_record(workspace: Workspace, record: Mapping[str, Any]) -> Any:
    """Return the compute target object for the API's description of one: of the class that its type asks for."""
    return class_of(record)._of_record(workspace, dict(record))


def class_of(record: Mapping[str, Any]) -> Any:
    """Return the class of a record's type; one that nothing here knows is a plain `ComputeTarget`."""
    module, name = _CLASSES.get(record["type"], _CLASSES["local"])
    if record["type"] == "VirtualMachine" and not (record.get("properties") or {}).get("attached"):
        module, name = "dsvm", "DsvmCompute"  # the same type in v1, too: what was created is one
    return getattr(import_module(f"azud.sdk.compute.{module}"), name)
