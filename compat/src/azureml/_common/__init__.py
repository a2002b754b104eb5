"""`azureml._common`."""
