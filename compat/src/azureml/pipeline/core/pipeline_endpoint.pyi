# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have PipelineEndpoint yet")
class PipelineEndpoint:
    """Not there yet: submit the pipeline with Experiment.submit, and parameters with pipeline_parameters."""

@deprecated("azud does not have PipelineIdVersion yet")
class PipelineIdVersion:
    """Not there yet: submit the pipeline with Experiment.submit, and parameters with pipeline_parameters."""

@deprecated("azud does not have PipelineVersion yet")
class PipelineVersion:
    """Not there yet: submit the pipeline with Experiment.submit, and parameters with pipeline_parameters."""
