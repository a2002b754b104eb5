# Made by `python -m azud.porting.stubs`.

from azud.sdk.python_script_step import PythonScriptStep as PythonScriptStep
