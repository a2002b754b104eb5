"""`azureml.core.databricks`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "DatabricksCluster": "configuration",
        "DatabricksEnvironment": "configuration",
        "DatabricksSection": "configuration",
        "EggLibrary": "configuration",
        "JarLibrary": "configuration",
        "MavenLibrary": "configuration",
        "PyPiLibrary": "configuration",
        "RCranLibrary": "configuration",
    },
)
