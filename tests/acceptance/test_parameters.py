"""Data paths and datasets as pipeline parameters: every form in which v1 takes them, chosen anew at submit."""

from __future__ import annotations

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset, Experiment
from azureml.data.data_reference import DataReference
from azureml.data.datapath import DataPath, DataPathComputeBinding
from azureml.data.dataset_consumption_config import DatasetConsumptionConfig
from azureml.pipeline.core import Pipeline, PipelineParameter

NAMES = """
import os, sys
from azureml.core import Run
run = Run.get_context()
place = sys.argv[1] if len(sys.argv) > 1 else run.input_datasets["words"]
run.log("names", ",".join(sorted(os.listdir(place))) if os.path.isdir(place) else os.path.basename(place))
"""
ROWS = """
from azureml.core import Run
run = Run.get_context()
table = run.input_datasets["words"]
run.log("names", table.name or "unnamed")
"""


@pytest.fixture
def author(workspace):
    made = Authoring(workspace)
    for name in "ab":
        place = workspace.folder / ".azud" / "datastores" / "workspaceblobstore" / name / f"{name}.csv"
        place.parent.mkdir(parents=True)
        place.write_text(f"{name}\n1\n")
    return made


def files(author, path: str):
    return Dataset.File.from_files((author.ws.get_default_datastore(), path))


def table(author, path: str):
    return Dataset.Tabular.from_delimited_files((author.ws.get_default_datastore(), path))


def submitted(author, step, **values):
    run = Experiment(author.ws, "parameters").submit(Pipeline(author.ws, steps=[step]), pipeline_parameters=values)
    run.wait_for_completion(show_output=False, raise_on_error=False)
    (found,) = run.get_steps()
    return found


def seen(author, step, **values) -> str:
    found = submitted(author, step, **values)
    assert found.get_status() == "Finished", found.get_details().get("error")
    return found.get_metrics()["names"]


@pytest.mark.parametrize("mode", ["mount", "download"])
def test_a_data_path(author, mode):
    store = author.ws.get_default_datastore()
    where = (PipelineParameter("where", DataPath(store, "a")), DataPathComputeBinding(mode))
    step = author.step("names", NAMES, arguments=[where], inputs=[where])
    assert (seen(author, step), seen(author, step, where=DataPath(store, "b"))) == ("a.csv", "b.csv")
    assert seen(author, step, where=DataPath(store, "b/b.csv")) == "b.csv"


def test_a_file_dataset_mounted_downloaded_and_direct(author):
    parameter = PipelineParameter("which", files(author, "a"))
    for index, named in enumerate(
        (
            DatasetConsumptionConfig("words", parameter).as_mount(),
            DatasetConsumptionConfig("words", parameter, mode="download"),
        )
    ):
        step = author.step(f"names{index}", NAMES, inputs=[named])
        assert (seen(author, step), seen(author, step, which=files(author, "b"))) == ("a.csv", "b.csv")


def test_a_dataset_stands_on_the_command_line_as_the_path_of_its_input(author):
    named = DatasetConsumptionConfig("words", PipelineParameter("which", files(author, "a"))).as_mount()
    step = author.step("names", NAMES, arguments=[named])
    assert (seen(author, step), seen(author, step, which=files(author, "b"))) == ("a.csv", "b.csv")


def test_a_tabular_dataset(author):
    named = DatasetConsumptionConfig("words", PipelineParameter("which", table(author, "a/a.csv")))
    step = author.step("rows", ROWS, inputs=[named])
    registered = table(author, "b/b.csv").register(author.ws, "other")
    assert (seen(author, step), seen(author, step, which=registered)) == ("unnamed", "other")


