"""Models as pipelines use them: trained and registered in one step, found and read in another, compared, kept."""

from __future__ import annotations

import json
import os
import pathlib

import pytest
from tests.acceptance.pages import Project, answer

IMPORTS = """
import json, os
from azureml.core import Dataset, Experiment, Model, Run, ScriptRunConfig, Workspace
from azureml.core.model import Model as SameModel
from azureml.core.resource_configuration import ResourceConfiguration
from azureml.exceptions import ModelPathNotFoundException, UserErrorException, WebserviceException
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
"""


@pytest.fixture
def scripts(project: Project) -> None:
    """The three scripts of a training pipeline as templates of the field have them."""
    project.write(
        "steps/train.py",
        """
        import argparse, os
        import joblib
        from azureml.core import Run
        from sklearn.datasets import load_diabetes
        from sklearn.linear_model import Ridge

        parser = argparse.ArgumentParser()
        parser.add_argument("--alpha", type=float)
        parser.add_argument("--model", type=str)
        args = parser.parse_args()
        run = Run.get_context()
        X, y = load_diabetes(return_X_y=True)
        model = Ridge(alpha=args.alpha).fit(X, y)
        run.parent.log("score", model.score(X, y))
        run.parent.tag("alpha", args.alpha)
        os.makedirs(args.model, exist_ok=True)
        joblib.dump(model, os.path.join(args.model, "ridge.pkl"))
        """,
    )
    project.write(
        "steps/evaluate.py",
        """
        from azureml.core import Model, Run

        run = Run.get_context()
        score = run.parent.get_metrics()["score"]
        known = Model.list(run.experiment.workspace, name="ridge", latest=True)
        if known and float(known[0].properties["score"]) >= score:
            print("not better than", known[0].version)
            run.parent.cancel()
        """,
    )
    project.write(
        "steps/register.py",
        """
        import argparse, os, shutil
        from azureml.core import Dataset, Run

        parser = argparse.ArgumentParser()
        parser.add_argument("--model", type=str)
        args = parser.parse_args()
        run = Run.get_context()
        ws = run.experiment.workspace
        run.upload_folder("outputs/ridge", args.model)
        made = run.register_model(
            model_name="ridge", model_path="outputs/ridge", model_framework="ScikitLearn", model_framework_version="1",
            tags={"area": "diabetes", "alpha": run.parent.get_tags()["alpha"]},
            properties={"score": run.parent.get_metrics()["score"]},
            datasets=[("training data", Dataset.get_by_name(ws, "rows"))],
        )
        print("registered", made.id)
        """,
    )
    project.write(
        "steps/score.py",
        """
        import os, sys
        import joblib
        from azureml.core import Model, Run

        path = Model.get_model_path("ridge")
        model = joblib.load(os.path.join(path, "ridge.pkl"))
        Run.get_context().log("alpha", model.alpha)
        os.makedirs(sys.argv[1], exist_ok=True)
        open(os.path.join(sys.argv[1], "where.txt"), "w").write(path)
        """,
    )


PIPELINES = """
store = ws.get_default_datastore()
os.makedirs("rows", exist_ok=True)
open("rows/a.csv", "w").write("x\\n1\\n")
store.upload("rows", "rows", overwrite=True, show_progress=False)
Dataset.Tabular.from_delimited_files((store, "rows/a.csv")).register(ws, "rows", create_new_version=True)

def training(alpha):
    model = PipelineData("model", datastore=store, is_directory=True)
    train = PythonScriptStep("train.py", source_directory="steps", arguments=["--alpha", alpha, "--model", model],
                             outputs=[model], allow_reuse=False)
    evaluate = PythonScriptStep("evaluate.py", source_directory="steps", allow_reuse=False)
    evaluate.run_after(train)
    register = PythonScriptStep("register.py", source_directory="steps", arguments=["--model", model], inputs=[model],
                                allow_reuse=False)
    register.run_after(evaluate)
    run = Experiment(ws, "training").submit(Pipeline(ws, [register]))
    run.wait_for_completion(show_output=False, raise_on_error=False)
    return run

def scoring():
    out = PipelineData("scores", datastore=store)
    step = PythonScriptStep("score.py", source_directory="steps", arguments=[out], outputs=[out])
    run = Experiment(ws, "scoring").submit(Pipeline(ws, [step]))
    run.wait_for_completion(show_output=False)
    (step_run,) = run.get_steps()
    return step_run
"""


