"""Steps that read from datastores elsewhere and write to them, each a real one."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import time

import pytest
from tests.acceptance.authoring import Authoring
from tests.acceptance.stores import SECRETS, STORES

from azureml.core import Dataset, Datastore, Run
from azureml.data import OutputFileDatasetConfig
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData

ELSEWHERE = ("azure_blob", "s3", "sftp")


@pytest.fixture
def author(workspace) -> Authoring:
    return Authoring(workspace)


@pytest.fixture(params=ELSEWHERE)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def store(request: pytest.FixtureRequest, author: Authoring, kind: str) -> Datastore:
    return STORES[kind](request, author.ws, "far")


def _fill(store: Datastore, tmp_path: pathlib.Path, files: dict[str, str], target: str) -> None:
    root = tmp_path / "fill"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    store.upload(str(root), target, overwrite=True, show_progress=False)


def _metrics(run: Run, name: str) -> dict[str, object]:
    (step,) = run.find_step_run(name)
    return step.get_metrics()


READ = """
import os, sys
from azureml.core import Run

run = Run.get_context()
for position, path in enumerate(sys.argv[1:]):
    found = []
    if os.path.isdir(path):
        for folder, _, names in os.walk(path):
            found += [os.path.relpath(os.path.join(folder, name), path) for name in names]
    else:
        found = ["=" + os.path.basename(path)]
    run.log(f"input{position}", " ".join(sorted(found)))
run.log("rows", len(run.input_datasets["direct"].to_pandas_dataframe()))
"""


def test_a_step_sees_data_as_it_would_those_of_this_machine(author, store, tmp_path):
    target = f"in-{os.getpid()}"
    _fill(store, tmp_path, {"a.csv": "x\n1\n2\n", "deep/b c.csv": "x\n3\n", "note.txt": "hi"}, target)
    table = Dataset.Tabular.from_delimited_files((store, f"{target}/**/*.csv"))
    files = Dataset.File.from_files((store, target))
    one = Dataset.File.from_files((store, f"{target}/a.csv"))
    inputs = [
        files.as_named_input("mounted").as_mount(),
        files.as_named_input("copied").as_download(),
        one.as_named_input("one").as_mount(),
        one.as_named_input("one_copied").as_download("sub/folder"),
        DataReference(store, "folder", f"{target}/deep"),
        DataReference(store, "file", f"{target}/note.txt"),
        DataReference(store, "later", f"{target}/not-there-yet"),
    ]
    step = author.step("read", READ, arguments=inputs, inputs=[*inputs[4:], table.as_named_input("direct")])
    run = author.run(step)
    everything = "a.csv deep/b c.csv note.txt"
    assert _metrics(run, "read") == {
        "input0": everything,
        "input1": everything,
        "input2": "=a.csv",
        "input3": "=a.csv",
        "input4": "b c.csv",
        "input5": "=note.txt",
        "input6": "",
        "rows": 3,
    }
    (step_run,) = run.find_step_run("read")
    log = next(name for name in step_run.get_file_names() if name.endswith("65_job_prep.txt"))
    step_run.download_file(log, str(tmp_path / "log"))
    assert "input 'mounted': done" in (tmp_path / "log").read_text()
    author.run_azud("replay", "latest", "read", str(tmp_path / "replayed"))
    again = subprocess.run([tmp_path / "replayed" / "run.sh"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count(everything) == 2


MAKE = """
import os, sys

for path in sys.argv[1:]:
    os.makedirs(path, exist_ok=True)
    for name in ("one.txt", "sub/two.txt"):
        os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
        with open(os.path.join(path, name), "w") as stream:
            stream.write(name)
"""
TAKE = """
import os, sys
from azureml.core import Run

with open(os.path.join(sys.argv[1], "sub", "two.txt")) as stream:
    Run.get_context().log("read", stream.read())
