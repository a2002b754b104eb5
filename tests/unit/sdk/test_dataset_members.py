"""What datasets can do besides being read: filters, mounts, labels, and v1's deprecated `Dataset` objects."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.planning.selecting import selected_files
from azud.sdk.data_types import FileEncoding, codec_of
from azud.sdk.dataset import TabularDataset
from azud.sdk.dataset_mount import DatasetContextManager
from azud.sdk.exceptions import DatasetExecutionError, DatasetValidationError, NotYetError, UserErrorException
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.linked_output import (
    HDFSOutputDatasetConfig,
    LinkFileOutputDatasetConfig,
    LinkTabularOutputDatasetConfig,
)
from azud.sdk.output_dataset import OutputFileDatasetConfig
from azud.sdk.output_datasets import OutputDatasets
from azud.sdk.sql_data_reference import SqlDataReference, StoredProcedureParameter, StoredProcedureParameterType

UTC = datetime.UTC


@pytest.fixture
def images(workspace: FakeWorkspace) -> Any:
    """A dataset of files of 0, 10 and 200 bytes, the newest of 2020."""
    for number, (name, size) in enumerate((("a.png", 0), ("b.txt", 10), ("in/c.png", 200))):
        path = workspace.root / "img" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        moment = datetime.datetime(2018 + number, 1, 1, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))
    return Dataset.File.from_files((workspace.store, "img"))


# Filters


def test_files_are_filtered_by_size_ending_and_time(images: Any) -> None:
    size, ending, time = (images.file_metadata(name) for name in ("Size", "Extension", "LastModifiedTime"))
    expressions = {
        "larger": (size > 10, ["/in/c.png"]),
        "at least": (size >= 10, ["/b.txt", "/in/c.png"]),
        "smaller": (size < 10, ["/a.png"]),
        "at most": (size <= 10, ["/a.png", "/b.txt"]),
        "equal": (size == 10, ["/b.txt"]),
        "ending": (ending != ".png", ["/b.txt"]),
        "since": (time >= datetime.datetime(2019, 1, 1), ["/b.txt", "/in/c.png"]),
        "before": (time < datetime.datetime(2019, 1, 1, tzinfo=UTC), ["/a.png"]),
        "both": ((size > 0) & (ending == ".png"), ["/in/c.png"]),
        "either": ((size > 100) | (ending == ".txt"), ["/b.txt", "/in/c.png"]),
        "not": (~(ending == ".png"), ["/b.txt"]),
    }
    for name, (expression, wanted) in expressions.items():
        assert images.filter(expression).to_path() == wanted, name
    assert images.filter(size > 0).skip(1).to_path() == ["/in/c.png"]


def test_what_is_no_filter_is_refused(images: Any) -> None:
    size = images.file_metadata("Size")
    with pytest.raises(UserErrorException, match="combine with &"):
        images.filter(size > 0 and size < 5)
    with pytest.raises(UserErrorException, match="a number of bytes"):
        _ = size > "5"
    with pytest.raises(UserErrorException, match="a datetime"):
        _ = images.file_metadata("LastModifiedTime") > "2019"
    with pytest.raises(UserErrorException, match="no expression"):
        images.filter(True)
    with pytest.raises(UserErrorException, match="no expression"):
        _ = (size > 0) & True
    with pytest.raises(UserErrorException, match="'Name'"):
        images.file_metadata("Name")
    for name in ("CreationTime", "CanSeek"):
        with pytest.raises(NotYetError, match=name):
            images.file_metadata(name)


def test_operations_that_were_applied_for_a_job_are_not_applied_again(images: Any) -> None:
    taken = images.skip(1)
    taken._staged = selected_files(images._files(), taken._definition["operations"])
    taken._applied = 1
    assert taken.to_path() == ["/b.txt", "/in/c.png"]
    assert taken.skip(1).to_path() == ["/in/c.png"]


def test_when_the_data_changed(images: Any, workspace: FakeWorkspace) -> None:
    assert images.data_changed_time == datetime.datetime(2020, 1, 1, tzinfo=UTC)
    assert images.filter(images.file_metadata("Size") > 1000).data_changed_time is None


# Mounts


def test_a_mount_is_a_folder_for_a_while(images: Any) -> None:
    with images.mount() as mounted:
        place = Path(mounted.mount_point)
        assert sorted(str(path.relative_to(place)) for path in place.rglob("*.*")) == ["a.png", "b.txt", "in/c.png"]
        assert (place / "in/c.png").read_bytes() == b"x" * 200
    assert not place.exists()
    assert images.to_path() == ["/a.png", "/b.txt", "/in/c.png"]


def test_a_mount_keeps_a_folder_that_was_there(images: Any, tmp_path: Path) -> None:
    place = tmp_path / "here"
    place.mkdir()
    mounted = images.take(1).mount(str(place))
    mounted.start()
    assert os.listdir(mounted.mount_point) == ["a.png"]
    with pytest.raises(UserErrorException, match="is mounted at"):
        mounted.start()
    mounted.stop()
    mounted.stop()
    assert list(place.iterdir()) == []
    (place / "mine").write_text("stays")
    with pytest.raises(UserErrorException, match="not empty"):
        images.mount(str(place)).start()
    assert [path.name for path in place.iterdir()] == ["mine"]


def test_a_mount_that_fails_leaves_nothing(workspace: FakeWorkspace, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (workspace.root / folder).mkdir()
        (workspace.root / folder / "same").write_text(folder)
    dataset = Dataset.File.from_files([(workspace.store, "one"), (workspace.store, "two")])
    with pytest.raises(UserErrorException, match="same name"):
        dataset.mount(str(tmp_path / "new")).start()
    assert not (tmp_path / "new").exists()
    mounted = dataset.mount()
    assert isinstance(mounted, DatasetContextManager)
    with pytest.raises(UserErrorException, match="not mounted"):
        _ = mounted.mount_point


# What is said of registered datasets


def registered(workspace: FakeWorkspace, images: Any) -> Any:
    """Register the images with a server that keeps one record."""
    record = {"id": "i", "version": 2, "name": "images", "definition": images._definition, "tags": {"a": "1"}}

    def change(body: dict[str, Any]) -> dict[str, Any]:
        record.update(body)
        return dict(record)

    workspace._api.replies["POST /datasets/registered"] = lambda body: dict(record)
    workspace._api.replies["PATCH /datasets/registered/images/2"] = change
    workspace._api.answers["/datasets/registered/images"] = lambda query: dict(record)
    return images.register(workspace, "images")


def test_tags_and_description_of_a_registered_dataset(workspace: FakeWorkspace, images: Any) -> None:
    dataset = registered(workspace, images)
    assert dataset.add_tags({"b": 2}).tags == {"a": "1", "b": "2"}
    assert dataset.remove_tags(["a", "gone"]).tags == {"b": "2"}
    assert dataset.update(description="what it holds").description == "what it holds"
    assert dataset.update(tags={"only": "this"}).tags == {"only": "this"}
    assert dataset.tags == {"only": "this"}
    dataset.unregister_all_versions()
    assert workspace._api.sent[-1][:2] == ("DELETE", "/datasets/registered/images")
    assert (dataset.name, dataset.version, dataset.id) == (None, None, "i")


def test_labels_of_what_is_not_registered_are_refused(images: Any) -> None:
    for call in (images.update, images.add_tags, images.remove_tags, images.unregister_all_versions):
        with pytest.raises(UserErrorException, match="not registered"):
            call()


# v1's deprecated objects


def test_deprecated_datasets_wrap_those_of_today(
    workspace: FakeWorkspace, images: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace.root / "rows.csv").write_bytes("a;b\n1;é\n2;y\n3;z\n".encode("latin-1"))
    (workspace.root / "more.tsv").write_text("a\tb\n4\tx\n")
    table = Dataset.from_delimited_files((workspace.store, "rows.csv"), separator=";", encoding=FileEncoding.LATIN1)
    assert isinstance(table.definition, TabularDataset)
    assert list(table.to_pandas_dataframe()["b"]) == ["é", "y", "z"]
    assert list(table.head(2)["a"]) == [1, 2]
    assert list(table.sample("top_n", {"n": 1}).to_pandas_dataframe()["a"]) == [1]
    assert len(table.sample("simple_random", {"probability": 0.5, "seed": 1}).to_pandas_dataframe()) < 4
    assert list(Dataset.auto_read_files((workspace.store, "more.tsv")).to_pandas_dataframe()["a"]) == [4]
    assert Dataset.from_binary_files((workspace.store, "img")).definition.to_path() == images.to_path()
    printed = capsys.readouterr().err
    assert "Dataset.from_delimited_files is deprecated, as in v1; use Dataset.Tabular.from_delimited_files" in printed
    assert (table.name, table.id, table.state, table.is_visible, table.definition_version) == (
        None,
        None,
        "active",
        True,
        None,
    )


def test_deprecated_datasets_are_registered_and_found(workspace: FakeWorkspace, images: Any) -> None:
    legacy = Dataset(images, workspace)  # type: ignore[arg-type]
    registered(workspace, images)
    found = legacy.register(workspace, "images", exist_ok=True)  # type: ignore[arg-type]
    assert (found.name, found.definition_version, found.id) == ("images", "2", "i")
    assert [body for method, _, body in workspace._api.sent if method == "POST"][1:] == []
    legacy.register(workspace, "images", update_if_exist=True)  # type: ignore[arg-type]
    assert workspace._api.sent[-1][2]["create_new_version"] is True
    assert Dataset.get(workspace, "images").definition.to_path() == images.to_path()  # type: ignore[arg-type]
    workspace._api.answers["/datasets"] = [found.definition._record]
    assert list(found.get_definitions()) == ["2"]
    assert found.get_definition("2").name == "images"
    assert found.get_definition() is found.definition
    assert found.update(description="new").description == "new"
    found.update_definition(images.take(1), "only one")
    assert workspace._api.sent[-1][2]["description"] == "only one"


def test_deprecated_datasets_refuse_what_they_lack(workspace: FakeWorkspace, images: Any) -> None:
    legacy = Dataset(images, workspace)  # type: ignore[arg-type]
    with pytest.raises(UserErrorException, match="is no table"):
        legacy.to_pandas_dataframe()
    with pytest.raises(UserErrorException, match="is no dataset"):
        Dataset("rows.csv")
    with pytest.raises(UserErrorException, match="a name or an id"):
        Dataset.get(workspace)  # type: ignore[arg-type]
    with pytest.raises(UserErrorException, match="needs the argument 'n'"):
        legacy.sample("top_n", {})
    with pytest.raises(UserErrorException, match="not registered"):
        legacy.update_definition(images, "x")
    for name, call in {
        "stratified": lambda: legacy.sample("stratified", {}),
        "auto_read_files": lambda: Dataset.auto_read_files((workspace.store, "img")),
        "skip_rows": lambda: Dataset.from_delimited_files((workspace.store, "img"), skip_rows=1),
        "visible": lambda: legacy.register(workspace, "x", visible=False),  # type: ignore[arg-type]
        "create_snapshot": lambda: legacy.create_snapshot("x"),
        "compare_profiles": lambda: legacy.compare_profiles(legacy),
        "from_excel_files": lambda: Dataset.from_excel_files("x"),
        "in_memory": lambda: Dataset.from_pandas_dataframe(None),
        "flatten_nested_arrays": lambda: Dataset.from_json_files("x", flatten_nested_arrays=True),
    }.items():
        with pytest.raises(NotYetError, match=name):
            call()


def test_python_knows_every_encoding() -> None:
    for encoding in FileEncoding:
        assert "a".encode(codec_of(encoding)).decode(codec_of(encoding)) == "a"


# Errors of datasets


def test_errors_of_datasets_are_those_of_v1(workspace: FakeWorkspace, tmp_path: Path) -> None:
    with pytest.raises(DatasetValidationError):
        Dataset.File.from_files((workspace.store, "missing"))
    (workspace.root / "rows.csv").write_text("a\n1\n")
    table = Dataset.Tabular.from_delimited_files((workspace.store, "rows.csv")).keep_columns("b")
    with pytest.raises(DatasetExecutionError, match="no column 'b'"):
        table.to_pandas_dataframe()
    cause = OSError("disk")
    assert DatasetExecutionError("cannot read", cause).inner_exception is cause
    assert isinstance(DatasetValidationError("x"), UserErrorException)


# Outputs


def test_linked_outputs(workspace: FakeWorkspace, images: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace.root / "rows.csv").write_text("a,b\n1,x\n2,y\n3,z\n")
    table = Dataset.Tabular.from_delimited_files((workspace.store, "rows.csv")).keep_columns("a").skip(1)
    monkeypatch.setenv("AZUREML_LINK_DATASET_OUTPUTS", "files;rows;again")
    monkeypatch.setenv("AZUREML_DATASET_FILE_OUTPUTS", "plain")
    for name in ("files", "rows", "again", "plain"):
        monkeypatch.setenv(name, str(tmp_path / name))
    outputs = OutputDatasets(workspace)
    assert sorted(outputs) == ["again", "files", "plain", "rows"]
    assert outputs["plain"] == str(tmp_path / "plain")
    outputs["files"].link(images.take(2))
    assert sorted(os.listdir(tmp_path / "files")) == ["a.png", "b.txt"]
    with pytest.raises(UserErrorException, match="linked before"):
        outputs["files"].link(images)
    with pytest.raises(UserErrorException, match="no dataset output 'other'"):
        outputs["other"].link(images)
    outputs["rows"].link(table)
    definition = {"type": "tabular", "locations": [], "reader": {"format": "linked"}, "operations": []}

    def read(name: str) -> TabularDataset:
        found = TabularDataset(definition, workspace)  # type: ignore[arg-type]
        found._staged = [(str(tmp_path / name), "")]
        return found

    assert read("rows").to_pandas_dataframe().to_dict("list") == {"a": [2, 3]}
    outputs["again"].link(read("rows").take(1))
    assert read("again").to_pandas_dataframe().to_dict("list") == {"a": [2]}
    with pytest.raises(DatasetExecutionError, match="not linked with a table"):
        read("files").to_pandas_dataframe()


def test_a_link_that_fails_leaves_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, images: Any) -> None:
    monkeypatch.setenv("AZUREML_LINK_DATASET_OUTPUTS", "files")
    monkeypatch.setenv("files", str(tmp_path / "files"))
    gone = images.take(1)
    gone._staged = [(str(tmp_path / "gone"), "gone")]
    with pytest.raises(FileNotFoundError):
        OutputDatasets()["files"].link(gone)
    assert not (tmp_path / "files").exists()
    with pytest.raises(UserErrorException, match="is no dataset"):
        OutputDatasets()["files"].link("path")


def test_ways_in_which_outputs_are_read() -> None:
    assert LinkFileOutputDatasetConfig("a").as_input().mode == "mount"
    assert LinkTabularOutputDatasetConfig("a").as_input("b").mode == "direct"
    assert HDFSOutputDatasetConfig("a", ("store", "path")).as_input().mode == "hdfs"
    table = OutputFileDatasetConfig("rows").read_delimited_files()
    first, second = table.random_split(0.5, seed=4)
    assert (first.name, second.name, table.name) == ("rows_1", "rows_2", "rows")
    assert (first.as_input().name, second.as_input().name) == ("input_rows_1", "input_rows_2")
    assert [part._reader["operations"][-1]["op"] for part in (first, second)] == ["split_first", "split_second"]


def test_records_of_databases(workspace: FakeWorkspace) -> None:
    parameter = StoredProcedureParameter("p", 1, StoredProcedureParameterType.from_str("int"))
    reference = SqlDataReference(workspace.store, "rows", sql_query="select 1", sql_stored_procedure_params=[parameter])
    assert (reference.data_reference_name, reference.sql_query, parameter.type.value) == ("rows", "select 1", "Int")
    assert StoredProcedureParameter("p", "x").type is StoredProcedureParameterType.String
    for call in (reference.path, reference.as_download, reference.as_mount, reference.to_config):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(ValueError, match="'Blob' is no type"):
        StoredProcedureParameterType.from_str("Blob")
