"""A step as a person authors it, from real folders to the pre-image of its key, without a server.

The SDK takes the source folder and compiles the pipeline, the runner's sealing lists what the step before has made,
the datastore fingerprints the data, the interpreter looks at its packages, the engine makes the pre-image: all real.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tests.doubles import AT, MemoryStore
from tests.unit.sdk.fakes import FakeWorkspace

from azud.adapters.datastores.local import LocalData
from azud.engine import events as ev
from azud.engine.context import open_context
from azud.engine.ports import ResolvedEnvironment, RunOptions, StepRow, StoredRun
from azud.engine.reuse import InFlight, ReuseDecider
from azud.job.fingerprint import fingerprint, identity
from azud.model.codec import from_json
from azud.model.data import DatastoreRecord
from azud.model.definition import PipelineDefinition, StepDefinition
from azud.model.jobs import StagedOutput
from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.planning.graph import build_plan
from azud.runner.sealing import _list
from azud.sdk.data_types import PromoteHeadersBehavior
from azud.sdk.datapath import DataReference
from azud.sdk.experiment import Experiment
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.output_dataset import OutputFileDatasetConfig
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline import Pipeline
from azud.sdk.pipeline_data import PipelineData
from azud.sdk.python_script_step import PythonScriptStep
from azud.sdk.runconfig import RunConfiguration

STORE = "workspaceblobstore"
Tweak = Callable[[StepDefinition], StepDefinition]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All that a test varies of a step and of what is around it."""

    # What can change a result.
    files: dict[str, bytes] = dataclasses.field(
        default_factory=lambda: {"main.py": b"pass", "lib/util.py": b"x = 1", "notes.txt": b"text"}
    )
    executable: frozenset[str] = frozenset()
    script: str = "main.py"
    arguments: tuple[Any, ...] = ("--verbose", 3)
    rate: Any = 0.5
    """Value of the pipeline parameter that the step gets as an argument."""
    in_text: Any = None
    """Value of the pipeline parameter that stands in the text of an argument."""
    params: dict[str, str] = dataclasses.field(default_factory=dict)
    variables: dict[str, str] = dataclasses.field(default_factory=dict)
    nodes: int = 1
    processes: int = 1
    framework: str = "Python"
    communicator: str = "OpenMpi"
    limit_s: int | None = None
    version: str | None = None
    data: dict[str, bytes] = dataclasses.field(default_factory=lambda: {"a.csv": b"1,2", "deep/b.csv": b"3,4"})
    data_mode: str = "mount"
    path_on_compute: str | None = None
    table: bytes | None = None
    separator: str = ","
    columns: str = "x"
    lone: bytes | None = b"a file"
    lone_name: str = "lone.txt"
    made: bytes | None = b"made upstream"
    makers: tuple[str, ...] = ()
    """Step runs that made what the step runs after."""
    output: dict[str, Any] = dataclasses.field(default_factory=dict)
    dataset_output: dict[str, Any] = dataclasses.field(default_factory=dict)
    register_as: dict[str, Any] | None = None
    packages: dict[str, str] = dataclasses.field(default_factory=lambda: {"numpy": "1.0"})
    builds: dict[str, str] = dataclasses.field(default_factory=dict)
    editable: dict[str, bytes] = dataclasses.field(default_factory=lambda: {"pkg/code.py": b"y = 1"})
    conda: dict[str, bytes] = dataclasses.field(default_factory=dict)
    interpreter: tuple[str, str, str] = ("CPython", "3.11.7", "linux-x86_64")
    tweak: Tweak = lambda step: step
    # What cannot.
    place: str = "here"
    name: str = "subject"
    description: str = "a pipeline"
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    compute: str = "local"
    retries: int | None = None
    allow_reuse: bool = True
    pipeline_output_name: str | None = None
    ignored: dict[str, bytes] = dataclasses.field(default_factory=dict)
    order: int = 0
    """Seeds the order in which files are made and things are declared."""
    mtime: int | None = None
    unused: int = 1
    """Value of a pipeline parameter that another step reads."""
    experiment: str = "e"
    host: str = "host"
    maker_comment: str = ""
    prepared: tuple[str, ...] = ()
    """Folders without files in the source folder."""


@dataclasses.dataclass
class Authored:
    """A step's pre-image, with what it was made from."""

    image: dict[str, Any]
    step: StepDefinition
    snapshot: SourceSnapshot
    fingerprint: dict[str, Any]


