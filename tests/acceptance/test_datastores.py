"""Datastores as programs use them: one suite for every kind of store, each a real one."""

from __future__ import annotations

import functools
import http.server
import os
import pathlib
import threading

import pytest
from tests.acceptance.stores import STORES

from azureml.core import Dataset, Datastore, Experiment, Workspace
from azureml.data.azure_storage_datastore import AzureBlobDatastore
from azureml.data.data_reference import DataReference
from azureml.exceptions import UserErrorException
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep


@pytest.fixture
def ws(workspace) -> Workspace:
    return Workspace.from_config(str(workspace.folder))


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, ws: Workspace) -> Datastore:
    return STORES[request.param](request, ws, "mine")


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """Local files below folders, one of them with a name that needs care everywhere."""
    for name in ("a.csv", "b/c 100%.csv", "b/d/é.txt"):
        path = tmp_path / "local" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"x,y\n1,{name}\n", encoding="utf-8")
    return tmp_path / "local"


def test_files_go_up_and_come_down(ws, store, folder, tmp_path, capsys):
    target = f"data-{os.getpid()}"
    reference = store.upload(str(folder), target)
    assert isinstance(reference, DataReference) and reference.path_on_datastore == target
    printed = capsys.readouterr().out
    assert "Uploading an estimated of 3 files" in printed and "Uploaded 3 files" in printed
    got = tmp_path / "got"
    assert store.download(str(got), prefix=target, show_progress=False) == 3
    for path in folder.rglob("*.*"):
        assert (got / target / path.relative_to(folder)).read_bytes() == path.read_bytes()
    # A prefix is a text that paths begin with, not a folder.
    assert store.download(str(tmp_path / "some"), prefix=f"{target}/b/c", show_progress=False) == 1


def test_what_is_there_stays_unless_it_may_be_replaced(store, folder, tmp_path, capsys):
    target = f"again-{os.getpid()}"
    store.upload(str(folder), target, show_progress=False)
    (folder / "a.csv").write_text("changed")
    store.upload(str(folder), target)
    assert capsys.readouterr().out.count("Target already exists. Skipping upload for") == 3
    store.download(str(tmp_path / "got"), prefix=target, show_progress=False)
    assert (tmp_path / "got" / target / "a.csv").read_text() != "changed"
    store.upload_files([str(folder / "a.csv")], target_path=target, overwrite=True, show_progress=False)
    assert store.download(str(tmp_path / "got"), prefix=target, show_progress=False) == 0  # local files stay, too
    assert store.download(str(tmp_path / "got"), prefix=target, overwrite=True, show_progress=False) == 3
    assert (tmp_path / "got" / target / "a.csv").read_text() == "changed"


def test_upload_files_keeps_the_structure_below_the_root(store, folder, tmp_path):
    target = f"rooted-{os.getpid()}"
    files = [str(folder / "b" / "d" / "é.txt"), str(folder / "b" / "c 100%.csv")]
    store.upload_files(files, relative_root=str(folder), target_path=target, show_progress=False)
    store.download(str(tmp_path / "got"), prefix=target, show_progress=False)
    got = sorted(str(path.relative_to(tmp_path / "got" / target)) for path in (tmp_path / "got").rglob("*.*"))
    assert got == ["b/c 100%.csv", "b/d/é.txt"]
    with pytest.raises(UserErrorException, match="outside of the relative root"):
        store.upload_files([str(folder / "a.csv")], relative_root=str(folder / "b"), show_progress=False)


@pytest.mark.parametrize("path", ["../up", "a/../../up", "b\\..\\up", "%2e%2e/up/../../../x"])
def test_nothing_leads_out_of_a_datastore(store, folder, path, tmp_path):
    with pytest.raises(UserErrorException, match=r"leaves its root|backslash"):
        store.upload(str(folder), path, show_progress=False)
    with pytest.raises(UserErrorException, match=r"leaves its root|backslash"):
        Dataset.File.from_files((store, path))


def test_a_thousand_files_pass(store, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number:04}.txt").write_text(str(number))
    target = f"many-{os.getpid()}"
    store.upload(str(folder), target, show_progress=False)
    assert store.download(str(tmp_path / "got"), prefix=target, show_progress=False) == 1000
    assert (tmp_path / "got" / target / "0777.txt").read_text() == "777"


