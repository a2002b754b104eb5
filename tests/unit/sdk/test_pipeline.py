"""Building pipelines: who reads whose output, what is refused, and the definition that is submitted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.model.codec import from_json, to_json
from azud.model.definition import PipelineDefinition, StepDefinition
from azud.planning import validation
from azud.planning.graph import build_plan
from azud.sdk.compiling import Source, compile_pipeline, source_folders
from azud.sdk.datapath import DataPath, DataPathComputeBinding, DataReference
from azud.sdk.dataset_consumption import DatasetConsumptionConfig
from azud.sdk.dataset_factory import FileDatasetFactory
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.input_binding import InputPortBinding
from azud.sdk.output_dataset import OutputFileDatasetConfig
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline import Pipeline
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData
from azud.sdk.python_script_step import PythonScriptStep
from azud.sdk.runconfig import RunConfiguration
from azud.sdk.step import PipelineStep, StepSequence


@pytest.fixture
def make(source: str) -> Any:
    def step(name: str = "a", **kwargs: Any) -> PythonScriptStep:
        return PythonScriptStep(kwargs.pop("script", "a.py"), name=name, source_directory=source, **kwargs)

    return step


def definition_of(pipeline: Pipeline) -> PipelineDefinition:
    """Compile without uploading, and hold the result against the server's own rules."""
    sources = {folder: Source("0" * 64, {}, ()) for folder in source_folders(pipeline)}
    definition = compile_pipeline(pipeline, sources)
    validation.check(definition)
    assert from_json(PipelineDefinition, to_json(definition)) == definition
    return definition


def steps_of(workspace: Any, steps: Any, **kwargs: Any) -> dict[str, StepDefinition]:
    return {step.name: step for step in definition_of(Pipeline(workspace, steps, **kwargs)).steps}


def order_of(workspace: Any, steps: Any, **kwargs: Any) -> list[str]:
    definition = definition_of(Pipeline(workspace, steps, **kwargs))
    names = {step.id: step.name for step in definition.steps}
    return [names[step_id] for step_id in build_plan(definition).order]


def arguments(step: StepDefinition) -> list[tuple[str, str]]:
    return [(argument.kind, argument.value) for argument in step.arguments]


# The order