"""


def test_outputs_lie_on_their_store_when_the_step_has_completed(author, store, tmp_path):
    fixed = f"fixed-{os.getpid()}/here"
    _fill(store, tmp_path, {"older.txt": "stays"}, fixed)
    data = PipelineData("data", datastore=store, is_directory=True)
    named = OutputFileDatasetConfig("named", destination=(store, fixed)).register_on_complete("made")
    free = OutputFileDatasetConfig("free", destination=(store, "runs/{run-id}/{output-name}"))
    make = author.step("make", MAKE, arguments=[data, named, free], outputs=[data])
    take = author.step("take", TAKE, arguments=[data], inputs=[data])
    run = author.run(make, take)
    assert _metrics(run, "take") == {"read": "sub/two.txt"}
    (made,) = run.find_step_run("make")
    got = tmp_path / "got"
    assert store.download(str(got), prefix=f"azureml/{made.id}/data", show_progress=False) == 2
    assert store.download(str(got), prefix=f"runs/{made.id}/free", show_progress=False) == 2
    assert store.download(str(got), prefix=fixed, show_progress=False) == 3
    assert (got / fixed / "older.txt").read_text() == "stays"
    assert (got / fixed / "sub" / "two.txt").read_text() == "sub/two.txt"
    registered = Dataset.get_by_name(author.ws, "made")
    assert "/sub/two.txt" in registered.to_path()
    port = made.get_output_data("data")
    assert port.datastore_name == "far" and port.download(str(tmp_path / "port")) == 2
    assert (tmp_path / "port" / port.path_on_datastore / "one.txt").read_text() == "one.txt"

    assert "same" in author.run_azud("verify", run.id).stdout
    again = author.run(make, take)
    assert {step.name: step.properties.get("azureml.reusedrunid") is not None for step in again.get_steps()} == {
        "make": True,
        "take": True,
    }


def test_a_changed_file_makes_the_step_run_again_and_an_equal_look_does_not(author, store, tmp_path):
    target = f"live-{os.getpid()}"
    _fill(store, tmp_path, {"a.csv": "x\n1\n", "b.csv": "x\n2\n"}, target)
    files = Dataset.File.from_files((store, target))

    def reused() -> bool:
        step = author.step("count", "import os, sys\nprint(len(os.listdir(sys.argv[1])))", arguments=[
            files.as_named_input("all").as_mount()
        ])  # fmt: skip
        (step_run,) = author.run(step).get_steps()
        return "azureml.reusedrunid" in step_run.properties

    assert [reused(), reused()] == [False, True]
    _fill(store, tmp_path, {"b.csv": "x\n22222\n"}, target)
    assert [reused(), reused()] == [False, True]
    done = author.run_azud("why", "latest", "count")
    assert "reused" in done.stdout


def test_what_a_step_writes_into_a_mounted_input_reaches_nobody(author, store, tmp_path):
    target = f"ro-{os.getpid()}"
    _fill(store, tmp_path, {"a.csv": "x\n1\n"}, target)
    files = Dataset.File.from_files((store, target))
    code = """
import os, stat, sys
path = os.path.join(sys.argv[1], "a.csv")
assert stat.S_IMODE(os.stat(path).st_mode) & 0o222 == 0
os.chmod(path, 0o644)
with open(path, "a") as stream:
    stream.write("overwritten")
"""
    author.run(author.step("spoil", code, arguments=[files.as_named_input("all").as_mount()]))
    look = "import sys\nassert open(sys.argv[1] + '/a.csv').read() == 'x\\n1\\n'"
    author.run(author.step("look", look, arguments=[files.as_named_input("all").as_mount()]))
    (again,) = author.run(author.step("spoil", code, arguments=[files.as_named_input("all").as_mount()])).get_steps()
    assert "azureml.reusedrunid" not in again.properties  # its input was changed by itself


def test_what_opens_a_store_is_found_nowhere(author, store, kind, request, tmp_path):
    secret = SECRETS[kind](request)
    target = f"secret-{os.getpid()}"
    _fill(store, tmp_path, {"a.csv": "x\n1\n"}, target)
    files = Dataset.File.from_files((store, target))
    code = f"""
import os, sys
from azureml.core import Run
needle = {secret[5:25][::-1]!r}[::-1]
found = [name for name, value in os.environ.items() if needle in value]
for folder, _, names in os.walk("/proc"):
    for name in names:
        if name in ("environ", "cmdline") and folder.count("/") == 2:
            try:
                with open(os.path.join(folder, name), "rb") as stream:
                    data = stream.read()
            except OSError:
                continue
            owner = folder.split("/")[2]
            if needle.encode() in data and owner.isdigit() and b"azud" in data and b"AZURITE_ACCOUNTS" not in data:
                found.append(folder + name)
