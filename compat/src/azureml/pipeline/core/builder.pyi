# Made by `python -m azud.porting.stubs`.

from azud.sdk.pipeline_data import PipelineData as PipelineData
from azud.sdk.step import PipelineStep as PipelineStep
from azud.sdk.step import StepSequence as StepSequence
