# Within a PythonScriptStep

ws = Run.get_context().experiment.workspace
