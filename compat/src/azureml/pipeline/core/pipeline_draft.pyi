# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have PipelineDraft yet")
class PipelineDraft:
    """Not there yet: submit the pipeline with Experiment.submit, and parameters with pipeline_parameters."""
