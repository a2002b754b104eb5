"""`azureml_user`: what scripts of parallel steps import."""
