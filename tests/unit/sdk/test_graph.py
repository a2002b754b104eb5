"""Graphs of pipelines and runs: what they show, and what becomes of what is changed in them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.model.codec import to_json
from azud.model.definition import PipelineDefinition, StepDefinition
from azud.planning import validation
from azud.sdk.compiling import Source, compile_pipeline, source_folders
from azud.sdk.datapath import DataPath, DataPathComputeBinding, DataReference
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.experiment import Experiment
from azud.sdk.graph.definitions import DataType, InputPortDef, Module, ModuleDef, OutputPortDef, Param, ParamDef
from azud.sdk.graph.graphs import Graph
from azud.sdk.graph.nodes import ModuleNode
from azud.sdk.graph.sources import DataSource, DataSourceDef, PipelineDataset
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.output_dataset import OutputFileDatasetConfig
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline import Pipeline
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData
from azud.sdk.pipeline_output_dataset import DatasetRegistration
from azud.sdk.pipeline_run import PipelineRun
from azud.sdk.python_script_step import PythonScriptStep
from azud.sdk.sql_data_reference import SqlDataReference
from azud.sdk.step import PipelineStep


@pytest.fixture
def make(source: str) -> Any:
    def step(name: str, **kwargs: Any) -> PythonScriptStep:
        return PythonScriptStep(kwargs.pop("script", "a.py"), name=name, source_directory=source, **kwargs)

    return step


@pytest.fixture
def files(workspace: FakeWorkspace) -> Any:
    (workspace.root / "rows.csv").write_text("a,b\n1,2\n")
    return Dataset.File.from_files((workspace.store, "rows.csv"))


@pytest.fixture
def pipeline(workspace: FakeWorkspace, make: Any, files: Any) -> Pipeline:
    """Two writers, a reader of the first's data that waits for the second, and a path that is a parameter."""
    data, other = PipelineData("data"), PipelineData("other")
    path = PipelineParameter("path", DataPath(workspace.store, "in"))
    place = (path, DataPathComputeBinding("download"))
    make("first", inputs=[files.as_named_input("x")], outputs=[data])
    second = make(
        "second", inputs=[files.as_named_input("x"), DataReference(workspace.store, "ref", "r")], outputs=[other]
    )
    reader = make(
        "reader", inputs=[data, place], arguments=[place], params={"p": 1, "q": PipelineParameter("rate", 0.5)}
    )
    reader.run_after(second)
    return Pipeline(workspace, [reader, second], description="shown")  # type: ignore[arg-type]


def compiled(pipeline: Pipeline) -> dict[str, StepDefinition]:
    """Return the steps that would be submitted, which the server's own rules accept."""
    definition = definition_of(pipeline)
    validation.check(definition)
    return {step.name: step for step in definition.steps}


def definition_of(pipeline: Pipeline) -> PipelineDefinition:
    return compile_pipeline(pipeline, {folder: Source("0" * 64, {}, ()) for folder in source_folders(pipeline)})


# What a graph shows


def test_nodes_and_edges(pipeline: Pipeline) -> None:
    graph = pipeline.graph
    assert [node.name for node in graph.module_nodes] == ["first", "second", "reader"]
    assert sorted(node.name for node in graph.datasource_nodes) == [
        "ref",
        "workspaceblobstore_path",
        "x",
    ]
    assert len(graph.nodes) == len(graph.node_dict) == 6
    assert sorted(repr(edge) for edge in graph.edges) == [
        "first.data → reader.data",
        "ref.data → second.ref",
        "second._run_after_output → reader._run_after_input_0",
        "workspaceblobstore_path.data → reader.workspaceblobstore_path",
        "x.data → first.x",
        "x.data → second.x",
    ]
    for view in (graph.nodes, graph.module_nodes, graph.datasource_nodes):
        with pytest.raises(TypeError):
            _ = view[0]  # type: ignore[index]
    assert graph.get_node("n1") is graph.node_dict["n1"] is graph.node_name_dict["first"][0]
    with pytest.raises(KeyError):
        graph.get_node("n9")
    assert sorted(graph.params) == ["path", "rate"]
    assert graph.validate() == []


