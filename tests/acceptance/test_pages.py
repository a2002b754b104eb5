"""The code printed in the four pages runs, character for character.

Supplied are imports, the names that the pages leave undefined, the scripts, the data, and a compute target called
STANDARD_NC6.
"""

from __future__ import annotations

import pytest
from tests.acceptance.pages import BLOCKS, PAGES, Project, block, printed_blocks

IMPORTS = """
from azureml.core import Workspace, Experiment, Dataset, Datastore
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.data.data_reference import DataReference
from azureml.data.datapath import DataPath
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import PythonScriptStep
"""

# Text that ships with Python and with scikit-learn, in the shape of scikit-learn's 20newsgroups.
PREPARE_TEXT = """
import os, pickle
from sklearn.datasets import load_iris, load_digits, load_wine, load_breast_cancer
from azureml.core import Workspace
from azureml.core.compute import AmlCompute, ComputeTarget

ws = Workspace.from_config()
texts = [load().DESCR for load in (load_iris, load_digits, load_wine, load_breast_cancer)]
os.makedirs("data/20newsgroups", exist_ok=True)
with open("data/20newsgroups/20news.pkl", "wb") as stream:
    pickle.dump({"data": texts, "target": list(range(len(texts)))}, stream)
ws.get_default_datastore().upload("data", overwrite=True, show_progress=False)
if "STANDARD_NC6" not in ws.compute_targets:
    ComputeTarget.create(ws, "STANDARD_NC6", AmlCompute.provisioning_configuration(vm_size="STANDARD_NC6", max_nodes=2))
"""

TRAIN_TEXT = """
import argparse, os, pickle
from azureml.core import Run
from sklearn.feature_extraction.text import TfidfVectorizer

parser = argparse.ArgumentParser()
parser.add_argument("--input")
parser.add_argument("--output")
args = parser.parse_args()
path = args.input
if os.path.isdir(path):
    path = os.path.join(path, "20news.pkl")
with open(path, "rb") as stream:
    texts = pickle.load(stream)["data"]
matrix = TfidfVectorizer().fit_transform(texts)
os.makedirs(args.output, exist_ok=True)
with open(os.path.join(args.output, "vocabulary.txt"), "w") as stream:
    stream.write(str(matrix.shape[1]))
Run.get_context().log("words", matrix.shape[1])
"""

REPORT = """
assert pipeline_run.get_status() == "Finished", pipeline_run.get_status()
(step_run,) = pipeline_run.get_steps()
assert step_run.get_metrics()["words"] > 100
(output,) = step_run.get_outputs().values()
print("OUTPUT", output.name, output.get_port_data_reference().download("downloaded", overwrite=True))
"""


def test_the_blocks_are_those_of_the_pages() -> None:
    if not PAGES.is_dir():
        pytest.skip(f"the pages are not beside this checkout ({PAGES})")
    for page in range(4):
        printed = printed_blocks(page)
        assert printed == [block(page, number) for number in range(1, len(printed) + 1)]
    assert len(list(BLOCKS.iterdir())) == sum(len(printed_blocks(page)) for page in range(4))


@pytest.mark.parametrize(("page", "output"), [(0, "output_data"), (1, "output_data"), (3, "output_data1")])
def test_a_simple_pipeline(project: Project, page: int, output: str) -> None:
    project.run("prepare.py", PREPARE_TEXT)
    project.write("myfolder/train.py", TRAIN_TEXT)
    supplied = "datastore = Workspace.from_config().get_default_datastore()\n"
    printed = project.run("pipeline.py", IMPORTS + supplied + block(page, 1) + REPORT)
    assert f"OUTPUT {output} 1" in printed
    assert "StepRun( train.py ) Status: " in printed


PREPARE_IMAGES = """
import os
import numpy
from PIL import Image
from sklearn.datasets import load_digits, load_iris
from azureml.core import Workspace
from azureml.core.compute import AmlCompute, ComputeTarget

ws = Workspace.from_config()
digits = load_digits()
os.makedirs("data/train-images", exist_ok=True)
for index in range(60):
    pixels = (digits.images[index] * 15).astype(numpy.uint8)
    Image.fromarray(pixels).save(f"data/train-images/{index:03d}_{digits.target[index]}.png")
load_iris(as_frame=True).frame.to_csv("data/iris.csv", index=False)
ws.get_default_datastore().upload("data", overwrite=True, show_progress=False)
"""

PREPARE_STEP = """
import argparse, os
import numpy
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("--input")
parser.add_argument("--output")
args = parser.parse_args()
names = sorted(os.listdir(args.input))
pixels = numpy.array([numpy.asarray(Image.open(os.path.join(args.input, name))).ravel() for name in names])
labels = numpy.array([int(name.split("_")[1].split(".")[0]) for name in names])
os.makedirs(args.output, exist_ok=True)
numpy.savez(os.path.join(args.output, "digits.npz"), pixels=pixels, labels=labels)
"""

