"""`azureml.pipeline`."""
