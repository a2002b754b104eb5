# Made by `python -m azud.porting.stubs`.

from azud.sdk.experiment import Experiment as Experiment
from azud.sdk.experiment import ViewType as ViewType
