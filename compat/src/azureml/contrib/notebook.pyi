# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AzureMLNotebookHandler yet")
class AzureMLNotebookHandler:
    """Not there yet: run the notebook with azud run, or its code in a PythonScriptStep."""

@deprecated("azud does not have NotebookRunConfig yet")
class NotebookRunConfig:
    """Not there yet: run the notebook with azud run, or its code in a PythonScriptStep."""

@deprecated("azud does not have NotebookRunnerStep yet")
class NotebookRunnerStep:
    """Not there yet: run the notebook with azud run, or its code in a PythonScriptStep."""