@pytest.mark.parametrize("form", ["named", "unnamed version", "tuple", "latest"])
def test_registered_datasets_and_named_inputs_as_defaults(author, form):
    first = files(author, "a").register(author.ws, "words")
    default = {
        "named": first.as_named_input("x").as_mount(),
        "unnamed version": first,
        "tuple": DatasetConsumptionConfig("x", (author.ws, "words", 1)),
        "latest": DatasetConsumptionConfig("x", (author.ws, "words")),
    }[form]
    files(author, "b").register(author.ws, "words", create_new_version=True)
    named = DatasetConsumptionConfig("words", PipelineParameter("which", default)).as_mount()
    found = submitted(author, author.step("names", NAMES, inputs=[named]))
    version = 2 if form == "latest" else 1
    assert found.get_metrics() == {"names": "b.csv" if version == 2 else "a.csv"}
    assert found.properties["azud.dataset.words"] == f"words:{version}"
    (given,) = found.get_details()["inputDatasets"]
    assert (given["dataset"].name, given["dataset"].version) == ("words", version)
    (edge,) = author.live.client.get("/datasets/registered/words/lineage", {"version": version})["forward"]
    assert edge["target"] == f"step:{found.id}"


def test_a_name_is_chosen_at_submit(author):
    files(author, "b").register(author.ws, "words")
    named = DatasetConsumptionConfig("words", PipelineParameter("which", files(author, "a"))).as_mount()
    step = author.step("names", NAMES, inputs=[named])
    assert seen(author, step, which=DatasetConsumptionConfig("any", (author.ws, "words"))) == "b.csv"


def test_what_a_dataset_is_called_does_not_count_for_reuse(author):
    named = DatasetConsumptionConfig("words", PipelineParameter("which", files(author, "a"))).as_mount()
    step = author.step("names", NAMES, inputs=[named])
    first = submitted(author, step)
    again = submitted(author, step, which=files(author, "a").register(author.ws, "called"))
    assert author.live.client.get(f"/runs/{again.id}")["reused_from"] == first.id


def test_a_replayed_verification_of_a_looked_up_parameter(author):
    files(author, "a").register(author.ws, "words")
    named = DatasetConsumptionConfig(
        "words", PipelineParameter("which", DatasetConsumptionConfig("x", (author.ws, "words")))
    ).as_mount()
    step = submitted(author, author.step("names", NAMES, arguments=[named]))
    files(author, "b").register(author.ws, "words", create_new_version=True)
    assert '"same"' in author.run_azud("verify", step.parent.id, "--json").stdout


def test_what_is_no_value_of_a_parameter_is_refused_at_submit(author):
    store = author.ws.get_default_datastore()
    where = (PipelineParameter("where", DataPath(store, "a")), DataPathComputeBinding())
    which = DatasetConsumptionConfig("words", PipelineParameter("which", files(author, "a"))).as_mount()
    paths = author.step("paths", NAMES, arguments=[where], inputs=[where])
    sets = author.step("sets", NAMES, inputs=[which])
    for step, values, message in (
        (paths, {"where": files(author, "b")}, "'where' is of type datapath"),
        (paths, {"where": "b"}, "'where' is of type datapath"),
        (sets, {"which": DataPath(store, "b")}, "'which' is of type dataset"),
        (sets, {"which": 3}, "'which' is of type dataset"),
        (sets, {"other": files(author, "b")}, "Pipeline parameter with name other does not exist"),
        (sets, {"which": DatasetConsumptionConfig("x", (author.ws, "words", "newest"))}, "'newest' is no version"),
    ):
        with pytest.raises(Exception, match=message):
            submitted(author, step, **values)
    assert submitted(author, paths, where=DataPath(store, "none")).get_status() == "Failed"
    refused = submitted(author, sets, which=table(author, "b/b.csv"))
    assert "cannot be consumed in mode mount" in refused.get_details()["error"]["error"]["message"]


def test_a_reference_stays_as_it_is_beside_parameters(author):
    store = author.ws.get_default_datastore()
    fixed = DataReference(store, "fixed", "a")
    where = (PipelineParameter("where", DataPath(store, "a", name="chosen")), DataPathComputeBinding())
    code = NAMES.replace("sys.argv[1]", "sys.argv[2]") + "assert os.listdir(sys.argv[1]) == ['a.csv']\n"
    step = author.step("both", code, arguments=[fixed, where], inputs=[fixed, where])
    assert seen(author, step, where=DataPath(store, "b")) == "b.csv"
