"""`azureml.core.databricks`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DatabricksCluster": "databricks",
        "DatabricksEnvironment": "databricks",
        "DatabricksSection": "databricks",
        "EggLibrary": "databricks",
        "JarLibrary": "databricks",
        "MavenLibrary": "databricks",
        "PyPiLibrary": "databricks",
        "RCranLibrary": "databricks",
    },
)
