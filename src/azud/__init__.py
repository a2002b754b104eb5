"""azud: Azure Machine Learning pipelines on your own machines."""

__version__ = "0.1.0"
