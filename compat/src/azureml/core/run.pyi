# Made by `python -m azud.porting.stubs`.

from azud.sdk.run import Run as Run
from azud.sdk.run import get_run as get_run
from azud.sdk.offline_run import _OfflineRun as _OfflineRun
from azud.sdk.context import _SubmittedRun as _SubmittedRun
from azud.sdk.input_datasets import InputDatasets as InputDatasets
from azud.sdk.output_datasets import LinkOutput as LinkOutput
from azud.sdk.output_datasets import OutputDatasets as OutputDatasets
