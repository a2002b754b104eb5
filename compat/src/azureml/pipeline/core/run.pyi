# Made by `python -m azud.porting.stubs`.

from azud.sdk.pipeline_run import PipelineRun as PipelineRun
from azud.sdk.pipeline_run import StepRun as StepRun
from azud.sdk.run_outputs import StepRunOutput as StepRunOutput
