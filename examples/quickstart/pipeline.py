"""Which of two simple models tells irises apart best? Prepare once, train two in parallel, compare.

The words are those of the Azure Machine Learning SDK v1; the scripts need nothing but Python.
"""

import os

from azureml.core import Dataset, Experiment, Workspace
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter
from azureml.pipeline.steps import PythonScriptStep

HERE = os.path.dirname(os.path.abspath(__file__))

ws = Workspace.from_config(path=HERE)
store = ws.get_default_datastore()

# Bring the table to the datastore, as one would in the cloud: steps read data from there.
store.upload_files([os.path.join(HERE, "data", "iris.csv")], target_path="iris", overwrite=True)
table = Dataset.File.from_files((store, "iris/iris.csv"))

test_share = PipelineParameter("test_share", default_value=0.3)

split = PipelineData("split", datastore=store)
prepare = PythonScriptStep(
    name="prepare",
    script_name="prepare.py",
    source_directory=os.path.join(HERE, "prepare"),
    arguments=["--table", table.as_named_input("iris").as_mount(), "--test_share", test_share, "--output", split],
    outputs=[split],
    compute_target="local",
)

results, training = [], []
for model in ("centroid", "neighbours"):
    result = OutputFileDatasetConfig(name=f"result_{model}")
    results.append(result)
    training.append(
        PythonScriptStep(
            name=f"train {model}",
            script_name="train.py",
            source_directory=os.path.join(HERE, "train"),
            arguments=["--data", split, "--model", model, "--result", result],
            inputs=[split],
            compute_target="local",
        )
    )

best = PipelineData("best", datastore=store, pipeline_output_name="best")
compare = PythonScriptStep(
    name="compare",
    script_name="compare.py",
    source_directory=os.path.join(HERE, "compare"),
    arguments=["--results", *[result.as_input() for result in results], "--best", best],
    outputs=[best],
    compute_target="local",
)

run = Experiment(ws, "quickstart").submit(Pipeline(workspace=ws, steps=[compare]))
run.wait_for_completion()

print()
for step in run.get_steps():
    note = "  (reused)" if "azureml.reusedrunid" in step.get_properties() else ""
    print(f"{step.name}{note}")
    for name, value in step.get_metrics().items():
        print(f"    {name}: {value}")

winner = run.get_pipeline_output("best")
print(f"\nThe best model is {winner.path_on_datastore}/model.json on {winner.datastore_name}.")