def test_the_model_that_a_pipeline_registers(project: Project, scripts: None) -> None:
    text = """
first = training(1.0)
scored = scoring()
again = scoring()
worse = training(2.0)
same = scoring()
better = training(0.5)
new = scoring()
models = Model.list(ws, name="ridge")
newest = Model(ws, "ridge")
(register,) = first.find_step_run("register.py")
print(json.dumps({
    "status": [r.status for r in (first, worse, better)],
    "reused": [bool(r.properties.get("azureml.reusedrunid")) for r in (again, same, new)],
    "why": str(new.explain()),
    "alpha": [scored.get_metrics()["alpha"], new.get_metrics()["alpha"]],
    "versions": [m.version for m in models], "tags": newest.tags, "framework": newest.model_framework,
    "run": Model(ws, "ridge", version=1).run_id == register.id,
    "by_run": [m.id for m in Model.list(ws, run_id=register.id)], "experiment": newest.experiment_name,
    "dataset": newest.datasets["training data"][0].to_pandas_dataframe().to_dict("list"),
    "by_tags": [m.id for m in Model.list(ws, tags=[["alpha", "1.0"], "area"])],
    "nothing": Model.list(ws, tags={"alpha": "7"}), "all": {n: m.version for n, m in ws.models.items()},
    "path": newest.download("down", exist_ok=True), "files": sorted(os.listdir("down/ridge")),
    "created": newest.created_time.isoformat(),
}))
"""
    found = answer(project.run("pipelines.py", IMPORTS + PIPELINES + text))
    assert found["status"] == ["Completed", "Canceled", "Completed"]
    assert found["reused"] == [True, True, False], "a model that was read undeclared counts"
    assert "model 'ridge' (latest)" in found["why"]
    assert found["alpha"] == [1.0, 0.5]
    assert found["versions"] == [2, 1]
    assert found["tags"] == {"area": "diabetes", "alpha": "0.5"}
    assert (found["framework"], found["experiment"]) == ("ScikitLearn", "training")
    assert found["run"]
    assert found["by_run"] == ["ridge:1"]
    assert found["dataset"] == {"x": [1]}
    assert found["by_tags"] == ["ridge:1"]
    assert found["nothing"] == []
    assert found["all"]["ridge"] == 2
    assert found["files"] == ["ridge.pkl"]
    assert found["created"].endswith("+00:00")


