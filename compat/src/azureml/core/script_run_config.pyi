# Made by `python -m azud.porting.stubs`.

from azud.sdk.script_run_config import ScriptRunConfig as ScriptRunConfig
from azud.sdk.script_run_config import get_run_config_from_script_run as get_run_config_from_script_run
from azud.sdk.script_run_config import submit as submit