def test_what_nodes_say(pipeline: Pipeline) -> None:
    graph = pipeline.graph
    first, reader = graph.get_node("n1"), graph.get_node("n3")
    assert list(first.output_dict) == ["data", "_run_after_output"]
    assert list(reader.input_dict) == ["data", "workspaceblobstore_path", "_run_after_input_0"]
    assert [port.name for port in reader.inputs] == list(reader.input_dict)
    output, taken = first.get_output("data"), reader.get_input("data")
    assert (output.bind_mode, output.datastore_name, output.data_type, output.node) == ("mount", None, "AnyFile", first)
    assert (taken.bind_mode, taken.node, taken.data_reference_name) == ("mount", reader, "data")
    assert taken.incoming_edge is not None
    assert taken.incoming_edge.source_port is output
    assert taken.incoming_edge.dest_port is taken
    assert {name: param.get_value() for name, param in reader.params.items()} == {"p": "1", "q": graph.params["rate"]}
    assert reader.get_param("none") is None
    assert reader.module_def is not None
    assert (reader.module_def.name, reader.module_def.step_type, reader.datasource_def) == (
        "reader",
        "PythonScriptStep",
        None,
    )
    (ref,) = graph.node_name_dict["ref"]
    assert ref.datasource_def is not None
    assert (ref.datasource_def.path_on_datastore, ref.module_def, list(ref.output_dict)) == ("r", None, ["data"])
    (path,) = graph.node_name_dict["workspaceblobstore_path"]
    assert path.datapath_param_name == "path"  # type: ignore[attr-defined]
    assert repr(first) == "ModuleNode('first', n1)"


def test_a_graph_that_is_only_looked_at_changes_nothing(pipeline: Pipeline) -> None:
    before = definition_of(pipeline)
    _ = pipeline.graph
    assert definition_of(pipeline) == before


# What is changed by hand


def test_ports_that_are_changed(pipeline: Pipeline) -> None:
    first, reader = pipeline.graph.get_node("n1"), pipeline.graph.get_node("n3")
    taken, output = reader.get_input("data"), first.get_output("data")
    taken.bind_mode, taken.path_on_compute, taken.overwrite = "download", "here", True
    output.bind_mode, output.path_on_compute, output.overwrite = "upload", "there", True
    output.datastore_name, output.pipeline_output_name = "workspacefilestore", "result"
    output.dataset_registration = DatasetRegistration("kept", True)
    steps = compiled(pipeline)
    port = steps["reader"].inputs[0]
    assert (port.mode, port.path_on_compute, taken.overwrite) == ("download", "here", True)
    made = steps["first"].outputs[0]
    assert (made.mode, made.path_on_compute, made.overwrite, made.datastore) == (
        "upload",
        "there",
        True,
        "workspacefilestore",
    )
    assert (made.pipeline_output_name, made.register_as and made.register_as["name"]) == ("result", "kept")
    assert output.dataset_registration.name == "kept"
    output.dataset_registration = None
    assert compiled(pipeline)["first"].outputs[0].register_as is None


def test_an_input_that_is_connected_to_another_output(pipeline: Pipeline) -> None:
    graph = pipeline.graph
    taken = graph.get_node("n3").get_input("data")
    edge = graph.get_node("n2").get_output("other").connect(taken)
    assert taken.incoming_edge is edge
    assert edge in graph.edges
    port = compiled(pipeline)["reader"].inputs[0]
    assert (port.name, port.step, port.output) == ("data", "n2", "other")