def test_datasets_are_read_where_they_lie(ws, store, folder, tmp_path):
    target = f"sets-{os.getpid()}"
    store.upload(str(folder), target, show_progress=False)
    files = Dataset.File.from_files((store, f"{target}/**/*.csv"))
    assert sorted(files.to_path()) == ["/a.csv", "/b/c 100%.csv"]
    got = files.download(str(tmp_path / "set"))
    assert sorted(pathlib.Path(path).read_text().splitlines()[1] for path in got) == ["1,a.csv", "1,b/c 100%.csv"]
    assert Dataset.File.from_files((store, f"{target}/a.csv")).to_path() == ["/a.csv"]
    assert len(Dataset.File.from_files((store, target)).to_path()) == 3
    table = Dataset.Tabular.from_delimited_files([(store, f"{target}/a.csv"), (store, f"{target}/b/c 100%.csv")])
    assert table.to_pandas_dataframe()["y"].tolist() == ["a.csv", "b/c 100%.csv"]
    with files.mount() as mounted:
        assert sorted(os.listdir(mounted.mount_point)) == ["a.csv", "b"]
    with pytest.raises(UserErrorException, match=r"nothing|no file"):
        Dataset.File.from_files((store, f"{target}/nothing-here"))


def test_a_file_that_changes_is_brought_again(ws, store, folder):
    target = f"live-{os.getpid()}"
    store.upload_files([str(folder / "a.csv")], target_path=target, show_progress=False)
    table = Dataset.Tabular.from_delimited_files((store, f"{target}/a.csv"))
    assert table.to_pandas_dataframe()["x"].tolist() == [1]
    (folder / "a.csv").write_text("x,y\n22,other\n")
    store.upload_files([str(folder / "a.csv")], target_path=target, overwrite=True, show_progress=False)
    assert table.to_pandas_dataframe()["x"].tolist() == [22]


def test_a_datastore_is_known_by_name_and_forgotten(ws, store):
    found = Datastore.get(ws, "mine")
    assert type(found) is type(store) and found.datastore_type == store.datastore_type
    assert Datastore(ws, "mine").name == "mine" and "mine" in ws.datastores
    with pytest.raises(UserErrorException, match="already"):
        Datastore.register_local_folder(ws, "mine", os.getcwd())
    ws.set_default_datastore("mine")
    assert ws.get_default_datastore().name == "mine"
    with pytest.raises(UserErrorException, match="default datastore"):
        found.unregister()
    ws.set_default_datastore("workspaceblobstore")
    found.unregister()
    with pytest.raises(UserErrorException, match="Could not find datastore mine"):
        Datastore.get(ws, "mine")


def test_a_blob_container_has_v1s_attributes_and_no_key(request, ws):
    made = STORES["azure_blob"](request, ws, "blobs")
    server = request.getfixturevalue("azurite")
    for store in (made, Datastore.get(ws, "blobs")):
        assert isinstance(store, AzureBlobDatastore)
        assert (store.account_name, store.protocol, store.credential_type) == (server.account, "http", "AccountKey")
        assert store.container_name.startswith("acceptance-") and store.account_key is None and not store.is_sas


def test_a_shared_access_signature_opens_a_container(request, ws, folder, azurite):
    import datetime

    from azure.storage.blob import ContainerSasPermissions, generate_container_sas

    made = STORES["azure_blob"](request, ws, "by-key")

    def token(hours: int) -> str:
        return generate_container_sas(
            azurite.account,
            made.container_name,
            azurite.key,
            permission=ContainerSasPermissions(read=True, write=True, list=True, create=True),
            expiry=datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours),
        )

    def register(sas_token: str, **options) -> Datastore:
        return Datastore.register_azure_blob_container(
            ws,
            "by-sas",
            made.container_name,
            made.account_name,
            sas_token=sas_token,
            protocol="http",
            endpoint=f"{azurite.host}:{azurite.port}/{azurite.account}",
            **options,
        )

    expired = token(-1)
    with pytest.raises(UserErrorException, match="access was denied") as error:
        register(expired)
    assert "sig=" not in str(error.value) and expired not in str(error.value)
    store = register(token(1))
    assert store.credential_type == "Sas"
    store.upload(str(folder), "sas", show_progress=False)
    assert made.download(str(folder / "back"), prefix="sas", show_progress=False) == 3
    # Registered unseen, it fails when it is used, and says so.
    late = register(expired, skip_validation=True, overwrite=True)
    with pytest.raises(UserErrorException, match="access was denied"):
        late.download(str(folder / "back"))