run = Run.get_context()
run.log("found", " ".join(found))
run.log("of the object", str(Run.get_context().experiment.workspace.datastores["far"].__dict__).count(needle))
"""
    out = PipelineData("out", datastore=store)
    code += "open(sys.argv[2], 'w').write('x')\n"
    step = author.step("spy", code, arguments=[files.as_named_input("all").as_mount(), out], outputs=[out])
    run = author.run(step)
    assert _metrics(run, "spy") == {"found": "", "of the object": 0}
    shown = author.run_azud("datastore", "show", "far", "--json").stdout + author.run_azud("runs", "show").stdout
    assert secret[5:25] not in shown and json.loads(shown[: shown.index("}\n") + 1])["credential"]
    author.run_azud("backup", str(tmp_path / "backup.tar"))
    needle = secret[5:25].encode()
    for path in [*author.live.folder.rglob("*"), tmp_path / "backup.tar"]:
        if path.is_file():
            assert needle not in path.read_bytes(), path


def test_a_store_that_comes_back_is_waited_for(author, request, azurite, cutting_proxy, tmp_path):
    proxy = cutting_proxy(azurite.host, azurite.port)
    store = Datastore.register_azure_blob_container(
        author.ws,
        "far",
        f"cut-{os.getpid()}",
        azurite.account,
        account_key=azurite.key,
        protocol="http",
        endpoint=f"{proxy.host}:{proxy.port}/{azurite.account}",
        create_if_not_exists=True,
    )
    _fill(store, tmp_path, {"large.bin": "x" * (12 << 20)}, "data")
    files = Dataset.File.from_files((store, "data"))
    mounted = files.as_named_input("all").as_mount()
    sizes = "import os, sys\nfrom azureml.core import Run\n"
    sizes += "Run.get_context().log('size', os.path.getsize(sys.argv[1] + '/large.bin'))\n"
    before = proxy.forwarded_bytes
    run = author.run(*[author.step(f"size{number}", sizes, arguments=[mounted]) for number in range(3)])
    assert [step.get_metrics() for step in run.get_steps()] == [{"size": 12 << 20}] * 3
    assert proxy.forwarded_bytes - before < 14 << 20  # brought once for all three


def test_the_workspaces_own_store_can_be_elsewhere(author, store, tmp_path):
    author.run_azud("datastore", "bind", "workspaceblobstore", "far")
    blob = Datastore(author.ws, "workspaceblobstore")
    assert author.ws.get_default_datastore().name == blob.name
    out = PipelineData("out", datastore=blob)
    code = "import os, sys\nopen(sys.argv[1], 'w').write('x')\nos.makedirs('outputs', exist_ok=True)\n"
    code += "open('outputs/model.txt', 'w').write('m')\n"
    run = author.run(author.step("write", code, arguments=[out], outputs=[out]))
    (step,) = run.get_steps()
    assert store.download(str(tmp_path / "got"), prefix=f"azureml/{step.id}/out", show_progress=False) == 1
    assert store.download(str(tmp_path / "got"), f"ExperimentRun/dcid.{step.id}", show_progress=False) >= 3
    assert "outputs/model.txt" in step.get_file_names()
    author.live.stop_server()
    assert "outputs/model.txt" in run.get_steps().__next__().get_file_names()  # bound still, after a restart
    author.run_azud("datastore", "bind", "workspaceblobstore", "--own")
    assert "outputs/model.txt" in step.get_file_names()


def _slow(author, azurite, cutting_proxy, seconds: float):
    """Return a store of blobs that holds each chunk back, and the proxy that does so."""
    proxy = cutting_proxy(azurite.host, azurite.port)
    store = Datastore.register_azure_blob_container(
        author.ws,
        "slow",
        f"slow-{os.getpid()}-{id(proxy)}",
        azurite.account,
        account_key=azurite.key,
        protocol="http",
        endpoint=f"{proxy.host}:{proxy.port}/{azurite.account}",
        create_if_not_exists=True,
    )
    return store, lambda: proxy.delay(seconds), proxy


def _when_it_moves(proxy, so_far: int) -> None:
    deadline = time.monotonic() + 60
    while proxy.forwarded_bytes < so_far + (1 << 20):
        assert time.monotonic() < deadline, "nothing is moved"
        time.sleep(0.01)


def test_a_server_that_is_killed_while_it_brings_or_sends_goes_on(author, azurite, cutting_proxy, tmp_path):
    store, slow_down, proxy = _slow(author, azurite, cutting_proxy, 0.002)
    _fill(store, tmp_path, {"large.bin": "x" * (24 << 20)}, "data")
    out = PipelineData("out", datastore=store)
    copy = "import sys\nopen(sys.argv[2], 'w').write(open(sys.argv[1] + '/large.bin').read())\n"
    files = Dataset.File.from_files((store, "data")).as_named_input("all").as_mount()
    slow_down()
    before = proxy.forwarded_bytes
    run = author.submit(Pipeline(author.ws, [author.step("copy", copy, arguments=[files, out], outputs=[out])]))
    _when_it_moves(proxy, before)
    author.live.kill_server()
    (step,) = run.get_steps()  # whoever asks starts the next server
    _when_it_moves(proxy, before + (26 << 20))  # by now it sends
    author.live.kill_server()
    assert run.wait_for_completion(show_output=False) == "Finished"
    proxy.heal()
    assert store.download(str(tmp_path / "got"), prefix=f"azureml/{step.id}/out", show_progress=False) == 1
    assert (tmp_path / "got" / "azureml" / step.id / "out").stat().st_size == 24 << 20


def test_a_store_that_stays_away_is_the_stores_fault_and_not_the_steps(author, azurite, cutting_proxy, tmp_path):
    store, _, proxy = _slow(author, azurite, cutting_proxy, 0)
    _fill(store, tmp_path, {"a.txt": "x"}, "data")
    files = Dataset.File.from_files((store, "data")).as_named_input("all").as_mount()
    proxy.refuse()
    step = author.step("read", "import sys\nprint(sys.argv)", arguments=[files])
    run = author.submit(Pipeline(author.ws, [step]))
    assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
    (step_run,) = run.get_steps()
    error = step_run.get_details()["error"]
    assert "does not answer" in json.dumps(error) and azurite.key not in json.dumps(error)