TRAIN_STEP = """
import argparse, json, os
import numpy
from azureml.core import Run
from sklearn.linear_model import LogisticRegression

parser = argparse.ArgumentParser()
parser.add_argument("--prepped_data")
parser.add_argument("--training_results")
args = parser.parse_args()
data = numpy.load(os.path.join(args.prepped_data, "digits.npz"))
model = LogisticRegression(max_iter=500).fit(data["pixels"] / 255, data["labels"])
accuracy = float(model.score(data["pixels"] / 255, data["labels"]))
Run.get_context().log("accuracy", accuracy)
os.makedirs(args.training_results, exist_ok=True)
with open(os.path.join(args.training_results, "results.json"), "w") as stream:
    json.dump({"accuracy": accuracy}, stream)
"""

COMPARE_STEP = """
import argparse, json, os
from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--results")
args = parser.parse_args()
with open(os.path.join(args.results, "results.json")) as stream:
    Run.get_context().log("best", json.load(stream)["accuracy"])
"""


def test_create_and_run_pipelines(project: Project) -> None:
    project.run("prepare_images.py", PREPARE_IMAGES)
    project.write("dataprep_src/prepare.py", PREPARE_STEP)
    project.write("train_src/train.py", TRAIN_STEP)
    project.write("compare_src/compare.py", COMPARE_STEP)
    compare = """
compare_step = PythonScriptStep(
    script_name="compare.py", source_directory="compare_src", compute_target=compute_target,
    inputs=[training_results], arguments=["--results", training_results])
"""
    report = """
assert pipeline_run1.get_status() == "Finished"
assert [step.name for step in pipeline_run1.get_steps()] == ["prepare.py", "train.py", "compare.py"]
(train,) = pipeline_run1.find_step_run("train.py")
assert train.get_metrics()["accuracy"] > 0.9
(compare,) = pipeline_run1.find_step_run("compare.py")
assert compare.get_metrics()["best"] == train.get_metrics()["accuracy"]
"""
    text = "".join(block(2, number) for number in range(1, 9)) + compare + block(2, 9) + block(2, 14) + report
    assert "Creating a new compute target..." in project.run("create_and_run.py", text)
    # A second time the compute target is found and the steps are reused.
    again = project.run("create_and_run.py", text)
    assert "Found compute target: aml-compute" in again
    assert "reused from" in again


def test_the_other_branch_of_the_environment(project: Project) -> None:
    text = "from azureml.core import Workspace\nws = Workspace.from_config()\ncompute_target = 'local'\n"
    printed = block(2, 6).replace("USE_CURATED_ENV = True", "USE_CURATED_ENV = False")
    check = "print(list(aml_run_config.environment.python.conda_dependencies.conda_packages))\n"
    assert "'pandas', 'scikit-learn'" in project.run("environment.py", text + printed + check)


def test_a_tabular_dataset_in_a_step(project: Project) -> None:
    project.run("prepare_images.py", PREPARE_IMAGES)
    project.write(
        "iris/iris_train.py", block(2, 11) + "run_context.log('rows', len(dataframe))\nprint(dataframe.dtypes)\n"
    )
    supplied = """
ws = Workspace.from_config()
compute_target = "local"
project_folder = "iris"
iris_tabular_dataset = Dataset.Tabular.from_delimited_files((ws.get_default_datastore(), "iris.csv"))
"""
    report = """
run = Experiment(ws, "iris").submit(Pipeline(ws, [dataset_consuming_step]))
assert run.wait_for_completion() == "Finished"
assert next(run.get_steps()).get_metrics() == {"rows": 150}
"""
    printed = project.run("iris_pipeline.py", IMPORTS + supplied + block(2, 10) + report)
    assert "float64" in printed


def test_the_workspace_within_a_step(project: Project) -> None:
    script = (
        "from azureml.core import Run\n" + block(2, 12) + "print('WORKSPACE', ws.name, ws.get_details()['location'])\n"
    )
    project.write("within/within.py", script)
    text = """
ws = Workspace.from_config()
run = Experiment(ws, "within").submit(Pipeline(ws, [PythonScriptStep("within.py", source_directory="within")]))
run.wait_for_completion()
"""
    assert "WORKSPACE acceptance local" in project.run("within_pipeline.py", IMPORTS + text)


def test_a_step_that_is_never_reused(project: Project) -> None:
    project.write("hello/hello_world.py", "print('hello, world')\n")
    supplied = """
ws = Workspace.from_config()
aml_compute = "local"
source_directory = "hello"
"""
    report = """
run = Experiment(ws, "hello").submit(Pipeline(ws, [step]))
assert run.wait_for_completion() == "Finished"
"""
    for _ in range(2):
        printed = project.run("hello_pipeline.py", IMPORTS + supplied + block(2, 13) + report)
        assert "hello, world" in printed
        assert "reused from" not in printed
        assert "hash_paths is ignored" in printed
