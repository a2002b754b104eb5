"""Attempts from spec to manifest: what the script finds, what it makes, and how it fails."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
from pathlib import Path

import pytest

from azud.core.digests import digest_tree
from azud.model.attempt_files import DRIVER_LOG, STD_LOG
from azud.model.definition import Argument
from azud.model.jobs import StagedInput
from azud.runner import main as runner_main

COPY = """
import os, shutil, sys
shutil.copyfile(sys.argv[1], sys.argv[2])
"""


@pytest.fixture(params=["fork", "exec"])
def launch(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def arguments(*pairs: str) -> tuple[Argument, ...]:
    return tuple(Argument(*pair.split(" ", 1)) for pair in pairs)


def test_a_step_reads_its_input_and_its_output_is_sealed(make, output, launch: str, tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("some data")
    trial = make(
        COPY,
        launch=launch,
        arguments=arguments("input data", "output out"),
        inputs=(StagedInput("data", "reference", "mount", ((str(data), ""),)),),
        outputs=(output(),),
    )
    manifest = trial.run()
    assert (manifest.outcome, manifest.error, manifest.changed_inputs) == ("completed", None, ())
    (sealed,) = manifest.outputs
    authority = Path(trial.spec.outputs[0].authority)
    digest = hashlib.sha256(b"some data").hexdigest()
    assert (sealed.path, sealed.kind, sealed.digest, sealed.size_bytes) == (str(authority), "file", digest, 9)
    info = authority.stat()
    (file,) = sealed.files
    assert (file.path, file.inode, file.size_bytes) == ("", info.st_ino, 9)
    assert (file.mtime_ns, file.ctime_ns) == (info.st_mtime_ns, info.st_ctime_ns)
    assert authority.read_text() == "some data"


def test_a_folder_is_sealed_as_a_tree(make, output) -> None:
    trial = make(
        """
        import os, sys
        os.makedirs(sys.argv[1] + "/sub/empty")
        for name, text in (("b.txt", "b"), ("a.txt", "a"), ("sub/c.txt", "c")):
            open(os.path.join(sys.argv[1], name), "w").write(text)
        """,
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    (sealed,) = trial.run().outputs
    listed = [(file.path, file.digest, file.size_bytes) for file in sealed.files]
    assert sorted(path for path, _, _ in listed) == ["a.txt", "b.txt", "sub/c.txt"]
    assert (sealed.kind, sealed.digest, sealed.size_bytes) == ("directory", digest_tree(listed), 3)
    for file in sealed.files:
        info = os.stat(os.path.join(sealed.path, file.path))
        assert (file.inode, file.mtime_ns, file.ctime_ns) == (info.st_ino, info.st_mtime_ns, info.st_ctime_ns)


def test_the_working_folder_is_a_private_copy_of_the_snapshot(make, launch: str) -> None:
    trial = make(
        """
        import os
        print(sorted(os.listdir(".")), os.access("run.sh", os.X_OK), os.access("deep/er/data.csv", os.X_OK))
        for name in ("outputs", "logs"): print(os.path.isdir(name))
        open("deep/er/data.csv", "a").write("changed")
        open("step.py", "w").write("changed")
        """,
        launch=launch,
        files={"deep/er/data.csv": b"1,2", "run.sh": b"#!/bin/sh"},
    )
    assert trial.run().outcome == "completed"
    assert trial.log == "['deep', 'logs', 'outputs', 'run.sh', 'step.py'] True False\nTrue\nTrue\n"
    for file in trial.spec.snapshot:
        blob = Path(trial.spec.blobs, file.digest[:2], file.digest[2:])
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == file.digest


def test_the_run_keeps_logs_and_outputs_and_v1s_log_names(make) -> None:
    trial = make(
        """
        import os, sys
        os.makedirs("outputs/model"); open("outputs/model/w.bin", "w").write("weights")
        open("logs/own.log", "w").write("mine")
        print("to stdout"); print("to stderr", file=sys.stderr)
        """
    )
    manifest = trial.run()
    assert trial.log == "to stdout\nto stderr\n"
    assert (trial.files / STD_LOG).samefile(trial.files / DRIVER_LOG)
    assert (trial.files / "outputs/model/w.bin").read_text() == "weights"
    assert (trial.files / "logs/own.log").read_text() == "mine"
    assert manifest.artifacts_bytes == len("to stdout\nto stderr\n") + len("weights") + len("mine")


def test_files_that_the_script_uploaded_stay(make) -> None:
    trial = make(
        """
        import os
        os.makedirs(os.environ["AZUD_ATTEMPT_DIR"] + "/artifacts/outputs")
        open(os.environ["AZUD_ATTEMPT_DIR"] + "/artifacts/outputs/a", "w").write("uploaded")
        open("outputs/a", "w").write("written")
        open("outputs/b", "w").write("also written")
        """
    )
    trial.files.mkdir(parents=True)
    (trial.files / "from-server.txt").write_text("kept")
    manifest = trial.run()
    assert manifest.outcome == "completed"
    assert (trial.files / "outputs/a").read_text() == "uploaded"
    assert (trial.files / "outputs/b").read_text() == "also written"
    assert (trial.files / "from-server.txt").read_text() == "kept"
    assert len(manifest.warnings) == 1 and "outputs/a" in manifest.warnings[0]


def test_metrics_are_counted(make) -> None:
    manifest = make(
        """
        import os
        from azud.job.spool import Spool
        Spool.open(os.environ["AZUD_ATTEMPT_DIR"]).write({"t": "tag", "key": "a", "value": "b"})
        """
    ).run()
    assert manifest.spool_bytes == len('{"t":"tag","key":"a","value":"b"}\n')
    assert manifest.spooled == ({"t": "tag", "key": "a", "value": "b"},)


def test_a_long_spool_is_synced_and_stays_a_file(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_main, "SPOOL_IN_MANIFEST_BYTES", 10)
    trial = make("print('unused')")
    (trial.folder / "metrics.jsonl").write_text('{"t":"tag","key":"a","value":"b"}\n')
    assert runner_main._spooled(trial.attempt) is None
    assert runner_main._long_spool(trial.attempt) == [str(trial.folder / "metrics.jsonl")]
    monkeypatch.setattr(runner_main, "SPOOL_IN_MANIFEST_BYTES", 1000)
    assert runner_main._long_spool(trial.attempt) == []


# -- inputs ---------------------------------------------------------------------------------------------


def _dataset(name: str, mode: str, *paths: tuple[str, str], **changes: object) -> StagedInput:
    meta = {"id": "ds-id", "name": "iris", "version": 2, "definition": {"type": "file"}}
    return StagedInput(name, "dataset", mode, paths, dataset=meta, **changes)  # type: ignore[arg-type]


def test_mounted_and_downloaded_and_direct_datasets(make, launch: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.csv").write_text("a")
    (folder / "b.csv").write_text("b")
    one, two = str(folder / "sub" / "a.csv"), str(folder / "b.csv")
    trial = make(
        """
        import json, os, sys
        env = os.environ
        print(env["AZUREML_DATASET_ENVIRONMENT_VARS"])
        print(env["whole"] == sys.argv[1], sorted(os.listdir(env["whole"])))
        picked = env["picked"]
        print(open(picked + "/x/one.csv").read(), open(picked + "/two.csv").read())
        print(os.path.basename(env["single"]), open(env["single"]).read())
        print(os.path.basename(env["fetched"]), os.path.isfile(env["fetched"]))
        open(env["fetched"], "a").write("private")
        print(env["table"], sys.argv[2], sys.argv[3])
        direct = json.load(open(env["AZUD_ATTEMPT_DIR"] + "/datasets.json"))
        print(direct["table"]["id"], direct["table"]["version"], direct["table"]["paths"])
        """,
        launch=launch,
        arguments=arguments("input whole", "input table", "literal DatasetConsumptionConfig:table"),
        inputs=(
            _dataset("whole", "mount", (str(folder), "")),
            _dataset("picked", "mount", (one, "x/one.csv"), (two, "two.csv")),
            _dataset("single", "mount", (one, "a.csv")),
            _dataset("fetched", "download", (two, "b.csv")),
            _dataset("table", "direct", (one, "a.csv")),
        ),
    )
    manifest = trial.run()
    assert manifest.outcome == "completed", trial.log
    assert trial.log.splitlines() == [
        "whole:mount,picked:mount,single:mount,fetched:download,table:direct",
        "True ['b.csv', 'sub']",
        "a b",
        "a.csv a",
        "b.csv True",
        "ds-id ds-id ds-id",
        f"ds-id 2 [['{one}', 'a.csv']]",
    ]
    assert (folder / "b.csv").read_text() == "b"
    assert manifest.changed_inputs == ()


def test_an_input_that_the_job_changes_is_reported_however_it_is_given(make, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a").write_text("a")
    (folder / "b").write_text("b")
    trial = make(
        "import os, sys; open(os.path.join(sys.argv[1], 'a'), 'w').write('z')",
        arguments=arguments("input changed"),
        inputs=(
            StagedInput("changed", "reference", "mount", ((str(folder), ""),)),
            StagedInput("kept", "reference", "mount", ((str(folder / "b"), ""),)),
            StagedInput("copy", "reference", "download", ((str(folder), ""),)),
            StagedInput("direct", "dataset", "direct", ((str(folder), ""),), dataset={"id": "d"}),
        ),
    )
    assert trial.run().changed_inputs == ("changed", "copy", "direct")


def test_what_a_link_in_an_input_leads_to_is_a_part_of_it(make, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (tmp_path / "elsewhere").mkdir()
    folder.mkdir()
    (tmp_path / "elsewhere" / "file").write_text("a")
    (tmp_path / "lone").write_text("a")
    (folder / "link").symlink_to(tmp_path / "lone")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(folder)  # a circle, which a mount may hold
    inputs = (StagedInput("data", "reference", "mount", ((str(folder), ""),)),)
    for name, changed in (("link", ("data",)), ("folder/file", ("data",)), ("../new", ())):
        source = f"import os, sys; open(os.path.join(sys.argv[1], {name!r}), 'a').write('z')"
        assert make(source, arguments=arguments("input data"), inputs=inputs).run().changed_inputs == changed


def test_downloads_go_where_the_step_wants_them(make, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("x")
    place = tmp_path / "absolute" / "place"
    trial = make(
        """
        import os
        print(open("here/f").read(), os.environ["AZUREML_DATAREFERENCE_rel"], os.environ["AZUREML_DATAREFERENCE_abs"])
        print(open(os.environ["AZUREML_DATAREFERENCE_abs"] + "/f").read())
        """,
        inputs=(
            StagedInput("rel", "reference", "download", ((str(tmp_path / "d"), ""),), path_on_compute="here"),
            StagedInput("abs", "reference", "download", ((str(tmp_path / "d"), ""),), path_on_compute=str(place)),
        ),
    )
    assert trial.run().outcome == "completed"
    assert trial.log == f"x {trial.folder / 'work' / 'here'} {place}\nx\n"
    assert not place.exists(), "what azud put there for the job goes with it"


def test_an_absolute_place_that_is_taken_is_refused(make, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_text("x")
    trial = make(
        "",
        inputs=(
            StagedInput("d", "reference", "download", ((str(tmp_path), ""),), path_on_compute=str(tmp_path / "mine")),
        ),
    )
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None
    assert manifest.error.code == "conflict" and str(tmp_path / "mine") in manifest.error.message
    assert (tmp_path / "mine" / "precious").read_text() == "x"


def test_a_place_that_leaves_the_working_folder_is_refused(make, tmp_path: Path) -> None:
    trial = make(
        "",
        inputs=(StagedInput("d", "reference", "download", ((str(tmp_path), ""),), path_on_compute="../../x"),),
    )
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None and manifest.error.code == "user"


def test_an_input_that_is_gone_is_named_and_nothing_runs(make, tmp_path: Path) -> None:
    trial = make(
        "open('ran', 'w')",
        inputs=(StagedInput("data", "reference", "mount", ((str(tmp_path / "gone.csv"), ""),)),),
    )
    manifest = trial.run()
    assert manifest.error is not None and manifest.error.code == "not_found"
    assert "gone.csv" in manifest.error.message and manifest.exit is None


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_a_damaged_blob_is_named(make, damage: str) -> None:
    trial = make("", files={"data.csv": b"1,2,3"})
    file = trial.spec.snapshot[1]
    blob = Path(trial.spec.blobs, file.digest[:2], file.digest[2:])
    blob.unlink() if damage == "missing" else blob.write_bytes(b"1")
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None
    assert manifest.error.code == {"missing": "blob_missing", "short": "digest_mismatch"}[damage]
    assert "data.csv" in manifest.error.message


# -- environment ------------------------------------------------------------------------------------------


def test_the_environment_is_v1s_and_nothing_of_the_servers(make, output, launch: str, monkeypatch) -> None:
    trial = make(
        "import json, os; json.dump(dict(os.environ), open('outputs/env.json', 'w'))",
        launch=launch,
        environment_variables={"MINE": "1", "AZUREML_RUN_ID": "cannot be forged"},
        parameters={"learning rate": "0.1"},
        pipeline_parameters={"used": "u", "unused": "x"},
        arguments=arguments("parameter used"),
        outputs=(output("files", kind="dataset"), output("ref")),
        gpus="2",
    )
    trial.spec.outputs[1]
    manifest = trial.run()
    assert manifest.error is not None and manifest.error.code == "output_missing"
    env = json.loads((trial.files / "outputs/env.json").read_text())
    for name, value in {
        "MINE": "1",
        "AZUREML_RUN_ID": "step-1",
        "AZUREML_ROOT_RUN_ID": "run-1",
        "AZUREML_ARM_SUBSCRIPTION": "sub",
        "AZUREML_ARM_RESOURCEGROUP": "rg",
        "AZUREML_ARM_WORKSPACE_NAME": "ws",
        "AZUREML_ARM_PROJECT_NAME": "exp",
        "AZUREML_RUN_TOKEN": "token",
        "AZUREML_SERVICE_ENDPOINT": "unix:/nowhere",
        "AZUREML_OUTPUT_DIRECTORY": "./outputs",
        "AZUREML_DATASET_FILE_OUTPUTS": "files",
        "AZUREML_DATAREFERENCE_ref": str(trial.folder / "out" / "ref"),
        "files": str(trial.folder / "out" / "files"),
        "AML_PARAMETER_learning_rate": "0.1",
        "AML_PARAMETER_used": "u",
        "AZUD_ATTEMPT_DIR": str(trial.folder),
        "AZUD_ENDPOINT": "unix:/nowhere",
        "CUDA_VISIBLE_DEVICES": "2",
        "PYTHONPATH": trial.spec.library_path,
    }.items():
        assert env[name] == value, name
    assert "AML_PARAMETER_unused" not in env
    assert not [name for name in env if name.startswith(("PYTEST", "VIRTUAL_ENV", "PYTHONHASHSEED"))]


def test_a_variable_that_only_a_starting_interpreter_sees_gets_one(make) -> None:
    trial = make(
        "import sys; print(sys.flags.dont_write_bytecode, sys.flags.hash_randomization)",
        environment_variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
    )
    trial.run()
    assert trial.log == "1 0\n"


def test_a_fork_server_that_is_gone_means_a_fresh_interpreter(make) -> None:
    trial = make("print('ran')", job_server="/nowhere/fork.sock")
    assert trial.run().outcome == "completed"
    assert trial.log == "ran\n"


def test_arguments_are_resolved(make, output, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    trial = make(
        "import json, sys; json.dump(sys.argv[1:], open('outputs/argv.json', 'w'))",
        arguments=arguments(
            "literal --plain $HOME",
            "input a",
            "output o",
            "parameter p",
            "literal $AZUREML_DATAREFERENCE_a/file",
            "literal x=$AZUREML_DATAREFERENCE_o_suffix",
            "literal $AML_PARAMETER_learning_rate",
            "literal $AZUREML_DATAREFERENCE_unknown",
            "literal DatasetOutputConfig:o",
        ),
        inputs=(StagedInput("a", "reference", "mount", ((str(tmp_path / "in"), ""),)),),
        outputs=(output("o", kind="dataset"),),
        parameters={"learning rate": "0.1"},
        pipeline_parameters={"p": "5"},
    )
    assert trial.run().outcome == "completed", trial.log
    out = str(trial.folder / "out" / "o")
    assert json.loads((trial.files / "outputs/argv.json").read_text()) == [
        "--plain $HOME",
        str(tmp_path / "in"),
        out,
        "5",
        f"{tmp_path / 'in'}/file",
        f"x={out}_suffix",
        "0.1",
        "$AZUREML_DATAREFERENCE_unknown",
        out,
    ]


def test_an_argument_that_names_nothing_is_an_error(make) -> None:
    manifest = make("", arguments=arguments("input nothing")).run()
    assert manifest.error is not None and manifest.error.code == "definition"
    assert "'nothing'" in manifest.error.message


# -- outputs ----------------------------------------------------------------------------------------------


def test_uploads_are_taken_from_where_the_step_writes_them(make, output, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere" / "out"
    trial = make(
        """
        import os
        os.makedirs("made"); open("made/a", "w").write("relative")
        os.makedirs(os.environ["AZUREML_DATAREFERENCE_abs"])
        open(os.environ["AZUREML_DATAREFERENCE_abs"] + "/b", "w").write("absolute")
        """,
        outputs=(
            output("rel", mode="upload", path_on_compute="made"),
            output("abs", mode="upload", path_on_compute=str(place)),
        ),
    )
    manifest = trial.run()
    assert manifest.outcome == "completed", manifest.error
    assert [file.path for sealed in manifest.outputs for file in sealed.files] == ["a", "b"]
    assert not place.exists()


def test_a_fixed_destination_gets_a_copy_of_its_own(make, output, tmp_path: Path) -> None:
    target = tmp_path / "datastore" / "fixed"
    target.mkdir(parents=True)
    (target / "older").write_text("stays")
    (target / "a").write_text("is replaced")
    trial = make(
        """
        import os, sys
        os.makedirs(sys.argv[1] + "/sub")
        open(sys.argv[1] + "/a", "w").write("new"); open(sys.argv[1] + "/sub/b", "w").write("b")
        """,
        arguments=arguments("output out"),
        outputs=(output(publish_to=str(target)),),
    )
    (sealed,) = trial.run().outputs
    assert sealed.published_to == str(target)
    assert {path.name: path.read_text() for path in target.rglob("*") if path.is_file()} == {
        "older": "stays",
        "a": "new",
        "b": "b",
    }
    assert not (target / "a").samefile(Path(sealed.path) / "a")
    (target / "a").write_text("changed by somebody")
    assert (Path(sealed.path) / "a").read_text() == "new"


def test_a_missing_output_names_the_path_and_what_to_do(make, output) -> None:
    trial = make("print('nothing')", outputs=(output(),))
    manifest = trial.run()
    assert (manifest.outcome, manifest.outputs) == ("failed", ())
    assert manifest.error is not None and manifest.exit is not None
    assert manifest.error.code == "output_missing" and manifest.exit.exit_code == 0
    assert "'out'" in manifest.error.message and str(trial.folder / "out" / "out") in manifest.error.message
    assert manifest.error.hint is not None and "makedirs" in manifest.error.hint


def test_one_missing_output_means_that_none_is_moved(make, output, tmp_path: Path) -> None:
    trial = make(
        "import sys; open(sys.argv[1], 'w').write('x')",
        arguments=arguments("output first"),
        outputs=(output("first"), output("second")),
    )
    assert trial.run().outcome == "failed"
    assert not Path(trial.spec.outputs[0].authority).exists()


def test_an_empty_dataset_output_is_an_empty_folder(make, output) -> None:
    (sealed,) = make("", outputs=(output(kind="dataset"),)).run().outputs
    assert (sealed.kind, sealed.files, sealed.size_bytes) == ("directory", (), 0)


def test_links_inside_an_output_become_copies(make, output) -> None:
    trial = make(
        """
        import os, sys
        out = sys.argv[1]
        os.makedirs(out + "/d")
        open(out + "/d/real", "w").write("x")
        os.symlink("d/real", out + "/soft"); os.symlink(out + "/d", out + "/folder")
        os.link(out + "/d/real", out + "/hard")
        """,
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    manifest = trial.run()
    assert manifest.outcome == "completed", manifest.error
    (sealed,) = manifest.outputs
    assert sorted(file.path for file in sealed.files) == ["d/real", "folder/real", "hard", "soft"]
    for file in sealed.files:
        info = os.lstat(os.path.join(sealed.path, file.path))
        assert stat.S_ISREG(info.st_mode) and info.st_nlink == 1 and info.st_ino == file.inode


@pytest.mark.parametrize(
    ("make_it", "word"),
    [
        ("os.symlink('/etc/hostname', out + '/link')", "outside"),
        ("os.symlink('nowhere', out + '/link')", "outside"),
        ("os.symlink('.', out + '/link')", "above"),
        ("os.mkfifo(out + '/pipe')", "neither"),
        ("import socket; s = socket.socket(socket.AF_UNIX); os.chdir(out); s.bind('sock')", "neither"),
    ],
)
def test_what_cannot_be_sealed_is_refused(make_it: str, word: str, make, output) -> None:
    trial = make(
        f"import os, sys\nout = sys.argv[1]\nos.makedirs(out)\n{make_it}\n",
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    manifest = trial.run()
    assert manifest.outcome == "failed" and manifest.error is not None
    assert manifest.error.code == "storage" and word in manifest.error.message
    assert not Path(trial.spec.outputs[0].authority).exists()


def test_an_output_that_is_a_link_to_an_input_is_refused(make, output, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    trial = make(
        f"import os, sys; os.symlink({str(tmp_path / 'data')!r}, sys.argv[1])",
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    manifest = trial.run()
    assert manifest.error is not None and "outside" in manifest.error.message


def test_a_hard_link_to_an_input_does_not_share_its_bytes(make, output, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("x")
    trial = make(
        f"import os, sys; os.link({str(data)!r}, sys.argv[1])", arguments=arguments("output out"), outputs=(output(),)
    )
    (sealed,) = trial.run().outputs
    data.write_text("changed")
    assert Path(sealed.path).read_text() == "x"


def test_folders_and_files_that_the_job_closed_are_sealed_all_the_same(make, output) -> None:
    trial = make(
        """
        import os, sys
        os.makedirs(sys.argv[1] + "/closed"); open(sys.argv[1] + "/closed/f", "w").write("x")
        os.chmod(sys.argv[1] + "/closed/f", 0); os.chmod(sys.argv[1] + "/closed", 0)
        """,
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    manifest = trial.run()
    assert manifest.outcome == "completed", manifest.error


def test_very_many_files_are_sealed(make, output) -> None:
    trial = make(
        """
        import os, sys
        os.makedirs(sys.argv[1])
        for number in range(3000): open(f"{sys.argv[1]}/{number}", "w").write(str(number))
        """,
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    (sealed,) = trial.run().outputs
    assert len(sealed.files) == 3000


def test_names_that_are_no_text_are_sealed(make, output) -> None:
    trial = make(
        """
        import os, sys
        os.makedirs(sys.argv[1])
        open(os.fsencode(sys.argv[1]) + b"/\\xff\\xe9 \\xc3\\xa4", "w").write("x")
        """,
        arguments=arguments("output out"),
        outputs=(output(),),
    )
    manifest = trial.run()
    assert manifest.outcome == "completed", manifest.error
    assert os.path.exists(os.path.join(manifest.outputs[0].path, manifest.outputs[0].files[0].path))


def test_an_output_on_another_file_system_is_copied(make, output) -> None:
    if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == os.stat("/tmp").st_dev:
        pytest.skip("there is no second file system to write to")
    import tempfile

    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        place = dataclasses.replace(output(), authority=f"{other}/deep/out")
        trial = make(
            "import os, sys; os.makedirs(sys.argv[1]); open(sys.argv[1] + '/f', 'w').write('x')",
            arguments=arguments("output out"),
            outputs=(place,),
            artifacts_to=f"{other}/files",
        )
        manifest = trial.run()
        assert manifest.outcome == "completed", manifest.error
        assert Path(other, "deep/out/f").read_text() == "x"
        assert os.listdir(f"{other}/deep") == ["out"]
        assert Path(other, "files", DRIVER_LOG).exists()


def test_a_runner_that_dies_while_it_removes_what_it_has_copied_leaves_nothing_to_copy_again(tmp_path, monkeypatch):
    if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is no second file system to write to")
    import tempfile

    from azud.job.attempt import Attempt
    from azud.runner import moving

    source = tmp_path / "out"
    source.mkdir()
    for name in ("a", "b"):
        (source / name).write_text(name)

    def die_in_the_middle(path: str) -> None:
        if os.path.isdir(path) and os.listdir(path):
            os.unlink(os.path.join(path, "a"))
            raise KeyboardInterrupt

    monkeypatch.setattr(moving, "remove", die_in_the_middle)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        target = Path(other, "sealed")
        with pytest.raises(KeyboardInterrupt):
            moving.Moves(Attempt(str(tmp_path))).move(str(source), str(target), point="runner.seal_output")
        assert sorted(os.listdir(target)) == ["a", "b"]
        assert not source.exists(), "the next runner would take what is left for the whole"