def test_an_input_that_is_connected_to_other_data(pipeline: Pipeline, workspace: FakeWorkspace, files: Any) -> None:
    graph = pipeline.graph
    place = DataSourceDef.create_from_data_reference(DataReference(workspace.store, "elsewhere", "else"))
    path = graph.add_datasource_node("elsewhere", DataSource("one", place))
    table = Dataset.Tabular.from_delimited_files((workspace.store, "rows.csv"))
    data = graph.add_datasource_node(
        "t", DataSource("two", DataSourceDef("t", pipeline_dataset=PipelineDataset(table)))
    )
    graph.get_node("n3").get_input("data").connect(path.get_output("data"))
    graph.get_node("n1").get_input("x").connect(path.get_output("data"))
    graph.get_node("n2").get_input("x").connect(data.get_output("data"))
    steps = compiled(pipeline)
    read, first, second = steps["reader"].inputs[0], steps["first"].inputs[0], steps["second"].inputs[0]
    assert (read.datastore, read.path, read.step) == ("workspaceblobstore", "else", None)
    assert first.dataset is not None
    assert (first.dataset.type, [item.path for item in first.dataset.locations]) == ("file", ["else"])
    assert second.dataset is not None
    assert (second.dataset.type, second.dataset.reader["format"]) == ("tabular", "delimited")


def test_an_input_without_data_is_a_fault(pipeline: Pipeline) -> None:
    port = pipeline.graph.get_node("n3").get_input("data")
    port.disconnect()
    port.disconnect()
    assert port.incoming_edge is None
    fault = "input 'data' of step 'reader' is not connected"
    assert pipeline.validate() == pipeline.graph.validate() == [fault]
    with pytest.raises(ValueError, match=fault):
        pipeline.submit("e")
    with pytest.raises(ValueError, match=fault):
        pipeline.graph.finalize()


def test_order_that_is_added(pipeline: Pipeline) -> None:
    graph = pipeline.graph
    first, second, reader = (graph.get_node(name) for name in ("n1", "n2", "n3"))
    graph.sequence([first, second])
    steps = compiled(pipeline)
    assert (steps["second"].run_after, steps["reader"].run_after) == (("n1",), ("n2",))
    assert list(second.input_dict)[-1] == "_run_after_input_0"
    reader.sequence([first])
    assert graph.validate() == pipeline.validate()
    assert graph.validate()[0].startswith("Cycle detected including node ")
    reader.get_input("_run_after_input_0").disconnect()
    first.get_input("_run_after_input_0").disconnect()
    assert compiled(pipeline)["reader"].run_after == ()


def test_parameters_that_are_set(pipeline: Pipeline) -> None:
    reader = pipeline.graph.get_node("n3")
    reader.params["p"].set_value(PipelineParameter("count", 3))
    reader.params["q"].set_value(7)
    found = definition_of(pipeline)
    parameters = {name: (item.kind, item.value) for name, item in found.steps[2].parameters.items()}
    assert parameters == {"p": ("parameter", "count"), "q": ("literal", "7")}
    assert [(item.name, item.type, item.default) for item in found.parameters if item.name == "count"] == [
        ("count", "int", 3)
    ]
    reader.params["q"].set_value(PipelineParameter("count", 4))
    with pytest.raises(ValueError, match="two defaults: 3 and 4"):
        definition_of(pipeline)


def test_what_cannot_be_connected(pipeline: Pipeline, workspace: FakeWorkspace, make: Any) -> None:
    graph, other = pipeline.graph, Pipeline(workspace, [make("alone", outputs=[PipelineData("d")])]).graph  # type: ignore[arg-type]
    taken = graph.get_node("n3").get_input("data")
    with pytest.raises(ValueError, match="no output of this graph"):
        taken.connect(other.get_node("n1").get_output("d"))
    with pytest.raises(ValueError, match=r"use node\.run_after"):
        taken.connect(graph.get_node("n1").get_output("_run_after_output"))
    (source,) = graph.node_name_dict["x"]
    with pytest.raises(ValueError, match="is no step of this graph"):
        graph.get_node("n1").run_after(source)
    with pytest.raises(ValueError, match="is no step of this graph"):
        graph.get_node("n1").run_after(other.get_node("n1"))
    with pytest.raises(ValueError, match="invalid mode 'upload'"):
        taken.bind_mode = "upload"
    with pytest.raises(ValueError, match="has no data"):
        graph.add_datasource_node("nothing")
    database = DataSourceDef.create_from_data_reference(SqlDataReference(workspace.store, "rows", sql_table="t"))
    taken.connect(graph.add_datasource_node("rows", DataSource("s", database)).get_output("data"))
    with pytest.raises(NotYetError, match="from databases"):
        definition_of(pipeline)


