"""Programs as v1's users write them whose steps hand data on as datasets."""

from __future__ import annotations

import pytest
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


def test_a_step_links_datasets_to_its_outputs(project: Project) -> None:
    project.write(
        "links/choose.py",
        """
        from azureml.core import Dataset, Run

        run = Run.get_context()
        store = run.experiment.workspace.get_default_datastore()
        files = Dataset.File.from_files((store, "numbers/*.csv"))
        run.output_datasets["small"].link(files.filter(files.file_metadata("Size") < 100))
        run.output_datasets["rows"].link(run.input_datasets["all"].keep_columns("n"))
        """,
    )
    project.write(
        "links/read.py",
        """
        import os
        from azureml.core import Run

        run = Run.get_context()
        print("SMALL", sorted(os.listdir(run.input_datasets["small"])))
        print("ROWS", run.input_datasets["rows"].to_pandas_dataframe().to_dict("list"))
        """,
    )
    project.write("links/forget.py", "print('nothing is linked')\n")
    text = """
from azureml.data import LinkFileOutputDatasetConfig, LinkTabularOutputDatasetConfig

os.makedirs("numbers", exist_ok=True)
for name, count in (("one", 2), ("two", 3), ("large", 200)):
    with open(f"numbers/{name}.csv", "w") as stream:
        stream.write("n,word\\n" + "".join(f"{n},{name}\\n" for n in range(count)))
store.upload("numbers", "numbers", overwrite=True, show_progress=False)
rows_in = Dataset.Tabular.from_delimited_files([(store, "numbers/one.csv"), (store, "numbers/two.csv")])

small = LinkFileOutputDatasetConfig("small").register_on_complete("small_files")
rows = LinkTabularOutputDatasetConfig("rows").register_on_complete("rows_kept")
choose = PythonScriptStep("choose.py", source_directory="links", inputs=[rows_in.as_named_input("all")],
                          outputs=[small, rows])
read = PythonScriptStep("read.py", source_directory="links", inputs=[small.as_input("small"), rows.as_input("rows")])
run = Experiment(ws, "links").submit(Pipeline(ws, [read]))
assert run.wait_for_completion() == "Finished"
kept = Dataset.get_by_name(ws, "rows_kept").to_pandas_dataframe()
print("KEPT", Dataset.get_by_name(ws, "small_files").to_path(), len(kept))

forget = PythonScriptStep("forget.py", source_directory="links", outputs=[LinkFileOutputDatasetConfig("none")])
run = Experiment(ws, "links").submit(Pipeline(ws, [forget]))
print("FORGOTTEN", run.wait_for_completion(show_output=False, raise_on_error=False), run.get_details()["error"])
"""
    printed = project.run("links.py", IMPORTS + text)
    assert "SMALL ['one.csv', 'two.csv']" in printed
    assert "ROWS {'n': [0, 1, 0, 1, 2]}" in printed
    assert "KEPT ['/one.csv', '/two.csv'] 5" in printed
    assert "FORGOTTEN Failed" in printed
    assert "run.output_datasets['none'].link(dataset)" in printed


def test_a_part_of_a_file_dataset_is_what_the_step_sees(project: Project) -> None:
    project.write(
        "parts/list.py",
        """
        import os, sys
        from azureml.core import Run

        run = Run.get_context()
        print("MOUNTED", sorted(os.path.join(folder, name)[len(sys.argv[1]):]
                                for folder, _, names in os.walk(sys.argv[1]) for name in names))
        print("COPIED", run.input_datasets["one"])
        print("DIRECT", run.input_datasets["direct"].to_path(), run.input_datasets["direct"].skip(1).to_path())
        with run.input_datasets["direct"].mount() as mounted:
            print("MOUNT", sorted(os.listdir(mounted.mount_point)))
        """,
    )
    text = """
for name in ("a.txt", "b.csv", "in/c.csv", "in/d.csv"):
    os.makedirs(os.path.dirname(f"parts_in/{name}"), exist_ok=True)
    with open(f"parts_in/{name}", "w") as stream:
        stream.write(name)
store.upload("parts_in", "parts_in", overwrite=True, show_progress=False)
every = Dataset.File.from_files((store, "parts_in"))
tables = every.filter(every.file_metadata("Extension") == ".csv")
print("HERE", tables.to_path(), tables.take(1).to_path())
step = PythonScriptStep("list.py", source_directory="parts", arguments=[tables.as_named_input("tables").as_mount()],
                        inputs=[tables.take(1).as_named_input("one").as_download(),
                                every.skip(2).as_named_input("direct")])
experiment = Experiment(ws, "parts")
run = experiment.submit(Pipeline(ws, [step]))
assert run.wait_for_completion() == "Finished"
with open("parts_in/e.txt", "w") as stream:
    stream.write("which no part of the dataset holds")
store.upload_files(["parts_in/e.txt"], target_path="other", show_progress=False)
again = experiment.submit(Pipeline(ws, [step]))
again.wait_for_completion(show_output=False)
print("REUSED", ["azureml.reusedrunid" in found.get_details()["properties"] for found in again.get_steps()])
"""
    printed = project.run("parts.py", IMPORTS + text)
    assert "HERE ['/b.csv', '/in/c.csv', '/in/d.csv'] ['/b.csv']" in printed
    assert "MOUNTED ['/b.csv', '/in/c.csv', '/in/d.csv']" in printed
    assert "/b.csv" in next(line for line in printed.splitlines() if line.startswith("COPIED"))
    assert "DIRECT ['/in/c.csv', '/in/d.csv'] ['/in/d.csv']" in printed
    assert "MOUNT ['in']" in printed
    assert "REUSED [True]" in printed


