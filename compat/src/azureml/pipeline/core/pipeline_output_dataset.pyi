# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have DatasetRegistration yet")
class DatasetRegistration:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have PipelineOutputAbstractDataset yet")
class PipelineOutputAbstractDataset:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have PipelineOutputFileDataset yet")
class PipelineOutputFileDataset:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have PipelineOutputTabularDataset yet")
class PipelineOutputTabularDataset:
    """Not there yet: read and write files in the step itself."""