def test_what_graphs_do_not_do(pipeline: Pipeline) -> None:
    graph = pipeline.graph
    with pytest.raises(NotImplementedError):
        graph.delete_node("n1")
    with pytest.raises(NotImplementedError):
        graph.connect(None, None)
    with pytest.raises(NotYetError, match=r"Graph\.add_module_node"):
        graph.add_module_node("x", [])
    with pytest.raises(NotYetError, match="datapath_param_name"):
        graph.add_datasource_node("x", datapath_param_name="p")
    with pytest.raises(NotYetError, match="builders"):
        ModuleNode(graph, "n9", module_builder=object())
    with pytest.raises(NotYetError, match="data_reference_name"):
        graph.get_node("n3").get_input("data").data_reference_name = "z"
    with pytest.raises(NotYetError, match="dataset_output"):
        graph.get_node("n1").get_output("data").dataset_output = object()
    with pytest.raises(NotYetError, match="without new versions"):
        graph.get_node("n1").get_output("data").dataset_registration = DatasetRegistration("x", False)
    with pytest.raises(UserErrorException, match="belongs to no pipeline"):
        Graph("alone", None).submit()
    assert Graph("alone", None).validate() == ["the pipeline has no steps"]


# Submitting


def sent_definitions(workspace: FakeWorkspace) -> list[Any]:
    return [body for _, path, body in workspace._api.sent if path == "/runs"]


