"""The pipeline that is run under fire: parallel, reused, failing and retried steps, every kind of input and output.

Each script first appends its step and attempt to a file outside of the workspace: the side effect that is counted.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path

from azud.client import homes, launch
from azud.core.digests import digest_bytes
from azureml.core import Dataset, Datastore, Environment, Experiment, Model, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.runconfig import RunConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import PythonScriptStep

COUNT = """\
import os, sys
attempt = os.path.basename(os.environ["AZUD_ATTEMPT_DIR"])
fd = os.open({counter!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
os.write(fd, ({name!r} + " " + attempt + "\\n").encode())
os.close(fd)
from azureml.core import Run
run = Run.get_context()
def write(path, text):
    with open(path, "w") as stream:  # closed here, so that a full disk is an error of the script
        stream.write(text)
"""
MAKE = """\
os.makedirs(sys.argv[1])
for name in ("one", "two"):
    write(os.path.join(sys.argv[1], name), name * 100)
run.log("made", 2)
"""
WORK = """\
import time
text = "".join(open(os.path.join(sys.argv[1], name)).read() for name in sorted(os.listdir(sys.argv[1])))
for number in range(5):
    run.log("number", number)
time.sleep({pause})
write(sys.argv[2], {name!r} + text)
os.makedirs("outputs", exist_ok=True)
write("outputs/note.txt", {name!r})
run.tag("who", {name!r})
run.parent.tag({name!r}, "seen")
run.parent.log("workers", 1)
"""
JOIN = """\
text = "".join(open(path).read() for path in sys.argv[1:3])
os.makedirs(sys.argv[3], exist_ok=True)
write(os.path.join(sys.argv[3], "all.txt"), text)
write(sys.argv[4], str(len(text)))
run.log_list("lengths", [len(text), 1])
"""
LOST = """\
import signal
run.log("tries", 1)
if attempt.endswith("-1"):
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
os.makedirs("outputs", exist_ok=True)
write("outputs/second.txt", "of the second time")
write(sys.argv[1], "second time")
"""
SET = """\
names = sorted(os.listdir(sys.argv[1]))
run.log("files", len(names))
for number in range(1200):  # more than fits into a manifest
    run.log("many", number)
for place in sys.argv[2:]:
    os.makedirs(place, exist_ok=True)
    for name in names:
        write(os.path.join(place, name), name)
    os.link(os.path.join(place, names[0]), os.path.join(place, "again"))
"""
AGAIN = """\
run.log("try", int(attempt.rpartition("-")[2]))
os.makedirs("outputs", exist_ok=True)
write("outputs/try.txt", attempt)
if not os.path.exists({mark!r}):
    write({mark!r}, "failed once")
    sys.exit(1)
write(sys.argv[1], "passed in the end")
"""
ENDLESS = """\
import time
print("up", flush=True)
time.sleep(600)
"""


class Number:
    """Equal to every number: how often a step was lost before it failed and passed is chance."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, float))

    __hash__ = None  # type: ignore[assignment]


STATUSES = {
    "prepare": "Completed",
    "left": "Completed",
    "right": "Completed",
    "join": "Completed",
    "lost": "Completed",
    "files": "Completed",
    "again": "Completed",
    "endless": "Canceled",
    "fails": "Failed",
    "after": "Bypassed",
}
NEEDS = {
    "left": ("prepare",),
    "right": ("prepare",),
    "join": ("left", "right"),
    "fails": ("prepare",),
    "after": ("lost", "fails"),
}
METRICS = {
    "prepare": {"made": 2},
    "left": {"number": [0, 1, 2, 3, 4]},
    "right": {"number": [0, 1, 2, 3, 4]},
    "join": {"lengths": [1209, 1]},
    "lost": {"tries": 1},
    "files": {"files": 2, "many": list(range(1200))},
    "again": {"try": Number()},
    "endless": {},
    "fails": {"soon": 1},
    "after": {},
}


RUN_METRICS = {"workers": [1, 1]}
RUN_TAGS = {"left": "seen", "right": "seen"}
CANCELED = "endless"


class Scenario:
    """Writes and submits the pipeline.

    Args:
        workspace: Folder of the workspace.
        place: Folder for scripts, the counter and outputs at absolute paths.
    """

    def __init__(self, workspace: Path, place: Path) -> None:
        self.workspace = workspace
        self.place = place
        self.counter = place / "counter"
        self.mark = place / "failed-once"
        self.elsewhere = Path("/dev/shm") / ("azud-crash-" + digest_bytes(os.fsencode(place))[:16])

    def seed(self) -> None:
        """Bring in the data and run the step that is to be reused."""
        data = self.place / "data"
        data.mkdir()
        for name in ("x.txt", "y.txt"):
            (data / name).write_text(name)
        with contextlib.redirect_stdout(io.StringIO()):
            ws = Workspace.from_config(str(self.workspace))
            ws.get_default_datastore().upload(str(data), "data")
            self._register_elsewhere()
            made = PipelineData("made")
            run = Experiment(ws, "crash").submit(Pipeline(ws, steps=[self._prepare(made)]))
            run.wait_for_completion(show_output=False)

    def _register_elsewhere(self) -> None:
        """Add a datastore on another file system, so that outputs are copied there and not renamed."""
        root = self.elsewhere
        root.mkdir(exist_ok=True)
        body = {"name": "elsewhere", "type": "AzureBlob", "driver": "local", "options": {"root": str(root)}}
        body["overwrite"] = True  # it is asked for again when the answer was lost
        launch.connect(homes.load_home(str(self.workspace / ".azud"))).post("/datastores", body, repeat=True)

    def touch(self) -> None:
        """Make what people make around a run; asked again after a lost answer, it is there once."""
        with contextlib.redirect_stdout(io.StringIO()):
            ws = Workspace.from_config(str(self.workspace))
            ComputeTarget.create(ws, "cluster", AmlCompute.provisioning_configuration("STANDARD_D2_V2", max_nodes=2))
            ws.update(description="under fire", tags={"a": "b"})
            Experiment(ws, "other").tag("a", "b")
            self._register_elsewhere()
            Environment("mine").register(ws)
            store = ws.get_default_datastore()
            Dataset.File.from_files((store, "data/*.txt")).register(ws, "registered", create_new_version=True)
            launch.connect(homes.load_home(str(self.workspace / ".azud"))).upload(
                "/datastores/workspaceblobstore/content/by-hand.txt", b"by hand", 7
            )
            ws.get_default_keyvault().set_secret("password", "of no use")
            self._train_by_hand(ws)

    def _train_by_hand(self, ws: Workspace) -> None:
        """Drive a run with one below it, and register a model and what the run kept as another."""
        (self.place / "model.txt").write_text("a model")
        with Experiment(ws, "by-hand").start_logging(snapshot_directory=None, display_name="by hand") as run:
            run.log("loss", 1)
            run.upload_file("outputs/model.txt", str(self.place / "model.txt"))
            with run.child_run("below") as child:
                child.log("loss", 2)
            run.register_model("of-run", "outputs/model.txt")
        Model.register(ws, str(self.place / "model.txt"), "of-file").add_tags({"kind": "text"})

    def submit(self, *, pause: float = 0.05) -> str:
        """Submit the pipeline and return its run's id."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            ws = Workspace.from_config(str(self.workspace))
            pipeline = Pipeline(ws, steps=self._steps(ws, pause))
            return str(Experiment(ws, "crash").submit(pipeline, continue_on_step_failure=True).id)

    def _steps(self, ws: Workspace, pause: float) -> list[PythonScriptStep]:
        made, left, right, length = (PipelineData(name) for name in ("made", "left", "right", "length"))
        second, third = PipelineData("second"), PipelineData("third")
        self.mark.unlink(missing_ok=True)
        store = ws.get_default_datastore()
        joined = OutputFileDatasetConfig("joined", destination=(store, "joined/here"))
        copied = PipelineData("copied", output_mode="upload", output_path_on_compute=str(self.place / "on-compute"))
        within = PipelineData("within", output_mode="upload", output_path_on_compute="within")
        away = PipelineData("away", datastore=Datastore.get(ws, "elsewhere"))
        files = Dataset.File.from_files((store, "data/*.txt")).as_named_input("files").as_download()
        direct = Dataset.File.from_files((store, "data/*.txt")).as_named_input("direct")
        config = RunConfiguration()
        config.environment.environment_variables = {"PYTHONHASHSEED": "1"}  # only a fresh interpreter can obey
        return [
            self._prepare(made),
            self._work("left", made, left, pause),
            self._work("right", made, right, pause),
            self._step("join", JOIN, [left, right, joined, length], inputs=[left, right], outputs=[length]),
            self._step("lost", LOST, [second], outputs=[second]),
            self._step(
                "files",
                SET,
                [files, copied, within, away],
                inputs=[files, direct],
                outputs=[copied, within, away],
                runconfig=config,
            ),
            self._step("again", AGAIN.format(mark=str(self.mark)), [third], outputs=[third], retries=2),
            self._step("endless", ENDLESS, []),
            self._step("fails", 'run.log("soon", 1)\nsys.exit(3)\n', [made], inputs=[made]),
            self._after(second),
        ]

    def _after(self, second: PipelineData) -> PythonScriptStep:
        step = self._step("after", "pass\n", [second], inputs=[second])
        step.run_after(self._failing)
        return step

    def _prepare(self, made: PipelineData) -> PythonScriptStep:
        return self._step("prepare", MAKE, [made], outputs=[made], allow_reuse=True)

    def _work(self, name: str, source: PipelineData, target: PipelineData, pause: float) -> PythonScriptStep:
        body = WORK.format(name=name, pause=pause)
        return self._step(name, body, [source, target], inputs=[source], outputs=[target])

    def _step(self, name: str, body: str, arguments: list[object], **options: object) -> PythonScriptStep:
        folder = self.place / "src" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "run.py").write_text(COUNT.format(counter=os.fspath(self.counter), name=name) + body)
        options.setdefault("allow_reuse", False)
        step = PythonScriptStep("run.py", name=name, source_directory=str(folder), arguments=arguments, **options)
        if name == "fails":
            self._failing = step
        return step