def test_records_without_bytes_say_so(ws):
    gen1 = Datastore.register_azure_data_lake(ws, "gen1", "lake", "tenant", "client", "s3cret")
    dbfs = Datastore.register_dbfs(ws, "dbfs")
    hdfs = Datastore.register_hdfs(ws, "hdfs", "https", "name:1", None, "REALM", "kdc", "me", kerberos_password="pw")
    assert (gen1.store_name, gen1.client_secret, dbfs.datastore_type, hdfs.kerberos_realm) == (
        "lake",
        None,
        "Dbfs",
        "REALM",
    )
    with pytest.raises(UserErrorException, match="retired by its vendor"):
        Dataset.File.from_files((gen1, "x.csv"))
    for store in (dbfs, hdfs):
        with pytest.raises(UserErrorException, match="holds no files"):
            Dataset.File.from_files((store, "x.csv"))
    with pytest.raises(UserErrorException, match="holds no files"):
        ws.set_default_datastore("dbfs")


def test_a_wrong_account_or_container_is_told_at_once(ws, azurite):
    def register(container: str, key: str) -> None:
        Datastore.register_azure_blob_container(
            ws,
            "wrong",
            container,
            azurite.account,
            account_key=key,
            protocol="http",
            endpoint=f"{azurite.host}:{azurite.port}/{azurite.account}",
        )

    with pytest.raises(UserErrorException, match="is not there"):
        register("no-such-container", azurite.key)
    with pytest.raises(UserErrorException, match="access was denied"):
        register("no-such-container", "d3JvbmcgYnV0IHdlbGwgZm9ybWVk")
    with pytest.raises(UserErrorException, match="Could not find datastore wrong"):
        Datastore.get(ws, "wrong")


def test_web_addresses_are_read_like_files(workspace, tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    (site / "rain 1.csv").write_text("day,rain\n1,2\n2,3\n")
    (site / "rain2.csv").write_text("day,rain\n3,4\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        ws = Workspace.from_config(str(workspace.folder))
        monkeypatch.chdir(workspace.folder)
        with pytest.raises(UserErrorException, match="no public address"):
            Dataset.Tabular.from_delimited_files(f"{base}/rain2.csv")
        workspace.stop_server()
        monkeypatch.setenv("AZUD_WEB_ALLOW", f"127.0.0.1:{server.server_address[1]}")
        both = Dataset.Tabular.from_delimited_files([f"{base}/rain%201.csv", f"{base}/rain2.csv"])
        assert both.to_pandas_dataframe()["rain"].tolist() == [2, 3, 4]
        lone = Dataset.File.from_files(f"{base}/rain2.csv").register(ws, "rain")
        assert lone.to_path() == ["/rain2.csv"]
        source = workspace.folder / "src"
        source.mkdir()
        (source / "sum.py").write_text(
            "import sys\nfrom azureml.core import Run\n"
            "run = Run.get_context()\n"
            "run.log('lines', len(open(sys.argv[1]).readlines()))\n"
            "run.log('rain', int(run.input_datasets['both'].to_pandas_dataframe()['rain'].sum()))\n"
        )
        step = PythonScriptStep(
            "sum.py",
            source_directory=str(source),
            compute_target="local",
            arguments=[lone.as_named_input("lone").as_mount()],
            inputs=[both.as_named_input("both")],
        )
        run = Experiment(ws, "web").submit(Pipeline(ws, [step]))
        run.wait_for_completion(show_output=False)
        (step_run,) = run.get_steps()
        assert step_run.get_metrics() == {"lines": 2, "rain": 9}
        server.shutdown()