def test_a_graph_is_submitted(pipeline: Pipeline, workspace: FakeWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    graph = pipeline.graph
    graph.get_node("n2").run_after(graph.get_node("n1"))
    with pytest.raises(UserErrorException, match="knows no experiment"):
        graph.submit()
    with pytest.raises(ValueError, match="no parameter 'experiment'"):
        graph.submit(experiment="e")
    graph.finalize(dry_run=True, regenerate_outputs=True)
    run = graph.submit({"rate": 0.25}, continue_on_step_failure=True, experiment_name="one", tags={"a": "b"})
    pipeline._set_experiment_name("two")
    graph.finalize(regenerate_outputs=True)
    graph.submit(parent_run_id="p")
    first, second = sent_definitions(workspace)
    assert run.id == "r1"
    assert (first["experiment"], first["parameters"], first["continue_on_step_failure"]) == (
        "one",
        {"rate": 0.25},
        True,
    )
    assert (first["regenerate_outputs"], second["regenerate_outputs"]) == (False, True)
    assert (second["experiment"], second["parent_run_id"], first["tags"]) == ("two", "p", {"a": "b"})
    assert "Step first is ready to be created [n1]" in capsys.readouterr().out


def test_the_graph_of_a_run_is_that_of_its_pipeline(pipeline: Pipeline, workspace: FakeWorkspace) -> None:
    definition = definition_of(pipeline)
    workspace._api.answers["/runs/r/definition"] = to_json(definition)
    run = PipelineRun(Experiment(workspace, "e"), "r")  # type: ignore[arg-type]
    graph, shown = run.get_graph(), pipeline.graph
    assert [repr(edge) for edge in graph.edges] == [repr(edge) for edge in shown.edges]
    assert [(node.node_id, node.name) for node in graph.nodes] == [(node.node_id, node.name) for node in shown.nodes]
    assert str(graph.params["path"].default_value.path_on_datastore) == "in"
    assert graph.params["rate"].default_value == 0.5
    graph.submit()
    graph.get_node("n3").get_input("data").bind_mode = "download"
    graph.submit(experiment_name="other", regenerate_outputs=True)
    unchanged, changed = sent_definitions(workspace)
    assert unchanged["experiment"] == "e"
    assert unchanged["properties"]["ContentSnapshotId"] == "0" * 64
    assert (changed["experiment"], changed["regenerate_outputs"]) == ("other", True)
    assert unchanged["definition"] != changed["definition"]


# Definitions


def test_what_changes_the_fingerprint_of_a_module() -> None:
    def module(name: str = "m", **changes: Any) -> str:
        fields: dict[str, Any] = {
            "input_port_defs": [InputPortDef("i")],
            "output_port_defs": [OutputPortDef("o")],
            "param_defs": [ParamDef("p", 1)],
            "arguments": ["--a", "b"],
        }
        return ModuleDef(name, **{**fields, **changes}).calculate_hash()

    same = module()
    assert module() == same
    assert module(runconfig=object()) == same
    assert module(param_defs=[ParamDef("p", 1), ParamDef("free", 2, calculate_hash=False)]) == same
    others = [
        module("n"),
        module(input_port_defs=[InputPortDef("i", default_datastore_mode="download")]),
        module(output_port_defs=[OutputPortDef("o"), OutputPortDef("second")]),
        module(param_defs=[ParamDef("p", 2)]),
        module(arguments=["b", "--a"]),
        module(allow_reuse=False),
        module(version="1"),
        module(module_execution_type="escloud"),
    ]
    assert len({same, *others}) == 9


def test_hidden_ports_of_a_module() -> None:
    found = ModuleDef("m", create_sequencing_ports=True)
    assert [port.name for port in found.output_port_defs] == ["_run_after_output"]
    assert [found.add_fake_sequencing_input_port().name for _ in range(2)] == [
        "_run_after_input_0",
        "_run_after_input_1",
    ]
    assert ModuleDef("m", create_sequencing_ports=False).output_port_defs == []


def test_records() -> None:
    port = InputPortDef("i", ["AnyFile"], "mount", "p", True, False, "r", False, "label")
    assert (port.name, port.data_types, port.default_datastore_mode, port.is_optional) == (
        "i",
        ["AnyFile"],
        "mount",
        True,
    )
    assert InputPortDef("i").data_types == ["AnyFile", "AnyDirectory"]
    assert OutputPortDef("o", is_directory=True).data_type == "AnyDirectory"
    param = Param(ParamDef("p", 1, set_env_var=True))
    param.set_value(2)
    assert (param.name, param.get_value(), param.set_var, param.param_def.default_value) == ("p", 2, True, 1)
    assert Module("id", ModuleDef("m")).module_def is not None
    assert DataType(None, "i", "n", "d", True, None).parent_datatype_ids == []
    with pytest.raises(NotYetError, match=r"DataType\.create_data_type"):
        DataType.create_data_type(None, "n", "d", True)
    for wrong in ("a b", ""):
        with pytest.raises(ValueError, match="not valid"):
            InputPortDef(wrong)


def test_places_are_told_apart(workspace: FakeWorkspace) -> None:
    one = DataSourceDef("n", datastore_name="s", path_on_datastore="p")
    assert one.calculate_hash() == DataSourceDef("n", datastore_name="s", path_on_datastore="p").calculate_hash()
    assert one.calculate_hash() != DataSourceDef("n", datastore_name="s", path_on_datastore="q").calculate_hash()
    with pytest.raises(ValueError, match="names no datastore"):
        DataSourceDef("n")._origin()


def test_pipeline_datasets(workspace: FakeWorkspace, make: Any, files: Any) -> None:
    table = Dataset.Tabular.from_delimited_files((workspace.store, "rows.csv"))
    data = PipelineDataset.create(files, "named")
    taken = PipelineDataset.create(files.as_named_input("down").as_download("here"))
    legacy = PipelineDataset(Dataset(table))
    assert (data.name, data.bind_mode, data.dataset_id, data.dataset_version, data.saved_dataset_id) == (
        "named",
        "mount",
        None,
        None,
        None,
    )
    assert legacy.bind_mode == "direct"
    assert legacy.name == PipelineDataset.default_name(table)
    assert PipelineDataset.is_dataset(files)
    assert not PipelineDataset.is_dataset("files")
    with pytest.raises(UserErrorException, match="is no dataset"):
        PipelineDataset("files")
    step = make("a", inputs=[data, taken], arguments=[legacy])
    ports = compiled(Pipeline(workspace, [step]))["a"].inputs  # type: ignore[arg-type]
    assert [(port.name, port.mode, port.path_on_compute) for port in ports] == [
        ("named", "mount", None),
        ("down", "download", "here"),
        (legacy.name, "direct", None),
    ]
    assert PipelineParameter("d", data)._type == "dataset"


# What steps of one's own call


class _Own(PythonScriptStep):
    def create_node(self, graph: Any, default_datastore: Any, context: Any) -> Any:
        return super().create_node(graph, default_datastore, context)


class _Kind(PythonScriptStep):
    """A kind of step that only has another constructor."""


def test_a_step_class_that_makes_its_node_is_refused(workspace: FakeWorkspace, source: str) -> None:
    with pytest.raises(NotYetError, match="as _Own wants"):
        Pipeline(workspace, [_Own("a.py", source_directory=source)])  # type: ignore[arg-type]
    assert compiled(Pipeline(workspace, [_Kind("a.py", source_directory=source)]))["a.py"].type == "_Kind"  # type: ignore[arg-type]


def test_bindings_of_a_step(workspace: FakeWorkspace, make: Any, files: Any) -> None:
    data, kept = PipelineData("data"), PipelineData("kept").as_dataset().register("registered")
    output = OutputFileDatasetConfig("out").register_on_complete("also")
    inputs, outputs = make("s").create_input_output_bindings(
        [data.as_download("here"), files.as_named_input("x")], [kept, output, OutputPortBinding("o")], workspace.store
    )
    assert [(item.name, item.bind_mode) for item in inputs] == [("here", "download"), ("x", "direct")]
    assert [(item.name, item.datastore.name) for item in outputs] == [
        (name, "workspaceblobstore") for name in ("kept", "out", "o")
    ]
    registered = [item.dataset_registration and item.dataset_registration.name for item in outputs]
    assert registered == ["registered", "also", None]
    with pytest.raises(ValueError, match="has no datastore"):
        make("s").create_input_output_bindings([], [data], None)
    with pytest.raises(NotYetError, match="resource_inputs"):
        make("s").create_input_output_bindings([], [], None, [data])
    found = make("s").create_module_def("escloud", inputs, outputs, [ParamDef("p", 1)], version="2", arguments=["a"])
    assert (found.name, found.step_type, found.module_execution_type) == ("s", "PythonScriptStep", "escloud")
    assert [port.name for port in found.input_port_defs] == ["here", "x"]
    assert [port.name for port in found.output_port_defs] == ["kept", "out", "o", "_run_after_output"]


def test_texts_of_arguments(workspace: FakeWorkspace, files: Any) -> None:
    data, output = PipelineData("data"), OutputFileDatasetConfig("out")
    named = files.as_named_input("x")
    texts = PipelineStep.resolve_input_arguments(
        ["--n", 3, data, output, named, PipelineParameter("rate", 1), "parameter:p", "parameter:q"],
        [data, named],
        [output],
        {"p": 1},
    )
    assert texts == [
        "--n",
        "3",
        "$AZUREML_DATAREFERENCE_data",
        "DatasetOutputConfig:out",
        "DatasetConsumptionConfig:x",
        "$AML_PARAMETER_rate",
        "$AML_PARAMETER_p",
        "parameter:q",
    ]
    with pytest.raises(ValueError, match="two outputs called 'data'"):
        PipelineStep.validate_arguments([], [], [data, PipelineData("data")])


def test_the_source_folder_of_a_step(make: Any, source: str) -> None:
    class Context:
        default_source_directory = source

    assert make("s").get_source_directory(Context(), None, "b.py") == source
    assert make("s").get_source_directory(None, source, "b.py") == source
    with pytest.raises(ValueError, match="script not found"):
        make("s").get_source_directory(Context(), None, "missing.py")
