"""Count the words of a poem, then report the most frequent ones."""

from azud import Dataset, Experiment, Pipeline, PipelineData, PythonScriptStep, Workspace

workspace = Workspace.from_config()

# Steps read data from a store of the workspace, so the poem goes there first.
store = workspace.get_default_datastore()
store.upload_files(["data/jabberwocky.txt"], target_path="poems", overwrite=True, show_progress=False)
poem = Dataset.File.from_files((store, "poems/jabberwocky.txt"))

# What passes from the first step to the second. Each script is handed a path to write to, or to read from.
counts = PipelineData("counts", datastore=store)

count = PythonScriptStep(
    name="count",
    script_name="count_words.py",
    source_directory="steps",
    arguments=["--text", poem.as_named_input("poem").as_mount(), "--counts", counts],
    outputs=[counts],
)
report = PythonScriptStep(
    name="report",
    script_name="report.py",
    source_directory="steps",
    arguments=["--counts", counts, "--top", 5],
    inputs=[counts],
)

run = Experiment(workspace, "hello").submit(Pipeline(workspace, steps=[count, report]))
run.wait_for_completion()
