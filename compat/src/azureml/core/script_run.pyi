# Made by `python -m azud.porting.stubs`.

from azud.sdk.script_run import ScriptRun as ScriptRun