def author(recipe: Recipe, root: Path) -> Authored:
    """Make everything that a recipe says below `root/<recipe.place>`, and return the step's pre-image."""
    home = root / recipe.place
    if home.exists():
        shutil.rmtree(home)
    _write_all(recipe, home)
    workspace = FakeWorkspace(home / "store")
    snapshots: dict[str, SourceSnapshot] = {}

    def keep(body: dict[str, Any]) -> dict[str, Any]:
        snapshot = SourceSnapshot(tuple(SnapshotFile(**row) for row in body["files"]))
        snapshots[snapshot.digest()] = snapshot
        return {"digest": snapshot.digest()}

    workspace._api.replies["POST /snapshots"] = keep
    with contextlib.redirect_stdout(io.StringIO()):
        Experiment(workspace, recipe.experiment).submit(_pipeline(recipe, home, workspace), tags=recipe.tags)
    sent = next(body for _, path, body in reversed(workspace._api.sent) if path == "/runs")
    definition = from_json(PipelineDefinition, sent["definition"])
    step = recipe.tweak(next(step for step in definition.steps if step.script == recipe.script and step.outputs))
    definition = dataclasses.replace(
        definition, steps=tuple(step if step.id == other.id else other for other in definition.steps)
    )
    found = _look_at_environment(recipe, home)
    image = _preimage(recipe, home, definition, step, found)
    return Authored(image, step, snapshots[step.snapshot], found)


def _write_all(recipe: Recipe, home: Path) -> None:
    shuffled = random.Random(recipe.order)
    data = {f"store/data/{name}": text for name, text in recipe.data.items()}
    if recipe.lone is not None:
        data[f"store/single/{recipe.lone_name}"] = recipe.lone
    if recipe.table is not None:
        data["store/table/t.csv"] = recipe.table
    if recipe.made is not None:
        data["store/azureml/maker/made"] = recipe.made
    files = {
        **{f"src/{name}": text for name, text in {**recipe.files, **recipe.ignored}.items()},
        "src/.amlignore": b"*.log\ncache/\n",
        "maker/maker.py": b"pass  # " + recipe.maker_comment.encode(),
        **data,
        **{f"project/{name}": text for name, text in recipe.editable.items()},
        **{f"env/conda-meta/{name}": text for name, text in recipe.conda.items()},
        "env/site/project.pth": str(home / "project").encode(),
    }
    for name, version in recipe.packages.items():
        record = f"module.py,sha256={recipe.builds.get(name, 'build')},1\n"
        files[f"env/site/{name}-{version}.dist-info/RECORD"] = record.encode()
    names = list(files)
    shuffled.shuffle(names)
    for name in names:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
        if name.removeprefix("src/") in recipe.executable:
            path.chmod(0o755)
        if recipe.mtime is not None:
            os.utime(path, (recipe.mtime, recipe.mtime))
    for name in recipe.prepared:
        (home / "src" / name).mkdir(parents=True, exist_ok=True)


def _pipeline(recipe: Recipe, home: Path, workspace: Any) -> Pipeline:
    store = workspace.get_default_datastore()
    made = PipelineData("made", datastore=store)
    maker = PythonScriptStep(
        "maker.py",
        name="maker",
        source_directory=str(home / "maker"),
        outputs=[made],
        arguments=[PipelineParameter("unused", recipe.unused)],
    )
    inputs, words = _inputs(recipe, store, made)
    output = PipelineData("out", datastore=store, pipeline_output_name=recipe.pipeline_output_name, **recipe.output)
    dataset_output = OutputFileDatasetConfig("kept", **recipe.dataset_output)
    if recipe.register_as is not None:
        dataset_output = dataset_output.register_on_complete(**recipe.register_as)
    subject = PythonScriptStep(
        recipe.script,
        name=recipe.name,
        arguments=[*recipe.arguments, PipelineParameter("rate", recipe.rate), *words, "--out", output, dataset_output],
        inputs=inputs,
        outputs=[output, dataset_output],
        params=recipe.params,
        source_directory=str(home / "src"),
        compute_target=recipe.compute,
        runconfig=_runconfig(recipe),
        version=recipe.version,
        allow_reuse=recipe.allow_reuse,
        retries=recipe.retries,
    )
    steps = [maker, subject]
    if recipe.in_text is not None:
        text = PipelineParameter("in_text", recipe.in_text)
        steps.append(PythonScriptStep("maker.py", name="user", source_directory=str(home / "maker"), arguments=[text]))
    for number, _ in enumerate(recipe.makers):
        before = PythonScriptStep("maker.py", name=f"before{number}", source_directory=str(home / "maker"))
        subject.run_after(before)
        steps.append(before)
    return Pipeline(workspace, steps=steps, description=recipe.description)


