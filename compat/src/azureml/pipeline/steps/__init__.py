"""`azureml.pipeline.steps`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataTransferStep": "data_transfer_step",
        "PythonScriptStep": "python_script_step",
    },
    absent={
        "AdlaStep": "steps",
        "AutoMLStep": "automl",
        "AutoMLStepRun": "automl",
        "AzureBatchStep": "steps",
        "CommandStep": "steps",
        "DatabricksStep": "steps",
        "EstimatorStep": "steps",
        "HyperDriveStep": "hyperdrive",
        "HyperDriveStepRun": "hyperdrive",
        "KustoStep": "steps",
        "ModuleStep": "modules",
        "MpiStep": "steps",
        "ParallelRunConfig": "parallel",
        "ParallelRunStep": "parallel",
        "RScriptStep": "steps",
        "SynapseSparkStep": "steps",
        "_HDInsightStep": "steps",
    },
)