def test_data_decide_the_order_and_not_the_list(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    reader = make("reader", inputs=[data], arguments=["--in", data])
    writer = make("writer", outputs=[data], arguments=["--out", data])
    assert order_of(workspace, [reader, [writer]]) == ["writer", "reader"]
    steps = steps_of(workspace, [reader, writer])
    assert arguments(steps["reader"]) == [("literal", "--in"), ("input", "data")]
    assert arguments(steps["writer"]) == [("literal", "--out"), ("output", "data")]
    (port,) = steps["reader"].inputs
    assert (port.step, port.output, port.kind, port.mode) == ("n2", "data", "reference", "mount")


def test_what_is_needed_is_added(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    other = make("other")
    writer = make("writer", outputs=[data])
    reader = make("reader", inputs=[data])
    reader.run_after(other)
    assert set(order_of(workspace, reader)) == {"writer", "other", "reader"}
    assert set(order_of(workspace, [data])) == {"writer"}
    with pytest.raises(ValueError, match="which is not listed"):
        Pipeline(workspace, [reader], resolve_closure=False)
    assert Pipeline(workspace, [reader, writer, other], resolve_closure=False).validate() == []


def test_run_after_and_sequences(workspace: FakeWorkspace, make: Any) -> None:
    a, b, c, d = (make(name) for name in "abcd")
    steps = steps_of(workspace, StepSequence([a, [b, c], d]))
    ids = {name: step.id for name, step in steps.items()}
    assert steps["b"].run_after == steps["c"].run_after == (ids["a"],)
    assert steps["d"].run_after == (ids["b"], ids["c"])
    assert steps_of(workspace, [a, [b, [c]], d])["d"].run_after == ()
    assert a.run_after(b) is None
    assert steps_of(workspace, [a])["a"].run_after == ("n2",)


def test_a_step_listed_twice_is_one_and_names_may_repeat(workspace: FakeWorkspace, make: Any) -> None:
    a = make("same")
    assert len(Pipeline(workspace, [a, a, [a], make("same")])._wiring.steps) == 2


def test_cycles(workspace: FakeWorkspace, make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    x, y = PipelineData("x"), PipelineData("y")
    pipeline = Pipeline(workspace, [make("first", inputs=[x], outputs=[y]), make("second", inputs=[y], outputs=[x])])
    (fault,) = pipeline.validate()
    assert fault.startswith("Cycle detected including node ")
    assert "first → second → first" in fault or "second → first → second" in fault
    with pytest.raises(UserErrorException, match="Cycle detected"):
        pipeline.submit("e")
    assert not [sent for sent in workspace._api.sent if sent[1] == "/runs"]


@pytest.mark.parametrize("steps", [(), None, 3, {"a": 1}])
def test_what_is_no_list_of_steps(workspace: FakeWorkspace, steps: Any) -> None:
    with pytest.raises(NotImplementedError):
        Pipeline(workspace, steps)


def test_an_empty_pipeline_and_unknown_keywords(workspace: FakeWorkspace, make: Any) -> None:
    assert Pipeline(workspace, []).validate() == ["the pipeline has no steps"]
    with pytest.raises(ValueError, match="colour"):
        Pipeline(workspace, [make()], colour=1)
    with pytest.raises(NotYetError, match=r"Pipeline\.publish"):
        Pipeline(workspace, [make()]).publish()


# Faults


def test_nobody_makes_it(workspace: FakeWorkspace, make: Any) -> None:
    with pytest.raises(ValueError, match="nobody makes its input 'ghost'"):
        Pipeline(workspace, [make(inputs=[PipelineData("ghost")])])
    with pytest.raises(ValueError, match="nobody makes"):
        Pipeline(workspace, [make(arguments=[PipelineData("ghost").as_input()])])


def test_two_make_it(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    with pytest.raises(ValueError, match="made by two steps, 'first' and 'second'"):
        Pipeline(workspace, [make("first", outputs=[data]), make("second", outputs=[data])])


def test_one_run_output_name_twice(workspace: FakeWorkspace, make: Any) -> None:
    steps = [make(name, outputs=[PipelineData(name, pipeline_output_name="result")]) for name in ("one", "two")]
    with pytest.raises(ValueError, match="'result' is used by steps"):
        Pipeline(workspace, steps)


def test_a_missing_script_is_noticed_when_the_pipeline_is_built(workspace: FakeWorkspace, source: str) -> None:
    step = PythonScriptStep("missing.py", source_directory=source)
    with pytest.raises(ValueError, match=r"script not found at: .*missing\.py"):
        Pipeline(workspace, [step])
    with pytest.raises(ValueError, match="script not found"):
        Pipeline(workspace, [PythonScriptStep("a.py")], default_source_directory="/nowhere")
    Pipeline(workspace, [PythonScriptStep("a.py")], default_source_directory=source)
    with pytest.raises(ValueError, match="script_name"):
        PythonScriptStep(PipelineParameter("p", "a.py"))  # type: ignore[arg-type]


def test_a_script_outside_of_its_folder(workspace: FakeWorkspace, source: str, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("")
    with pytest.raises(ValueError, match="outside of the source folder"):
        Pipeline(workspace, [PythonScriptStep("../outside.py", source_directory=source)])


@pytest.mark.parametrize("bad", ["text", 3, None, ("a", "b")])
def test_what_cannot_be_an_input_or_output(make: Any, bad: Any) -> None:
    with pytest.raises(ValueError, match=r"cannot be an input|Unexpected input type"):
        make(inputs=[bad])
    with pytest.raises(ValueError, match="cannot be an output"):
        make(outputs=[bad])


def test_two_ports_of_one_name(make: Any) -> None:
    with pytest.raises(ValueError, match="two inputs called 'x'"):
        make(inputs=[PipelineData("x"), PipelineData("x")])
    with pytest.raises(ValueError, match="two outputs called 'x'"):
        make(outputs=[PipelineData("x"), PipelineData("y", output_name="x")])


# PipelineData


def test_ports_that_stand_only_in_arguments(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    writer = make("writer", arguments=["--out", data])
    reader = make("reader", arguments=["--in", data])
    steps = steps_of(workspace, [reader, writer])
    assert [port.name for port in steps["writer"].outputs] == ["data"]
    assert [port.output for port in steps["reader"].inputs] == ["data"]
    # Another pipeline may decide otherwise.
    assert [port.name for port in steps_of(workspace, [writer])["writer"].outputs] == ["data"]


def test_open_ports_follow_the_one_who_declares(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    reader = make("reader", arguments=["--in", data])
    make("writer", outputs=[data])
    steps = steps_of(workspace, [reader])
    assert set(steps) == {"reader", "writer"}
    assert not steps["reader"].outputs


def test_steps_left_from_an_earlier_go_do_not_count(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    make("writer", arguments=["--out", data])
    make("reader", arguments=["--in", data])
    writer, reader = make("writer", arguments=["--out", data]), make("reader", arguments=["--in", data])
    definition = definition_of(Pipeline(workspace, [writer, reader]))
    assert [step.name for step in definition.steps] == ["writer", "reader"]
    alone = make("alone", arguments=[PipelineData("own")])
    assert len(steps_of(workspace, [alone])) == 1


def test_an_input_in_another_mode_and_under_another_name(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    writer = make("writer", outputs=[data])
    binding = data.as_download("copy", path_on_compute="/tmp/here")
    reader = make("reader", inputs=[binding], arguments=["--in", binding, data])
    port = steps_of(workspace, [writer, reader])["reader"].inputs[0]
    assert (port.name, port.mode, port.path_on_compute) == ("copy", "download", "/tmp/here")
    assert arguments(steps_of(workspace, [writer, reader])["reader"])[1:] == [("input", "copy")] * 2


def test_the_arguments_mode_wins(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data")
    writer = make("writer", outputs=[data])
    reader = make("reader", inputs=[data], arguments=[data.as_download()])
    assert [port.mode for port in steps_of(workspace, [writer, reader])["reader"].inputs] == ["download"]


def test_an_input_called_as_an_output_is_renamed(workspace: FakeWorkspace, make: Any) -> None:
    first, second = PipelineData("data"), PipelineData("data")
    writer = make("writer", outputs=[first])
    both = make("both", inputs=[first], outputs=[second], arguments=[first, second])
    step = steps_of(workspace, [writer, both])["both"]
    assert [port.name for port in step.inputs] == ["INPUT_data"]
    assert arguments(step) == [("input", "INPUT_data"), ("output", "data")]


def test_texts_made_of_data(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData("data", output_name="other")
    assert str(data) == "$AZUREML_DATAREFERENCE_data" == data.get_env_variable_name()
    step = steps_of(workspace, [make(outputs=[data], arguments=[f"{data}/x.csv", 3, 0.5])])["a"]
    assert arguments(step) == [("literal", "$AZUREML_DATAREFERENCE_other/x.csv"), ("literal", "3"), ("literal", "0.5")]


def test_an_output_keeps_what_was_said_of_it(workspace: FakeWorkspace, make: Any) -> None:
    data = PipelineData(
        "data",
        datastore=workspace.store,
        output_name="port",
        output_mode="upload",
        output_path_on_compute="here",
        output_overwrite=True,
        is_directory=True,
        pipeline_output_name="result",
    )
    (port,) = steps_of(workspace, [make(outputs=[data])])["a"].outputs
    assert to_json(port) == {
        "name": "port",
        "kind": "reference",
        "datastore": "workspaceblobstore",
        "mode": "upload",
        "path_on_compute": "here",
        "overwrite": True,
        "destination": None,
        "data_type": "AnyDirectory",
        "pipeline_output_name": "result",
        "register_as": None,
        "reader": {},
    }
    (bound,) = steps_of(workspace, [make(outputs=[OutputPortBinding("bound", is_directory=False)])])["a"].outputs
    assert (bound.name, bound.data_type) == ("bound", "AnyFile")


@pytest.mark.parametrize(
    "arguments",
    [{"name": "a-b"}, {"name": ""}, {"name": "a", "output_name": "a b"}, {"name": "a", "output_mode": "link"}],
)
def test_data_that_are_not_valid(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not valid|Invalid output mode"):
        PipelineData(**arguments)


def test_bindings() -> None:
    data = PipelineData("1a")
    assert str(data.as_input()) == str(data.as_mount()) == "$AZUREML_DATAREFERENCE_1a"
    assert data.as_mount("other").data_reference_name == "other"
    assert data.as_mount().as_resource().is_resource
    with pytest.raises(ValueError, match="Invalid input mode"):
        data.create_input_binding(mode="direct")
    with pytest.raises(ValueError, match="binds nothing"):
        InputPortBinding("x")


# References and paths


def test_data_references(workspace: FakeWorkspace, make: Any) -> None:
    reference = DataReference(workspace.store, "test_data", "/20newsgroups/20news.pkl")
    step = steps_of(workspace, [make(inputs=[reference], arguments=["--input", reference, f"{reference}.bak"])])["a"]
    (port,) = step.inputs
    assert (port.datastore, port.path, port.mode) == ("workspaceblobstore", "20newsgroups/20news.pkl", "mount")
    assert arguments(step)[1:] == [("input", "test_data"), ("literal", "$AZUREML_DATAREFERENCE_test_data.bak")]
    only_argument = steps_of(workspace, [make(arguments=[reference.as_download("/x")])])["a"]
    assert [(port.mode, port.path_on_compute) for port in only_argument.inputs] == [("download", "/x")]
    assert DataReference(workspace.store).data_reference_name == "workspaceblobstore"
    assert reference.path("b").path_on_datastore == "20newsgroups/20news.pkl/b"
    with pytest.raises(UserErrorException, match="invalid mode"):
        DataReference(workspace.store, mode="direct")


def test_a_path_as_a_parameter(workspace: FakeWorkspace, make: Any) -> None:
    parameter = PipelineParameter("where", DataPath(workspace.store, "first"))
    bound = (parameter, DataPathComputeBinding(mode="download"))
    definition = definition_of(Pipeline(workspace, [make(inputs=[bound], arguments=["--in", bound])]))
    (port,) = definition.steps[0].inputs
    assert (port.parameter, port.mode) == ("where", "download")
    assert arguments(definition.steps[0])[1] == ("input", port.name)
    (declared,) = definition.parameters
    assert (declared.type, declared.default) == ("datapath", {"datastore": "workspaceblobstore", "path": "first"})


# Parameters


def test_parameters(workspace: FakeWorkspace, make: Any) -> None:
    count, rate = PipelineParameter("count", 3), PipelineParameter("rate", 0.5)
    step = make(
        arguments=["--count", count, "parameter:shown", "parameter:unknown"], params={"shown": rate, "fixed": 7}
    )
    definition = definition_of(Pipeline(workspace, [step, make("b", arguments=[count])]))
    compiled = definition.steps[0]
    assert arguments(compiled) == [
        ("literal", "--count"),
        ("parameter", "count"),
        ("literal", "$AML_PARAMETER_shown"),
        ("literal", "parameter:unknown"),
    ]
    assert {name: (item.kind, item.value) for name, item in compiled.parameters.items()} == {
        "count": ("parameter", "count"),
        "shown": ("parameter", "rate"),
        "fixed": ("literal", "7"),
    }
    assert {item.name: (item.type, item.default) for item in definition.parameters} == {
        "count": ("int", 3),
        "rate": ("float", 0.5),
    }


def test_parameters_of_one_name(workspace: FakeWorkspace, make: Any) -> None:
    equal = [make(str(index), arguments=[PipelineParameter("p", 1)]) for index in range(2)]
    assert len(definition_of(Pipeline(workspace, equal)).parameters) == 1
    with pytest.raises(Exception, match="two defaults"):
        Pipeline(workspace, [*equal, make(arguments=[PipelineParameter("p", 2)])])
    with pytest.raises(Exception, match="Parameter name p is already in use"):
        Pipeline(workspace, [make(arguments=[PipelineParameter("p", 2)], params={"p": 3})])


@pytest.mark.parametrize("default", [None, [1], {"a": 1}, object()])
def test_parameters_need_a_default(default: Any) -> None:
    with pytest.raises(ValueError, match="default"):
        PipelineParameter("p", default)


def test_the_text_of_a_parameter() -> None:
    assert str(PipelineParameter("p", 3)) == "PipelineParameter_Name:p_Default:3"


# Datasets


@pytest.fixture
def files(workspace: FakeWorkspace) -> Any:
    (workspace.root / "x.txt").write_text("x")
    return FileDatasetFactory.from_files((workspace.store, "x.txt"))


def test_named_inputs(workspace: FakeWorkspace, make: Any, files: Any) -> None:
    named = files.as_named_input("input")
    step = steps_of(workspace, [make(inputs=[files], arguments=["--input", named.as_download()])])["a"]
    (port,) = step.inputs
    assert (port.name, port.kind, port.mode) == ("input", "dataset", "download")
    assert port.dataset is not None and port.dataset.locations[0].path == "x.txt"
    assert arguments(step) == [("literal", "--input"), ("input", "input")]
    both = steps_of(workspace, [make(inputs=[named], arguments=[named.as_mount()])])["a"]
    assert [port.mode for port in both.inputs] == ["mount"]


def test_a_dataset_without_a_name(make: Any, files: Any) -> None:
    with pytest.raises(ValueError, match="a dataset needs a name"):
        make(inputs=[files])
    with pytest.raises(ValueError, match="a dataset needs a name"):
        make(arguments=[files])
    with pytest.raises(ValueError, match="two inputs called 'x'"):
        make(inputs=[files.as_named_input("x"), files.take(1).as_named_input("x")])


def test_a_dataset_as_a_parameter(workspace: FakeWorkspace, make: Any, files: Any) -> None:
    parameter = PipelineParameter("data", files)
    definition = definition_of(Pipeline(workspace, [make(inputs=[DatasetConsumptionConfig("x", parameter, "mount")])]))
    assert definition.steps[0].inputs[0].parameter == "data"
    assert definition.parameters[0].type == "dataset"


def test_outputs_that_are_datasets(workspace: FakeWorkspace, make: Any) -> None:
    output = OutputFileDatasetConfig("out", destination=(workspace.store, "fixed/{run-id}"))
    writer = make("writer", arguments=["--out", output.as_upload(overwrite=True)])
    reader = make("reader", arguments=["--in", output.as_input()])
    second = make("second", inputs=[output], arguments=["--in", output])
    steps = steps_of(workspace, [writer, reader, second])
    (port,) = steps["writer"].outputs
    assert (port.kind, port.mode, port.datastore, port.destination, port.overwrite) == (
        "dataset",
        "upload",
        "workspaceblobstore",
        "fixed/{run-id}",
        True,
    )
    for name in ("reader", "second"):
        (read,) = steps[name].inputs
        assert (read.kind, read.mode, read.output) == ("dataset", "mount", "out")
        assert arguments(steps[name])[1] == ("input", read.name)


def test_registering_and_reading_an_output(workspace: FakeWorkspace, make: Any) -> None:
    output = OutputFileDatasetConfig("out").register_on_complete("cleaned", tags={"a": "b"})
    table = output.read_delimited_files(separator=";").keep_columns(["a"])
    writer = make("writer", outputs=[table])
    reader = make("reader", inputs=[table.as_input("rows")])
    steps = steps_of(workspace, [writer, reader])
    (port,) = steps["writer"].outputs
    assert port.register_as == {"name": "cleaned", "description": "", "tags": {"a": "b"}}
    assert port.reader["separator"] == ";"
    (read,) = steps["reader"].inputs
    assert (read.name, read.mode, read.reader) == ("rows", "direct", port.reader)
    with pytest.raises(ValueError, match="needs a name"):
        output.register_on_complete("")
    with pytest.raises(UserErrorException):
        OutputFileDatasetConfig("out", destination=(workspace.store, "../x"))


# Run configurations


def test_a_step_keeps_how_it_runs(workspace: FakeWorkspace, make: Any) -> None:
    config = RunConfiguration()
    config.target = "cluster"
    config.environment_variables = {"A": 1}
    config.max_run_duration_seconds = 60
    config.node_count = 2
    step = steps_of(workspace, [make(runconfig=config, allow_reuse=False, version=3)])["a"]
    assert (step.compute, step.allow_reuse, step.version, step.timeout_s) == ("cluster", False, "3", 60.0)
    assert step.settings.environment_variables == {"A": "1"}
    assert step.settings.node_count == 2
    plain = steps_of(workspace, [make(compute_target="local", runconfig=RunConfiguration())])["a"]
    assert plain.compute is None
    assert plain.settings.environment.definition is None
    assert plain.settings.environment_variables == {}
    assert steps_of(workspace, [make(compute_target=("c", "AmlCompute"))])["a"].compute == "c"
    with pytest.raises(ValueError, match="cannot run Python scripts"):
        make(compute_target=("c", "DataFactory"))


def test_steps_of_other_classes_say_that_they_cannot_run(workspace: FakeWorkspace) -> None:
    with pytest.raises(NotYetError, match="PipelineStep"):
        Pipeline(workspace, [PipelineStep("bare", None, None)])


def test_a_wide_pipeline_is_wired_in_time(workspace: FakeWorkspace, make: Any) -> None:
    import time

    first = PipelineData("first")
    steps = [make("0", outputs=[first])]
    steps += [make(str(index), inputs=[first], outputs=[PipelineData(f"d{index}")]) for index in range(1, 2000)]
    started = time.perf_counter()
    definition_of(Pipeline(workspace, steps))
    assert time.perf_counter() - started < 5
