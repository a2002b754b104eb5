"""In what way something that works differs from v1, by name: what `azud compat` says and docs/differences.md lists.

A name is `Class`, `Class.member` or a function. A note holds for the classes that inherit the member too.
"""

from __future__ import annotations

_KEPT = "a record without its secrets; a step that names it is refused when it is submitted"

_OPENS = "keys, tokens and secrets are None: what opens a store goes to the server and never comes back"
NOTES: dict[str, str] = {
    "AbstractADLSDatastore": _OPENS,
    "AbstractAuthentication": "nobody signs in; the header holds the workspace's own token",
    "AbstractDataset.unregister_all_versions": "the next registration under the name begins at version 1",
    "AdlaCompute": _KEPT,
    "AksCompute": _KEPT,
    "AmlCompute": "steps run on this machine; max_nodes limits how many at a time, and a VM size is a label",
    "AmlCompute.supported_vmsizes": "sizes of which azud knows what they have; other names are accepted as labels",
    "AzureBlobDatastore": _OPENS,
    "AzureDataLakeDatastore": "a record: its vendor retired Gen1",
    "AzureMySqlDatastore": _OPENS,
    "AzurePostgreSqlDatastore": _OPENS,
    "AzureSqlDatabaseDatastore": _OPENS,
    "BatchCompute": _KEPT,
    "ComputeInstance": "steps run on this machine; stopping it has submissions that name it refused",
    "DataFactoryCompute": _KEPT,
    "DataTransferStep": "runs on this machine, through azud's server; no data factory is asked",
    "DataReference.as_mount": "an ordinary folder, to be read",
    "DatabricksCompute": _KEPT,
    "Dataset.Tabular.from_sql_query": "the query runs each time the table is read; a step that reads it is not reused",
    "Dataset.get_by_name": "in a step, what is read so counts for reuse",
    "DatasetConsumptionConfig": "(workspace, name) is looked up when its step starts, and holds for its retries",
    "DatasetConsumptionConfig.as_mount": "an ordinary folder, to be read",
    "DsvmCompute": _KEPT,
    "Environment": "kept with the run; steps run in the Python that ran the program, which azud compares with it",
    "FileDataset.as_mount": "an ordinary folder, to be read",
    "FileDataset.mount": "links to the files in a folder; there is no FUSE",
    "LinkOutput.link": "the files are copied to the output, which then does not change with them",
    "HDInsightCompute": _KEPT,
    "KubernetesCompute": _KEPT,
    "KustoCompute": _KEPT,
    "OutputFileDatasetConfig": "without a name it does not prevent reuse",
    "Pipeline": "every submit looks at the source folders, that of an object submitted before too",
    "Pipeline.submit": "inputs and the environment count by content for reuse, names do not",
    "PipelineRun.wait_for_completion": "may be interrupted; the run goes on",
    "PythonScriptStep": "hash_paths has no effect, as in v1; retries=2 tries again after a failure",
    "RemoteCompute": _KEPT,
    "Run.wait_for_completion": "may be interrupted; the run goes on",
    "RunConfiguration": "kept with the run; a container that it asks for is not used",
    "SynapseCompute": _KEPT,
    "TabularDataset.partition_by": "the files lie in a new folder below the target",
    "TabularDataset.to_csv_files": "a temporary folder, which cannot be a step's input",
    "TabularDataset.to_parquet_files": "a temporary folder, which cannot be a step's input",
    "Workspace": "a folder .azud, found by the names of its config.json",
    "Workspace.delete": "the folder moves to .azud.deleted, and is removed with delete_dependent_resources only",
    "Workspace.images": "always empty",
    "Workspace.linked_services": "always empty",
    "Workspace.private_endpoints": "always empty",
    "Workspace.webservices": "always empty: nothing serves models yet",
    "set_diagnostics_collection": "azud sends nothing to anybody, whatever it is called with",
}