def _inputs(recipe: Recipe, store: Any, made: PipelineData) -> tuple[list[Any], list[Any]]:
    """Return the step's inputs, and what stands for them on its command line."""
    dataset = Dataset.File.from_files((store, "data"), validate=False).as_named_input("data")
    way = {"mount": dataset.as_mount, "download": dataset.as_download}[recipe.data_mode]
    inputs: list[Any] = [way(recipe.path_on_compute)]
    if recipe.table is not None:
        table = Dataset.Tabular.from_delimited_files(
            (store, "table/t.csv"),
            validate=False,
            infer_column_types=False,
            separator=recipe.separator,
            header=PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS,
        )
        inputs.append(table.keep_columns([recipe.columns]).as_named_input("table"))
    if recipe.lone is not None:
        inputs.append(DataReference(store, data_reference_name="lone", path_on_datastore=f"single/{recipe.lone_name}"))
    if recipe.made is not None:
        inputs.append(made)
    words = list(inputs)
    if recipe.in_text is not None:
        words.extend(["--name=run-$AML_PARAMETER_in_text-x", "$AML_PARAMETER_in_text"])
    declared = list(inputs)
    random.Random(recipe.order).shuffle(declared)
    return declared, words


def _runconfig(recipe: Recipe) -> RunConfiguration:
    config = RunConfiguration(framework=recipe.framework, communicator=recipe.communicator)
    config.node_count = recipe.nodes
    config.mpi.process_count_per_node = recipe.processes
    config.max_run_duration_seconds = recipe.limit_s
    names = list(recipe.variables)
    random.Random(recipe.order).shuffle(names)
    config.environment_variables = {name: recipe.variables[name] for name in names}
    return config


@contextlib.contextmanager
def _as_interpreter(recipe: Recipe, home: Path) -> Iterator[None]:
    standard = [path for path in sys.path if path.startswith(sys.base_prefix) and "site-packages" not in path]
    implementation, version, platform_tag = recipe.interpreter
    with (
        mock.patch.object(sys, "path", [*standard, str(home / "env" / "site"), str(home / "project")]),
        mock.patch.object(sys, "prefix", str(home / "env")),
        mock.patch("platform.python_implementation", lambda: implementation),
        mock.patch("platform.python_version", lambda: version),
        mock.patch("sysconfig.get_platform", lambda: platform_tag),
        mock.patch("platform.node", lambda: recipe.host),
        mock.patch("socket.gethostname", lambda: recipe.host),
    ):
        yield


def _look_at_environment(recipe: Recipe, home: Path) -> dict[str, Any]:
    with _as_interpreter(recipe, home):
        return fingerprint()


def _preimage(
    recipe: Recipe, home: Path, definition: PipelineDefinition, step: StepDefinition, found: dict[str, Any]
) -> dict[str, Any]:
    plan = build_plan(definition)
    names = {other.id: other.name for other in definition.steps}
    makers = {f"before{number}": maker for number, maker in enumerate(recipe.makers)}
    rows = tuple(StepRow(makers.get(names[other], f"step-run-of-{other}"), other) for other in plan.order)
    needs = tuple(ev.StepNeeds(name, plan.predecessors[name]) for name in plan.order)
    stored = StoredRun(
        id="r",
        experiment=recipe.experiment,
        created_at=AT,
        definition=definition,
        options=RunOptions(str(home / "env" / "bin" / "python")),
        steps=rows,
        events=(ev.RunSubmitted(AT, needs),),
        sealed={},
    )
    record = DatastoreRecord(STORE, "AzureBlob", "local", {"root": str(home / "store")}, is_default=True)
    context = open_context(stored, {STORE: record}, {})
    if recipe.made is not None:
        place = StagedOutput("made", "reference", "mount", str(home / "store" / "azureml" / "maker" / "made"))
        maker = next(other.id for other in definition.steps if other.name == "maker")
        context.sealed[maker] = {"made": _list(place)}
    decider = ReuseDecider(MemoryStore(), LocalData(), InFlight())
    staged, gap = decider.stage(context, step)
    assert gap is None, gap
    return decider.preimage(context, step, staged, ResolvedEnvironment("python", identity(found), {}))


def change_input(name: str, **changes: Any) -> Tweak:
    """Return what changes one field of an input port, which the SDK only changes together with others."""

    def tweak(step: StepDefinition) -> StepDefinition:
        ports = tuple(dataclasses.replace(port, **changes) if port.name == name else port for port in step.inputs)
        assert ports != step.inputs
        return dataclasses.replace(step, inputs=ports)

    return tweak


def change_output(name: str, **changes: Any) -> Tweak:
    """Return what changes one field of an output port."""

    def tweak(step: StepDefinition) -> StepDefinition:
        ports = tuple(dataclasses.replace(port, **changes) if port.name == name else port for port in step.outputs)
        assert ports != step.outputs
        return dataclasses.replace(step, outputs=ports)

    return tweak


def change_step(**changes: Any) -> Tweak:
    """Return what changes fields of a step."""
    return lambda step: dataclasses.replace(step, **changes)