def test_what_is_said_of_registered_datasets(project: Project) -> None:
    text = """
from azureml.exceptions import UserErrorException

with open("said.csv", "w") as stream:
    stream.write("a,b\\n1,2\\n")
store.upload_files(["said.csv"], target_path="said", overwrite=True, show_progress=False)
table = Dataset.Tabular.from_delimited_files((store, "said/said.csv")).register(ws, "said", tags={"from": "test"})
table.add_tags({"stage": "raw"})
table.update(description="one row")
again = Dataset.get_by_name(ws, "said")
print("SAID", again.tags, again.description)
again.remove_tags(["from"])
print("LEFT", ws.datasets["said"].tags)
old = Dataset.get(ws, name="said")
print("OLD", old.definition_version, old.head(1).to_dict("list"), old.get_definitions().keys())
again.unregister_all_versions()
print("GONE", "said" in ws.datasets, len(Dataset.get_by_id(ws, again.id).to_pandas_dataframe()))
for call in (lambda: Dataset.get_by_name(ws, "said"), lambda: table.update(description="late"),
             table.unregister_all_versions):
    try:
        call()
    except UserErrorException as error:
        print("REFUSED", error.message)
    else:
        raise SystemExit("accepted")
print("ANEW", table.register(ws, "said").version)
"""
    printed = project.run("said.py", IMPORTS + text)
    assert "SAID {'from': 'test', 'stage': 'raw'} one row" in printed
    assert "LEFT {'stage': 'raw'}" in printed
    assert "OLD 1 {'a': [1], 'b': [2]} dict_keys(['1'])" in printed
    assert "GONE False 1" in printed
    assert printed.count("REFUSED no dataset 'said'") == 3
    assert "ANEW 1" in printed


SPLIT = """
    import os, sys
    import pandas as pd

    for store, day, price in (("north", "01", 1.5), ("north", "02", 2.5), ("south", "01", 4.0)):
        for base, write in ((sys.argv[1], "to_csv"), (sys.argv[2], "to_parquet")):
            if base == "none":
                continue
            place = os.path.join(base, store, "2024", "05", day)
            os.makedirs(place)
            ending = write[3:]
            getattr(pd.DataFrame({"price": [price, 9.0]}), write)(os.path.join(place, f"rows.{ending}"), index=False)
"""

CHOOSE = """
    from datetime import datetime
    from azureml.core import Run

    for name, table in Run.get_context().input_datasets.items():
        north = table.filter((table["store"] == "north") & (table["day"] > datetime(2024, 5, 1)) & (table["price"] < 9))
        print("FOUND", name, table.get_partition_key_values(["store"]), north.to_pandas_dataframe()["price"].tolist())
"""


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_step_reads_the_partitions_that_another_wrote(project: Project, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    project.write("parts/split.py", SPLIT)
    project.write("parts/choose.py", CHOOSE)
    read = {
        "csv": f"parse_delimited_files(partition_format='{{store}}/{{day:yyyy/MM/dd}}/*.{form}')",
        "parquet": f"parse_parquet_files(partition_format='{{store}}/{{day:yyyy/MM/dd}}/*.{form}')",
    }[form]
    text = f"""
from azureml.data import OutputFileDatasetConfig

old = PipelineData("old", datastore=store)
new = OutputFileDatasetConfig("new")
places = [old, "none"] if {form!r} == "csv" else ["none", old]
split = PythonScriptStep(
    "split.py", name="split", source_directory="parts", arguments=places, outputs=[old.as_dataset()])
again = PythonScriptStep(
    "split.py", name="again", source_directory="parts",
    arguments=[new, "none"] if {form!r} == "csv" else ["none", new])
reading = new.{read.replace("parse_", "read_")}
choose = PythonScriptStep(
    "choose.py", name="choose", source_directory="parts",
    inputs=[old.as_dataset().{read}, reading.as_input("newer")])
print("STATUS", Experiment(ws, "parts").submit(Pipeline(ws, steps=[choose])).wait_for_completion())
"""
    printed = project.run("parts.py", IMPORTS + text)
    for name in ("old", "newer"):
        assert f"FOUND {name} [{{'store': 'north'}}, {{'store': 'south'}}] [2.5]" in printed
    assert "STATUS Finished" in printed