def test_local_files(project: Project, tmp_path: pathlib.Path) -> None:
    project.write("made/model/weights.bin", "w" * 100)
    project.write("made/model/deep/vocabulary.txt", "a b c")
    project.write("made/single.pkl", "pickle")
    text = """
folder = Model.register(workspace=ws, model_path="made/model", model_name="folder", tags={"kind": "net"},
                        properties={"p": 1}, description="first", model_framework=Model.Framework.PYTORCH,
                        sample_input_dataset=Dataset.File.from_files((ws.get_default_datastore(), "x"), validate=False),
                        resource_configuration=ResourceConfiguration(cpu=1, memory_in_gb=0.5))
single = Model.register(ws, "made/single.pkl", "single")
part = Model.register(ws, "made/model", "folder", child_paths=["deep"])
open("made/model/weights.bin", "w").write("changed since")
back = Model(ws, "folder", version=1).download("back")
once = Model(ws, id="single:1").download("back")
assert SameModel is Model
refused = []
for call in (lambda: Model(ws, "folder", version=1).download("back"), lambda: Model(ws, "missing"),
             lambda: Model(ws, "folder", version=9), lambda: Model(ws, "folder", tags={"kind": "tree"}),
             lambda: Model.get_model_path("folder")):
    try:
        call()
    except WebserviceException as error:
        refused.append(error.message)
for call in (lambda: Model.register(ws, "nowhere", "x"), lambda: Model.register(ws, "made/single.pkl", "a/b"),
             lambda: Model.register(ws, "made/model", "x", child_paths=["../single.pkl"]), lambda: Model(ws),
             lambda: folder.add_properties({"p": 2})):
    try:
        call()
    except UserErrorException as error:
        refused.append(error.message)
folder.add_tags({"stage": "test"})
folder.update(tags={"stage": "prod"}, description="better")
folder.add_properties({"q": "2"})
folder.remove_tags("nothing")
seen = Model(ws, "folder", version=1)
part.delete()
after = Model.register(ws, "made/single.pkl", "folder")
print(json.dumps({
    "back": open(os.path.join(back, "weights.bin")).read(),
    "deep": open(os.path.join(back, "deep/vocabulary.txt")).read(),
    "once": [os.path.basename(once), open(once).read()], "refused": refused,
    "seen": [seen.tags, seen.properties, seen.description, seen.model_framework, seen.resource_configuration.cpu],
    "sample": type(seen.sample_input_dataset).__name__,
    "round": Model.deserialize(ws, json.loads(json.dumps(seen.serialize()))).id,
    "versions": [after.version, [m.version for m in Model.list(ws, "folder")]],
    "latest": [m.id for m in Model.list(ws, "folder", latest=True)],
}))
"""
    found = answer(project.run("local.py", IMPORTS + text))
    assert "folder\t3" in project.azud("models", "ls", "--name", "folder")
    shown = json.loads(project.azud("models", "show", "folder:1", "--json"))
    assert [file["path"] for file in shown["files"]] == ["model/deep/vocabulary.txt", "model/weights.bin"]
    project.azud("models", "download", "single", "by-command")
    assert (project.folder / "by-command" / "single.pkl").read_text() == "pickle"
    project.azud("models", "rm", "single:1")
    assert "single" not in project.azud("models", "ls")
    assert (found["back"], found["deep"]) == ("w" * 100, "a b c"), "what was registered does not change"
    assert found["once"] == ["single.pkl", "pickle"]
    assert len(found["refused"]) == 10
    assert "exists already" in found["refused"][0]
    assert all(text.startswith("ModelNotFound") for text in found["refused"][1:5])
    assert found["seen"] == [{"stage": "prod"}, {"p": "1", "q": "2"}, "better", "PyTorch", 1]
    assert found["sample"] == "FileDataset"
    assert found["round"] == "folder:1"
    assert found["versions"] == [3, [3, 1]], "the version of a removed model is not given out again"
    assert found["latest"] == ["folder:3"]


def test_a_models_files_outlive_the_run_and_a_collection(project: Project) -> None:
    project.write("lone/train.py", "open('outputs/m.txt', 'w').write('kept')\n")
    text = """
run = Experiment(ws, "lone").submit(ScriptRunConfig(source_directory="lone", script="train.py"))
run.wait_for_completion()
model = run.register_model("lone", "outputs/m.txt")
try:
    run.register_model("lone", "outputs/other.txt")
except ModelPathNotFoundException as error:
    print("REFUSED", error)
print(json.dumps({"run": model.run.id == run.id, "id": model.id}))
"""
    printed = project.run("lone.py", IMPORTS + text)
    assert answer(printed) == {"run": True, "id": "lone:1"}
    assert "REFUSED" in printed
    assert "outputs/m.txt" in printed, "the error lists what there is"
    for blob in (project.folder / ".azud" / "blobs").glob("??/*"):
        os.utime(blob, (1, 1))  # old enough to go
    project.azud("gc", "--yes")
    look = 'print(json.dumps({"text": open(Model(ws, "lone").download("lone-back", exist_ok=True)).read()}))'
    assert answer(project.run("look.py", IMPORTS + look)) == {"text": "kept"}
