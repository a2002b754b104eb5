"""The package `azureml` of the Azure ML SDK v1: other names for the classes of `azud.sdk`, nothing else."""
