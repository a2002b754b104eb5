"""Datastores and datasets on a local folder; tables with v1's types."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas
import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.sdk.data_types import DataType, PromoteHeadersBehavior
from azud.sdk.datapath import DataPath
from azud.sdk.dataset import FileDataset, TabularDataset, dataset_of_record
from azud.sdk.dataset_consumption import DatasetConsumptionConfig
from azud.sdk.datastore import AzureBlobDatastore, Datastore
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.legacy_dataset import Dataset


@pytest.fixture
def local(tmp_path: Path) -> Path:
    folder = tmp_path / "local"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "sub" / "b.txt").write_text("b")
    return folder


def stored(workspace: FakeWorkspace) -> list[str]:
    return sorted(str(path.relative_to(workspace.root)) for path in workspace.root.rglob("*") if path.is_file())


# Datastores


def test_datastores_are_found_by_name(workspace: Any) -> None:
    store = Datastore(workspace, "workspaceblobstore")
    assert isinstance(store, AzureBlobDatastore)
    assert (store.name, store.datastore_type) == ("workspaceblobstore", "AzureBlob")
    assert Datastore(workspace, store).name == Datastore(workspace).name == store.name
    for name in ("missing", "a/b", ""):
        with pytest.raises(UserErrorException, match="datastore"):
            Datastore.get(workspace, name)


def test_upload(workspace: FakeWorkspace, local: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = workspace.store.upload(str(local), target_path="/data/", overwrite=False)
    assert stored(workspace) == ["data/a.txt", "data/sub/b.txt"]
    assert (reference.path_on_datastore, reference.datastore.name) == ("data", "workspaceblobstore")
    printed = capsys.readouterr().out
    assert "Uploading an estimated of 2 files" in printed
    assert "Uploaded 2 files" in printed
    (local / "a.txt").write_text("changed")
    workspace.store.upload(str(local), target_path="data")
    assert "Target already exists. Skipping upload for data/a.txt" in capsys.readouterr().out
    assert (workspace.root / "data/a.txt").read_text() == "a"
    workspace.store.upload(str(local), target_path="data", overwrite=True, show_progress=False)
    assert (workspace.root / "data/a.txt").read_text() == "changed"
    assert capsys.readouterr().out == ""
    with pytest.raises(UserErrorException, match="not a folder"):
        workspace.store.upload(str(local / "missing"))
    with pytest.raises(UserErrorException, match="leaves its root"):
        workspace.store.upload(str(local), target_path="../out")


def test_an_upload_never_writes_through_a_link(workspace: FakeWorkspace, local: Path) -> None:
    """A file that shares its bytes with a sealed output gets new bytes, the output keeps the old ones."""
    (workspace.root / "sealed").write_text("sealed")
    (workspace.root / "a.txt").hardlink_to(workspace.root / "sealed")
    workspace.store.upload_files([str(local / "a.txt")], overwrite=True, show_progress=False)
    assert (workspace.root / "a.txt").read_text() == "a"
    assert (workspace.root / "sealed").read_text() == "sealed"


def test_upload_files(workspace: FakeWorkspace, local: Path) -> None:
    store = workspace.store
    store.upload_files([str(local / "a.txt"), str(local / "sub/b.txt")], target_path="x", show_progress=False)
    store.upload_files([str(local / "sub/b.txt")], show_progress=False)
    store.upload_files([str(local / "sub/b.txt")], relative_root=str(local), target_path="y", show_progress=False)
    assert stored(workspace) == ["b.txt", "x/a.txt", "x/sub/b.txt", "y/sub/b.txt"]
    with pytest.raises(UserErrorException, match="not a file"):
        store.upload_files([str(local / "missing")])
    with pytest.raises(UserErrorException, match="outside of the relative root"):
        store.upload_files([str(local / "a.txt")], relative_root=str(local / "sub"))


def test_download(workspace: FakeWorkspace, local: Path, tmp_path: Path) -> None:
    workspace.store.upload(str(local), target_path="data", show_progress=False)
    target = tmp_path / "down"
    assert workspace.store.download(str(target), prefix="data/sub", show_progress=False) == 1
    assert (target / "data/sub/b.txt").read_text() == "b"
    assert workspace.store.download(str(target), show_progress=False) == 1
    assert workspace.store.download(str(target), overwrite=True, show_progress=False) == 2
    assert workspace.store.download(str(target), prefix="none", show_progress=False) == 0


# File datasets


@pytest.fixture
def files(workspace: FakeWorkspace) -> FakeWorkspace:
    for name in ("img/1.png", "img/2.png", "img/deep/3.png", "img/x.txt", "other.png"):
        path = workspace.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return workspace


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("img/1.png", ["/1.png"]),
        ("img", ["/1.png", "/2.png", "/deep/3.png", "/x.txt"]),
        ("img/", ["/1.png", "/2.png", "/deep/3.png", "/x.txt"]),
        ("img/*.png", ["/1.png", "/2.png"]),
        ("img/**/*.png", ["/1.png", "/2.png", "/deep/3.png"]),
        ("img/**", ["/1.png", "/2.png", "/deep/3.png", "/x.txt"]),
        ("**/3.png", ["/img/deep/3.png"]),
        ("img/[12].png", ["/1.png", "/2.png"]),
        ("im?/d*", ["/img/deep/3.png"]),
        ("", ["/img/1.png", "/img/2.png", "/img/deep/3.png", "/img/x.txt", "/other.png"]),
    ],
)
def test_paths_of_a_file_dataset(files: FakeWorkspace, path: str, expected: list[str]) -> None:
    assert Dataset.File.from_files((files.store, path)).to_path() == expected


def test_the_forms_of_a_path(files: FakeWorkspace) -> None:
    store = files.store
    forms: list[Any] = [
        DataPath(store, "img/1.png"),
        store.path("img/1.png"),
        [(store, "img/1.png")],
        [DataPath(store, "img/1.png")],
        (store, ["img/1.png"]),
    ]
    for form in forms:
        assert Dataset.File.from_files(form).to_path() == ["/1.png"]
    assert Dataset.File.from_files([(store, "img/1.png"), (store, "other.png")]).to_path() == ["/1.png", "/other.png"]
    for bad in ([], "local.csv", 3, (store, "a", "b")):
        with pytest.raises(UserErrorException):
            Dataset.File.from_files(bad)
    address = Dataset.File.from_files("https://example.com/x.csv", validate=False)
    assert address._definition["locations"] == [{"datastore": "web:", "path": "https://example.com/x.csv"}]
    with pytest.raises(UserErrorException, match="leaves its root"):
        Dataset.File.from_files((store, "../x"))


def test_a_dataset_without_files(files: FakeWorkspace) -> None:
    with pytest.raises(UserErrorException, match="there is no file"):
        Dataset.File.from_files((files.store, "missing"))
    later = Dataset.File.from_files((files.store, "missing"), validate=False)
    assert later.to_path() == []
    with pytest.raises(UserErrorException, match="no file to download"):
        later.download()
    assert later.download(ignore_not_found=True) == []


def test_links_out_of_a_datastore_are_not_followed(files: FakeWorkspace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (files.root / "img" / "link").symlink_to(tmp_path / "secret")
    assert "/link" not in Dataset.File.from_files((files.store, "img")).to_path()
    with pytest.raises(UserErrorException, match="outside of its root"):
        Dataset.File.from_files((files.store, "img/link"))


def test_operations_on_files(files: FakeWorkspace, tmp_path: Path) -> None:
    dataset = Dataset.File.from_files((files.store, "img"))
    assert dataset.skip(1).take(2).to_path() == ["/2.png", "/deep/3.png"]
    first, second = dataset.random_split(0.5, seed=1)
    assert sorted(first.to_path() + second.to_path()) == dataset.to_path()
    assert dataset.take_sample(0.5, seed=3).to_path() == dataset.take_sample(0.5, seed=3).to_path()
    assert dataset.to_path() != []
    paths = dataset.take(1).download(str(tmp_path / "d"))
    assert [Path(path).read_text() for path in paths] == ["img/1.png"]
    with pytest.raises(UserErrorException, match="exists"):
        dataset.take(1).download(str(tmp_path / "d"))
    assert dataset.take(1).download(str(tmp_path / "d"), overwrite=True) == paths
    with pytest.raises(UserErrorException):
        dataset.take(-1)
    with pytest.raises(NotYetError, match=r"FileDataset\.hydrate"):
        dataset.hydrate()


def test_consuming(files: FakeWorkspace) -> None:
    dataset = Dataset.File.from_files((files.store, "img"))
    named = dataset.as_named_input("x")
    assert (named.name, named.mode) == ("x", "direct")
    assert named.as_mount().mode == "mount"
    assert named.mode == "direct"
    assert dataset.as_mount().name == dataset.as_download().name
    assert dataset.as_mount().name.startswith("input__")
    for name in ("1x", "a-b", ""):
        with pytest.raises(UserErrorException, match="not valid"):
            dataset.as_named_input(name)
    with pytest.raises(UserErrorException, match="invalid mode"):
        DatasetConsumptionConfig("x", dataset, "copy")
    assert DatasetConsumptionConfig("x", dataset, "MOUNT").mode == "mount"


def test_a_name_that_programs_use_is_warned_about(files: FakeWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    Dataset.File.from_files((files.store, "img")).as_named_input("Home")
    assert "environment variable" in capsys.readouterr().err


def test_registering(files: FakeWorkspace) -> None:
    dataset = Dataset.File.from_files((files.store, "img"))
    assert (dataset.id, dataset.name, dataset.version) == (None, None, None)

    def register(body: dict[str, Any]) -> dict[str, Any]:
        return {"id": "i", "version": 3, "definition": body["definition"], "name": body["name"], "tags": body["tags"]}

    files._api.replies["POST /datasets/registered"] = register
    registered = dataset.register(files, "images", tags={"a": 1}, create_new_version=True)  # type: ignore[arg-type, dict-item]
    assert (registered.id, registered.name, registered.version, registered.tags) == ("i", "images", 3, {"a": "1"})
    assert registered.to_path() == dataset.to_path()
    files._api.answers["/datasets/registered/images"] = lambda query: registered._record | {"asked": query}
    found = Dataset.get_by_name(files, "images", version=3)  # type: ignore[arg-type]
    assert isinstance(found, FileDataset)
    assert found._record["asked"] == {"version": 3}
    assert Dataset.get_by_name(files, "images")._record["asked"] == {}  # type: ignore[arg-type]
    with pytest.raises(UserErrorException):
        Dataset.get_by_name(files, "missing")  # type: ignore[arg-type]


# Tables

TEXTS = "str" if int(pandas.__version__.partition(".")[0]) >= 3 else "object"


@pytest.fixture
def table(workspace: FakeWorkspace) -> Any:
    def make(*texts: str, **options: Any) -> Any:
        folder = workspace.root / "table"
        folder.mkdir(exist_ok=True)
        for index, text in enumerate(texts):
            (folder / f"{index}.csv").write_text(text, encoding=options.get("encoding", "utf8"))
        return Dataset.Tabular.from_delimited_files((workspace.store, "table"), **options).to_pandas_dataframe()

    return make


def test_types_are_found(table: Any) -> None:
    frame = table(
        "i,f,b,t,m,e,mixed\n"
        "1,1.5,true,x,2020-01-02,,1\n"
        "-2,1e3,False,NA,2020-01-02 03:04:05,,x\n"
        "+3,nan,TRUE,007x,2020-01-02T03:04:05Z,,\n"
    )
    assert [str(kind) for kind in frame.dtypes][:5] == ["int64", "float64", "bool", TEXTS, frame["m"].dtype.name]
    assert frame["i"].tolist() == [1, -2, 3]
    assert frame["f"].tolist()[:2] == [1.5, 1000.0]
    assert frame["b"].tolist() == [True, False, True]
    assert frame["t"].tolist() == ["x", "NA", "007x"]
    assert frame["m"][2] == datetime.datetime(2020, 1, 2, 3, 4, 5)
    assert frame["e"].isna().all()
    assert frame["mixed"].tolist()[:2] == ["1", "x"]


def test_numbers_are_exact_and_missing_cells_stay_missing(table: Any) -> None:
    frame = table("a,b,c\n0.1,1,true\n0.30000000000000004,,\n2.5e-310,3,false\n")
    assert frame["a"].tolist() == [0.1, 0.30000000000000004, 2.5e-310]
    assert frame["b"].tolist()[::2] == [1.0, 3.0] and pandas.isna(frame["b"][1])
    assert frame["c"].tolist() == [True, None, False]


def test_what_only_looks_like_a_moment(table: Any) -> None:
    assert table("a\n2020-99-99\n")["a"].tolist() == ["2020-99-99"]


def test_types_are_found_over_all_files_together(table: Any) -> None:
    frame = table("a\n1\n", "a\nx\n")
    assert frame["a"].tolist() == ["1", "x"]
    assert table("a\n1\n", "a\n2\n", infer_column_types=False)["a"].tolist() == ["1", "2"]


def test_types_that_are_set(table: Any) -> None:
    types = {
        "a": DataType.to_string(),
        "b": DataType.to_float(decimal_mark=","),
        "c": DataType.to_long(),
        "d": DataType.to_bool(),
        "e": DataType.to_datetime("%d.%m.%Y"),
    }
    frame = table("a;b;c;d;e\n001;1,5;7;true;31.12.2020\n002;x;y;z;never\n", separator=";", set_column_types=types)
    assert frame["a"].tolist() == ["001", "002"]
    assert frame["b"][0] == 1.5
    assert frame["c"][0] == 7
    assert frame["d"].tolist() == [True, None]
    assert frame["e"][0] == datetime.datetime(2020, 12, 31)
    assert frame[["b", "c", "d", "e"]].iloc[1].isna().all()
    with pytest.raises(UserErrorException, match="column 'missing'"):
        table("a\n1\n", set_column_types={"missing": DataType.to_long()})
    with pytest.raises(UserErrorException, match="no DataType"):
        table("a\n1\n", set_column_types={"a": int})


def test_a_cell_of_another_type_can_be_an_error(workspace: FakeWorkspace) -> None:
    (workspace.root / "t.csv").write_text("a\n1\nx\n")
    dataset = Dataset.Tabular.from_delimited_files(
        (workspace.store, "t.csv"), set_column_types={"a": DataType.to_long()}
    )
    with pytest.raises(UserErrorException, match="'x' is no long"):
        dataset.to_pandas_dataframe(on_error="fail")


@pytest.mark.parametrize(
    ("header", "columns", "rows"),
    [
        (True, ["a", "b"], 2),
        (False, ["Column1", "Column2"], 4),
        (PromoteHeadersBehavior.NO_HEADERS, ["Column1", "Column2"], 4),
        (PromoteHeadersBehavior.ONLY_FIRST_FILE_HAS_HEADERS, ["a", "b"], 3),
        (PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS, ["a", "b"], 2),
        (PromoteHeadersBehavior.COMBINE_ALL_FILES_HEADERS, ["a", "b", "c", "d"], 2),
    ],
)
def test_headers(table: Any, header: Any, columns: list[str], rows: int) -> None:
    frame = table("a,b\n1,2\n", "c,d\n3,4\n", header=header)
    assert list(frame.columns) == columns
    assert len(frame) == rows


def test_other_readings(table: Any) -> None:
    assert list(table("a\tb\n1\t2\n", separator="\t").columns) == ["a", "b"]
    assert table("a||b\n1||2\n", separator="||")["b"].tolist() == [2]
    assert table("a\nä\n", encoding="iso-8859-1")["a"].tolist() == ["ä"]
    assert table('a,b\n"x\ny",1\n', support_multi_line=True)["a"].tolist() == ["x\ny"]
    assert table("a,b\n,1\n", empty_as_string=True)["a"].tolist() == [""]
    with_path = table("a\n1\n", "a\n2\n", include_path=True)
    assert with_path["Path"].tolist() == ["/0.csv", "/1.csv"]
    assert table("", "a\n1\n")["a"].tolist() == [1]
    with pytest.raises(UserErrorException, match="cannot be read as a table"):
        table('a,b\n1,2\n1,2,3,4\n"', "a,b\n1,2\n")


def test_operations_on_tables(workspace: FakeWorkspace) -> None:
    (workspace.root / "t.csv").write_text("a,b,c\n" + "".join(f"{i},{i * i},x\n" for i in range(100)))
    dataset = Dataset.Tabular.from_delimited_files((workspace.store, "t.csv"))
    assert isinstance(dataset, TabularDataset)
    assert dataset.skip(2).take(3).to_pandas_dataframe()["a"].tolist() == [2, 3, 4]
    assert list(dataset.keep_columns("a").to_pandas_dataframe().columns) == ["a"]
    assert list(dataset.drop_columns(["a", "b"]).to_pandas_dataframe().columns) == ["c"]
    first, second = dataset.random_split(0.7, seed=5)
    a, b = first.to_pandas_dataframe(), second.to_pandas_dataframe()
    assert sorted([*a["a"], *b["a"]]) == list(range(100))
    assert 50 < len(a) < 90
    with pytest.raises(UserErrorException, match="no column 'z'"):
        dataset.keep_columns(["z"]).to_pandas_dataframe()
    with pytest.raises(UserErrorException, match="is no expression"):
        dataset.filter("a")
    with pytest.raises(UserErrorException, match="cannot be consumed in mode mount"):
        dataset.as_named_input("x").as_mount()


def test_a_dataset_of_the_api(workspace: FakeWorkspace) -> None:
    definition = {"type": "tabular", "locations": [], "reader": {"format": "avro"}, "operations": []}
    found = dataset_of_record(workspace, {"id": "i", "definition": definition})  # type: ignore[arg-type]
    assert isinstance(found, TabularDataset)
    with pytest.raises(UserErrorException, match="format 'avro'"):
        found.to_pandas_dataframe()
