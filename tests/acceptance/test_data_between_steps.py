"""Programs as v1's users write them whose steps hand data on as datasets."""

from __future__ import annotations

from tests.acceptance.pages import Project

IMPORTS = """
import os
from azureml.core import Dataset, Experiment, Workspace
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
store = ws.get_default_datastore()
"""

PREPARE = """
    import argparse, os
    import pandas as pd
    from azureml.core import Run

    parser = argparse.ArgumentParser()
    parser.add_argument("--prepped", type=str)
    parser.add_argument("--scaler", type=str)
    args = parser.parse_args()
    run = Run.get_context()

    frame = run.input_datasets["raw"].to_pandas_dataframe().dropna()
    os.makedirs(args.prepped, exist_ok=True)
    frame.iloc[:6].to_csv(os.path.join(args.prepped, "first.csv"), index=False)
    frame.iloc[6:].to_csv(os.path.join(args.prepped, "second.csv"), index=False)
    with open(os.path.join(args.prepped, "notes.txt"), "w") as stream:
        stream.write("no table")
    with open(args.scaler, "w") as stream:
        stream.write(str(frame["x"].max()))
    run.log("rows", len(frame))
"""

TRAIN = """
    import os, sys
    from azureml.core import Run

    run = Run.get_context()
    train = run.input_datasets["train"].to_pandas_dataframe()
    test = run.input_datasets["test"].to_pandas_dataframe()
    files = run.input_datasets["prepped"]
    direct = run.input_datasets["direct"]
    print("COLUMNS", list(train.columns), list(test.columns), str(train["y"].dtype))
    print("ROWS", sorted([*train["x"], *test["x"]]))
    print("FILES", sorted(os.listdir(files)), sorted(os.listdir(sys.argv[1])), direct.to_path())
    print("SCALER", open(sys.argv[2]).read())
"""

PIPELINE = """
rows = "\\n".join(f"{n},{n % 3},k{n}" for n in range(1, 11))
os.makedirs("data", exist_ok=True)
with open("data/raw.csv", "w") as stream:
    stream.write("x,y,key\\n" + rows + "\\n,,\\n")
store.upload_files(["data/raw.csv"], target_path="raw", overwrite=True, show_progress=False)
raw = Dataset.Tabular.from_delimited_files(store.path("raw/raw.csv"))

prepped_data = PipelineData("prepped", datastore=store)
prepped = prepped_data.as_dataset().register("prepped_rows")
scaler = PipelineData("scaler", datastore=store)
prepare = PythonScriptStep(
    "prepare.py", name="prepare", source_directory="z01", inputs=[raw.as_named_input("raw")],
    arguments=["--prepped", prepped_data, "--scaler", scaler], outputs=[prepped, scaler])
table = prepped.parse_delimited_files().keep_columns(["x", "y"])
train, test = table.random_split(0.7, seed=3)
learn = PythonScriptStep(
    "train.py", name="train", source_directory="z01",
    inputs=[train.as_named_input("train"), test.as_named_input("test"), prepped, scaler,
            prepped.as_direct().as_named_input("direct")],
    arguments=[prepped, scaler])
experiment = Experiment(ws, "z01")
run = experiment.submit(Pipeline(ws, steps=[learn]))
assert run.wait_for_completion() == "Finished"
again = experiment.submit(Pipeline(ws, steps=[learn]))
again.wait_for_completion(show_output=False)
print("REUSED", [step.get_details()["properties"].get("azureml.reusedrunid") is not None for step in again.get_steps()])
kept = Dataset.get_by_name(ws, "prepped_rows")
print("KEPT", type(kept).__name__, kept.version, kept.to_path())
"""


def test_a_pipeline_whose_steps_pass_tables(project: Project) -> None:
    project.write("z01/prepare.py", PREPARE)
    project.write("z01/train.py", TRAIN)
    printed = project.run("z01.py", IMPORTS + PIPELINE)
    assert "COLUMNS ['x', 'y'] ['x', 'y'] float64" in printed
    assert f"ROWS {[float(number) for number in range(1, 11)]}" in printed
    listed = "['first.csv', 'notes.txt', 'second.csv']"
    assert f"FILES {listed} {listed} ['/first.csv', '/notes.txt', '/second.csv']" in printed
    assert "SCALER 10.0" in printed
    assert "REUSED [True, True]" in printed
    assert "KEPT FileDataset 1 ['/first.csv', '/notes.txt', '/second.csv']" in printed


def test_a_table_that_finds_no_file_of_its_ending_says_so(project: Project) -> None:
    project.write("ending/write.py", "import sys\nopen(sys.argv[1], 'w').write('a,b\\n1,2\\n')\n")
    project.write(
        "ending/read.py",
        """
        from azureml.core import Run
        print("SUM", Run.get_context().input_datasets["rows"].to_pandas_dataframe().to_numpy().sum())
        """,
    )
    text = """
rows = PipelineData("rows").as_dataset()
write = PythonScriptStep("write.py", source_directory="ending", arguments=[rows], outputs=[rows])

def read(table):
    step = PythonScriptStep("read.py", source_directory="ending", inputs=[table])
    run = Experiment(ws, "ending").submit(Pipeline(ws, [step]))
    print("STATUS", run.wait_for_completion(raise_on_error=False))

read(rows.parse_delimited_files())
read(rows.parse_delimited_files(file_extension=None))
"""
    printed = project.run("ending.py", IMPORTS + text)
    assert "none of the 1 files, 'rows' among them, has a name that matches" in printed
    assert "STATUS Failed" in printed
    assert "SUM 3" in printed
    assert "STATUS Finished" in printed
