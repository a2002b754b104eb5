"""`PipelineData.as_dataset()`: what a pipeline of such outputs and inputs becomes, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace
from tests.unit.sdk.test_pipeline import arguments, steps_of

from azud.model.definition import InputPort
from azud.sdk.data_types import DataType, PromoteHeadersBehavior
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.pipeline import Pipeline
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData
from azud.sdk.pipeline_output_dataset import DatasetRegistration
from azud.sdk.python_script_step import PythonScriptStep

Make = Callable[..., PythonScriptStep]


@pytest.fixture
def make(source: str) -> Make:
    def step(name: str, **kwargs: Any) -> PythonScriptStep:
        return PythonScriptStep("a.py", name=name, source_directory=source, **kwargs)

    return step


def read(workspace: FakeWorkspace, make: Make, *inputs: Any) -> list[InputPort]:
    """Return the inputs of a step that reads what another one makes."""
    data = inputs[0]._identity.as_dataset()
    steps = [make("write", arguments=[data], outputs=[data]), make("read", inputs=list(inputs))]
    return list(steps_of(workspace, steps)["read"].inputs)


def test_a_file_dataset_is_mounted_under_the_name_of_its_output(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("label", output_name="rows").as_dataset()
    (port,) = read(workspace, make, data)
    assert (port.name, port.kind, port.mode, port.step, port.output) == ("rows", "dataset", "mount", "n1", "rows")
    assert port.reader == {}
    assert (data.name, data.input_name) == ("rows", "rows")


def test_each_way_of_reading_is_a_copy(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows").as_dataset()
    ways = [
        data,
        data.as_named_input("named"),
        data.as_download("here").as_named_input("down"),
        data.as_direct().as_named_input("direct"),
        data.as_named_input("table").parse_delimited_files(),
    ]
    ports = read(workspace, make, *ways)
    assert [(port.name, port.mode, port.path_on_compute) for port in ports] == [
        ("rows", "mount", None),
        ("named", "mount", None),
        ("down", "download", "here"),
        ("direct", "direct", None),
        ("table", "direct", None),
    ]


def test_how_a_table_is_read_reaches_the_step(workspace: FakeWorkspace, make: Make) -> None:
    table = (
        PipelineData("rows")
        .as_dataset()
        .parse_delimited_files(
            include_path=True,
            separator="\t",
            header=PromoteHeadersBehavior.NO_HEADERS,
            set_column_types={"a": DataType.to_long()},
            quoted_line_breaks=True,
        )
    )
    (port,) = read(workspace, make, table.keep_columns(["a", "b"]).drop_columns("b"))
    assert port.reader["separator"] == "\t"
    assert port.reader["header"] == "NO_HEADERS"
    assert port.reader["include_path"] is True
    assert port.reader["column_types"] == {"a": {"type": "long"}}
    assert port.reader["operations"] == [
        {"op": "keep_columns", "columns": ["a", "b"]},
        {"op": "drop_columns", "columns": ["b"]},
    ]
    assert "operations" not in table._reader


@pytest.mark.parametrize(
    ("options", "taken", "left"),
    [
        ({}, ["a.csv", "in/b.csv"], ["a.tsv", "a.csv.gz", "acsv"]),
        ({"separator": "\t"}, ["a.tsv"], ["a.csv"]),
        ({"separator": ";"}, ["a.csv", "a"], []),
        ({"file_extension": None}, ["a.csv", "a"], []),
        ({"file_extension": ".txt"}, ["a.txt"], ["a.csv", "atxt"]),
    ],
)
def test_which_files_a_table_is_read_from(options: dict[str, Any], taken: list[str], left: list[str]) -> None:
    expression = PipelineData("rows").as_dataset().parse_delimited_files(**options)._reader.get("path_glob", "")
    assert [name for name in (*taken, *left) if re.search(expression, name)] == taken


def test_a_table_is_split_the_same_way_on_both_sides() -> None:
    table = PipelineData("rows").as_dataset().parse_delimited_files()
    first, second = (part._reader["operations"][-1] for part in table.random_split(0.8))
    assert (first["op"], second["op"]) == ("split_first", "split_second")
    assert (first["seed"], first["probability"]) == (second["seed"], 0.8)
    assert [part._reader["operations"][-1]["seed"] for part in table.random_split(0.8)] == [first["seed"]] * 2
    assert table.random_split(0.8, seed=7)[1]._reader["operations"][-1]["seed"] == 7
    with pytest.raises(ValueError, match=r"percentage 1\.5"):
        table.random_split(1.5)


def test_two_parts_of_a_table_need_two_names(workspace: FakeWorkspace, make: Make) -> None:
    train, test = PipelineData("rows").as_dataset().parse_delimited_files().random_split(0.5)
    with pytest.raises(ValueError, match="two inputs called 'rows'"):
        read(workspace, make, train, test)
    ports = read(workspace, make, train.as_named_input("train"), test.as_named_input("test"))
    assert [port.reader["operations"][0]["op"] for port in ports] == ["split_first", "split_second"]


def test_producer_and_consumer_must_agree(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows")
    write, reader = make("write", outputs=[data]), make("read", inputs=[data.as_dataset()])
    with pytest.raises(ValueError, match=r"rows\.as_dataset\(\) into the outputs of step 'write'"):
        Pipeline(workspace, [write, reader])  # type: ignore[arg-type]


def test_the_files_of_a_dataset_may_also_be_read_as_data(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows")
    steps = steps_of(workspace, [make("write", outputs=[data.as_dataset()]), make("read", inputs=[data])])
    (port,) = steps["read"].inputs
    assert (port.kind, port.mode, port.step, port.output) == ("reference", "mount", "n1", "rows")


def test_in_arguments_it_is_the_output_of_one_step_and_an_input_of_the_next(
    workspace: FakeWorkspace, make: Make
) -> None:
    data = PipelineData("rows").as_dataset()
    steps = steps_of(workspace, [make("write", arguments=["--to", data]), make("read", arguments=["--from", data])])
    assert arguments(steps["write"]) == [("literal", "--to"), ("output", "rows")]
    assert arguments(steps["read"]) == [("literal", "--from"), ("input", "rows")]
    assert steps["read"].inputs[0].kind == "dataset"


def test_an_argument_means_the_input_of_its_name(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows").as_dataset()
    one, two = data.as_named_input("one"), data.as_named_input("two")
    step = make("read", inputs=[one, two], arguments=[two, one, f"{two}/part.csv"])
    steps = steps_of(workspace, [make("write", outputs=[data]), step])
    assert arguments(steps["read"]) == [
        ("input", "two"),
        ("input", "one"),
        ("literal", "$AZUREML_DATAREFERENCE_two/part.csv"),
    ]


def test_a_text_that_names_the_data_of_another_port_name(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("label", output_name="rows")
    steps = steps_of(workspace, make("write", arguments=[f"{data}/x"], outputs=[data.as_dataset()]))
    assert arguments(steps["write"]) == [("literal", "$AZUREML_DATAREFERENCE_rows/x")]


def test_the_output_is_registered_as_what_it_was_put_into_outputs(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows", pipeline_output_name="all_rows").as_dataset().register("kept")
    table = PipelineData("table").as_dataset().parse_delimited_files().register("kept_table")
    bound = OutputPortBinding("bound", dataset_registration=DatasetRegistration("kept_bound", True))
    outputs = steps_of(workspace, make("write", outputs=[data, table, bound]))["write"].outputs
    assert [port.register_as and port.register_as["name"] for port in outputs] == ["kept", "kept_table", "kept_bound"]
    assert [bool(port.reader) for port in outputs] == [False, True, False]
    assert [port.kind for port in outputs] == ["reference"] * 3
    assert outputs[0].pipeline_output_name == "all_rows"


def test_a_taken_name_that_gets_no_new_version_is_refused(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows").as_dataset().register("kept", create_new_version=False)
    step = make("write", outputs=[data])
    assert steps_of(workspace, step)["write"].outputs[0].register_as is not None
    workspace._api.answers["/datasets/registered/kept"] = {"name": "kept", "version": 1}
    with pytest.raises(UserErrorException, match="'kept' is registered already"):
        steps_of(workspace, step)


def test_the_binding_of_a_table_is_an_input(workspace: FakeWorkspace, make: Make) -> None:
    table = PipelineData("rows").as_dataset().parse_delimited_files()
    steps = [make("write", outputs=[table._identity.as_dataset()]), make("read", inputs=[table.create_input_binding()])]
    (port,) = steps_of(workspace, steps)["read"].inputs
    assert (port.name, port.mode, port.reader["format"]) == ("rows", "direct", "delimited")


def test_parquet_files_of_an_output(workspace: FakeWorkspace, make: Make) -> None:
    data = PipelineData("rows").as_dataset()
    (port,) = read(workspace, make, data.parse_parquet_files(partition_format="{day:yyyy/MM/dd}/*.parquet"))
    assert port.reader["format"] == "parquet"
    assert re.search(port.reader["path_glob"], "2020/01/02/a.parquet")
    assert not re.search(port.reader["path_glob"], "2020/01/02/_SUCCESS")
    assert port.reader["partition_format"] == "{day:yyyy/MM/dd}/*.parquet"
    assert "path_glob" not in data.parse_parquet_files(file_extension=None)._reader
    assert "partition_format" not in data.parse_delimited_files()._reader
    with pytest.raises(UserErrorException, match="names no column"):
        data.parse_delimited_files(partition_format="a/b.csv")


def test_what_is_not_there_yet_says_so() -> None:
    data = PipelineData("rows").as_dataset()
    with pytest.raises(NotYetError, match="dataset_output"):
        OutputPortBinding("a", dataset_output=object())
    with pytest.raises(ValueError, match="without a name"):
        data.register("")
