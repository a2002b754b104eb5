"""What is done to tables: filters, time, partitions, and other forms of them."""

from __future__ import annotations

import datetime
import gc
import os
import sys
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest
from tests.unit.sdk.fakes import FakeWorkspace
from tests.unit.sdk.tabling import Tables

from azud.sdk.data_types import DataType
from azud.sdk.dataset import FileDataset, staged_dataset
from azud.sdk.dataset_consumption import DatasetConsumptionConfig
from azud.sdk.exceptions import DatasetExecutionError, DatasetTimestampMissingError, UserErrorException
from azud.sdk.legacy_dataset import Dataset

UTC = datetime.UTC
ROWS = "a,b,t,when,ok\n1,5,x,2020-01-01,true\n2,2,,2020-01-02T12:00:00,false\n3,,yx,,\n4,1,zx,2020-01-04,true\n"


@pytest.fixture
def tables(workspace: FakeWorkspace) -> Tables:
    return Tables(workspace)


def read(dataset: Any, column: str = "a") -> list[Any]:
    values: list[Any] = dataset.to_pandas_dataframe()[column].tolist()
    return values


# Filters


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (lambda d: d["a"] > 2, [3, 4]),
        (lambda d: d["a"] >= 2.0, [2, 3, 4]),
        (lambda d: d["a"] < numpy.int64(2), [1]),
        (lambda d: d["a"] >= 3, [3, 4]),
        (lambda d: d["a"] == 3, [3]),
        (lambda d: d["a"] != 3, [1, 2, 4]),
        (lambda d: d["b"] != 5, [2, 4]),
        (lambda d: d["a"] > d["b"], [4]),
        (lambda d: d["a"] == d["b"], [2]),
        (lambda d: d["b"].is_null(), [3]),
        (lambda d: ~d["b"].is_null(), [1, 2, 4]),
        (lambda d: d["t"] == "x", [1]),
        (lambda d: d["t"] > "x", [3, 4]),
        (lambda d: d["t"].ends_with("x"), [1, 3, 4]),
        (lambda d: d["t"].starts_with("y"), [3]),
        (lambda d: d["t"].contains("z"), [4]),
        (lambda d: d["t"].contains("."), []),
        (lambda d: d["ok"] == True, [1, 4]),  # noqa: E712
        (lambda d: d["when"] > datetime.datetime(2020, 1, 2), [2, 4]),
        (lambda d: d["when"] <= datetime.date(2020, 1, 1), [1]),
        (
            lambda d: (
                d["when"] <= datetime.datetime(2020, 1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
            ),
            [1],
        ),
        (lambda d: d["when"] == pandas.Timestamp("2020-01-02T12:00:00"), [2]),
        (lambda d: (d["a"] > 1) & (d["b"] < 5), [2, 4]),
        (lambda d: (d["a"] == 1) | ~(d["b"] < 5), [1, 3]),
    ],
)
def test_rows_that_are_left(tables: Tables, make: Any, rows: list[int]) -> None:
    dataset = tables.csv(ROWS)
    assert read(dataset.filter(make(dataset))) == rows
    assert read(staged(dataset.filter(make(dataset)), tables)) == rows


def staged(dataset: Any, tables: Tables) -> Any:
    """Return the dataset as a job finds it: made of JSON, with local paths."""
    import json

    entry = {"definition": json.loads(json.dumps(dataset._definition)), "paths": [[str(tables.folder), ""]]}
    return staged_dataset(None, entry)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda d: d["a"] == "3", "column 'a' of numbers cannot be compared with '3'"),
        (lambda d: d["t"] > 3, "column 't' of texts cannot be compared with 3"),
        (lambda d: d["t"] > datetime.datetime(2020, 1, 1), "column 't' of texts.*set_column_types"),
        (lambda d: d["a"] == d["t"], "column 'a' of numbers cannot be compared with column 't' of texts"),
        (lambda d: d["A"] == 1, "filter: the table has no column 'A' .did you mean 'a'"),
    ],
)
def test_comparisons_that_mean_nothing(tables: Tables, make: Any, reason: str) -> None:
    dataset = tables.csv(ROWS)
    with pytest.raises(DatasetExecutionError, match=reason):
        dataset.filter(make(dataset)).to_pandas_dataframe()


def test_what_is_no_expression(tables: Tables) -> None:
    dataset = tables.csv(ROWS)
    files = Dataset.File.from_files(tables.place)
    for wrong in (True, "a > 3", dataset["a"]):
        with pytest.raises(UserErrorException, match="is no expression"):
            dataset.filter(wrong)
    with pytest.raises(UserErrorException, match="combine with &"):
        dataset.filter(dataset["a"] > 1 and dataset["a"] < 3)
    with pytest.raises(UserErrorException, match="neither true nor false"):
        bool(dataset["a"])
    with pytest.raises(UserErrorException, match="cannot be compared with"):
        dataset["a"] == [1, 2]  # noqa: B015
    with pytest.raises(UserErrorException, match="cannot be compared with nan"):
        dataset["a"] > numpy.float64("nan")  # noqa: B015
    with pytest.raises(UserErrorException, match="starts_with needs a text"):
        dataset["t"].starts_with(3)
    with pytest.raises(UserErrorException, match="is no name of a column"):
        dataset[["a", "b"]]
    with pytest.raises(UserErrorException, match="file_metadata is of file datasets"):
        dataset.filter(files.file_metadata("Size") > 3)
    with pytest.raises(UserErrorException, match="the files have no column 'a'"):
        files.filter(files["a"] == "x")


def test_operations_hold_in_their_order(tables: Tables) -> None:
    dataset = tables.csv("a,b\n" + "".join(f"{number},{number % 3}\n" for number in range(30)))
    odd = dataset.filter(dataset["b"] == 1)
    assert read(odd.skip(1).take(3)) == [4, 7, 10]
    assert read(dataset.take(6).filter(dataset["b"] == 1)) == [1, 4]
    assert read(dataset.skip(28).take(5)) == [28, 29]
    assert read(odd.keep_columns(["a"]).take(1)) == [1]
    assert read(dataset.take(0)) == []
    kept = dataset.keep_columns("a")
    with pytest.raises(DatasetExecutionError, match="filter: the table has no column 'b'"):
        kept.filter(dataset["b"] == 1).to_pandas_dataframe()
    with pytest.raises(DatasetExecutionError, match="keep_columns: the table has no column 'b'"):
        dataset.drop_columns("b").keep_columns("b").to_pandas_dataframe()


def test_random_parts_of_a_filtered_table(tables: Tables) -> None:
    dataset = tables.csv("a\n" + "".join(f"{number}\n" for number in range(200)))
    first, second = dataset.filter(dataset["a"] >= 100).random_split(0.5, seed=1)
    assert sorted(read(first) + read(second)) == list(range(100, 200))
    assert read(first) == read(first)
    assert read(dataset.take_sample(0.1, seed=2)) != read(dataset.take_sample(0.1, seed=3))


# Time


def moment(day: int, hour: int = 0) -> datetime.datetime:
    return datetime.datetime(2020, 1, day, hour)


def test_rows_of_a_time(tables: Tables) -> None:
    dataset = tables.csv(ROWS).with_timestamp_columns("when", validate=True)
    assert dataset.timestamp_columns == ("when", None)
    assert read(dataset.time_before(moment(2, 12))) == [1, 2]
    assert read(dataset.time_before(moment(2, 12), include_boundary=False)) == [1]
    assert read(dataset.time_after(moment(2, 12))) == [2, 4]
    assert read(dataset.time_after(moment(2, 12), include_boundary=False)) == [4]
    assert read(dataset.time_between(moment(1), moment(3))) == [1, 2]
    assert read(dataset.time_between(moment(1), moment(4), include_boundary=False)) == [2]
    assert read(dataset.time_after(moment(2).replace(tzinfo=UTC))) == [2, 4]
    assert read(dataset.time_recent(datetime.timedelta(days=1))) == []
    assert len(read(dataset.time_recent(datetime.timedelta(days=40_000)))) == 3


def test_timestamps_go_with_their_columns(tables: Tables) -> None:
    dataset = tables.csv(ROWS).with_timestamp_columns(fine_grain_timestamp="when", coarse_grain_timestamp="a")
    assert dataset.timestamp_columns == ("when", "a")
    assert dataset.keep_columns(["when", "b"]).timestamp_columns == ("when", None)
    assert dataset.drop_columns("when").timestamp_columns == (None, "a")
    assert dataset.with_timestamp_columns(None).timestamp_columns == (None, None)


def test_time_that_is_refused(tables: Tables) -> None:
    dataset = tables.csv(ROWS)
    with pytest.raises(DatasetTimestampMissingError, match="with_timestamp_columns"):
        dataset.time_before(moment(1))
    with pytest.raises(UserErrorException, match="both timestamps"):
        dataset.with_timestamp_columns("when", "when")
    with pytest.raises(UserErrorException, match="column 'a' holds no moments"):
        dataset.with_timestamp_columns("a", validate=True)
    with pytest.raises(UserErrorException, match="no column 'z'"):
        dataset.with_timestamp_columns("z", validate=True)
    with pytest.raises(UserErrorException, match="is no moment"):
        dataset.with_timestamp_columns("when").time_after("2020-01-01")


# Partitions


@pytest.fixture
def days(tables: Tables) -> Tables:
    for store in ("north", "south"):
        for day in (1, 2, 3):
            text = "n,at\n" + "".join(f"{day}{hour:02},2020-01-{day:02}T{hour:02}:00:00\n" for hour in (0, 12))
            tables.write(f"{store}/2020/01/{day:02}/data.csv", text)
    return tables


FORMAT = "/{store}/{day:yyyy/MM/dd}/data.csv"


def test_columns_in_paths(days: Tables) -> None:
    dataset = days.csv(partition_format=FORMAT, include_path=True)
    assert dataset.partition_keys == ["store", "day"]
    frame = dataset.to_pandas_dataframe()
    assert list(frame.columns) == ["Path", "store", "day", "n", "at"]
    assert frame["store"].unique().tolist() == ["north", "south"]
    assert frame["day"].dtype.kind == "M"
    assert frame["Path"][0] == "/north/2020/01/01/data.csv"
    assert list(dataset.keep_columns(["n", "day"]).to_pandas_dataframe().columns) == ["n", "day"]
    assert len(dataset.keep_columns("store").to_pandas_dataframe()) == 12
    assert dataset.get_partition_key_values(["store"]) == [{"store": "north"}, {"store": "south"}]
    assert dataset.get_partition_key_values()[0] == {"store": "north", "day": moment(1)}


def opened(dataset: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return which files are parsed."""
    found = []
    real = pandas.read_csv

    def read_csv(path: Any, *args: Any, **kwargs: Any) -> Any:
        found.append("/".join(Path(path).parts[-5:-1]))
        return real(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(pandas, "read_csv", read_csv)
        dataset.to_pandas_dataframe()
    return found


def test_files_whose_partition_is_not_asked_for_are_not_read(days: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = days.csv(partition_format=FORMAT)
    second = dataset.filter((dataset["store"] == "south") & (dataset["day"] == moment(2)))
    assert (read(second, "n"), opened(second, monkeypatch)) == ([200, 212], ["south/2020/01/02"])
    either = dataset.filter((dataset["day"] > moment(2)) & ((dataset["store"] == "north") | (dataset["n"] == 312)))
    assert (read(either, "n"), len(opened(either, monkeypatch))) == ([300, 312, 312], 2)
    counted = dataset.take(3).filter(dataset["store"] == "south")
    assert (read(counted, "n"), len(opened(counted, monkeypatch))) == ([], 2)
    timed = dataset.with_timestamp_columns("at", "day").time_between(moment(1, 12), moment(2))
    assert (read(timed, "n"), len(opened(timed, monkeypatch))) == ([112, 200] * 2, 4)
    assert timed.get_partition_key_values(["day"]) == [{"day": moment(1)}, {"day": moment(2)}]
    coarse = dataset.with_timestamp_columns(partition_timestamp="day").time_after(moment(3))
    assert (read(coarse, "n"), len(opened(coarse, monkeypatch))) == ([300, 312] * 2, 2)


def test_files_of_a_partition(days: Tables) -> None:
    files = Dataset.File.from_files(days.place, partition_format=FORMAT)
    assert files.filter((files["store"] == "south") & (files["day"] >= moment(3))).to_path() == [
        "/south/2020/01/03/data.csv"
    ]
    small = files.filter((files["day"] == moment(1)) & (files.file_metadata("Size") > 1))
    assert small.get_partition_key_values(["store"]) == [{"store": "north"}, {"store": "south"}]
    entry = {"definition": files.filter(files["store"] == "north")._definition, "paths": [[str(days.folder), ""]]}
    job = staged_dataset(None, entry)
    assert len(job.to_path()) == 6, "what was laid out for the job was selected before"
    assert len(job.filter(job["day"] == moment(1)).to_path()) == 2


def test_partitions_that_are_refused(days: Tables) -> None:
    with pytest.raises(UserErrorException, match="does not fit partition_format"):
        days.csv(partition_format="/{store}/{day:yyyy-MM-dd}/data.csv")
    with pytest.raises(UserErrorException, match="names no column"):
        Dataset.File.from_files(days.place, partition_format="data.csv")
    with pytest.raises(UserErrorException, match="no partition columns"):
        days.csv().get_partition_key_values()
    with pytest.raises(UserErrorException, match=r"'n' is no partition column .they are: store, day"):
        days.csv(partition_format=FORMAT).get_partition_key_values(["n"])
    assert days.csv().partition_keys == []


# Other forms


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet"])
def test_a_table_as_files(tables: Tables, tmp_path: Path, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    dataset = tables.csv(ROWS)
    dataset = dataset.filter(dataset["a"] > 1)
    options = {"separator": "\t"} if form == "tsv" else {}
    files = dataset.to_parquet_files() if form == "parquet" else dataset.to_csv_files(**options)
    assert isinstance(files, FileDataset)
    (path,) = files.download(str(tmp_path / "out"))
    back = pandas.read_parquet(path) if form == "parquet" else pandas.read_csv(path, sep="\t" if form == "tsv" else ",")
    assert back["a"].tolist() == [2, 3, 4]
    assert files.to_path() == [f"/part-00000.{'parquet' if form == 'parquet' else 'csv'}"]
    with files.mount() as mounted:
        assert os.listdir(mounted.mount_point) == [os.path.basename(path)]


def test_the_files_go_with_the_last_dataset_of_them(tables: Tables) -> None:
    files = tables.csv(ROWS).to_csv_files()
    part = files.take(1)
    folder = os.path.dirname(part._files()[0][0])
    del files
    gc.collect()
    assert os.listdir(folder) == ["part-00000.csv"]
    del part
    gc.collect()
    assert not os.path.exists(folder)


def test_files_that_could_not_be_written_leave_no_folder(tables: Tables, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    files = tables.csv("a\n1\n").keep_columns("z").to_csv_files()
    for _ in range(2):
        with pytest.raises(DatasetExecutionError, match="no column 'z'"):
            files.to_path()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("azud-table")] == []


def test_an_empty_table_as_files_has_its_header(tables: Tables) -> None:
    dataset = tables.csv(ROWS)
    files = dataset.filter(dataset["a"] > 9).to_csv_files()
    with open(files._files()[0][0]) as stream:
        assert stream.read() == "a,b,t,when,ok\n"


def test_temporary_files_are_no_input(tables: Tables) -> None:
    files = tables.csv(ROWS).to_csv_files()
    for refused in (
        lambda: files.as_named_input("x"),
        files.as_mount,
        lambda: DatasetConsumptionConfig("x", files.skip(0)),
        lambda: files.register(tables.workspace, "x"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UserErrorException, match="these files are temporary"):
            refused()


@pytest.mark.parametrize(
    ("method", "library", "hint"),
    [("to_dask_dataframe", "dask", "dask.dataframe"), ("to_spark_dataframe", "pyspark", "pip install pyspark")],
)
def test_libraries_that_are_not_there(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, method: str, library: str, hint: str
) -> None:
    for name in (library, "dask.dataframe", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UserErrorException, match=rf"{library} is not installed in .*, which {method}.*{hint}"):
        getattr(tables.csv(ROWS), method)()


def test_files_that_a_column_names(tables: Tables, tmp_path: Path) -> None:
    images = tables.workspace.root / "img"
    (images / "a b").mkdir(parents=True)
    (images / "a b" / "x[1].png").write_text("one")
    (images / "y%20.png").write_text("two")
    text = "file\nAmlDatastore://workspaceblobstore/img/a b/x[1].png\nworkspaceblobstore/img/y%20.png\n\n"
    text += "workspaceblobstore/img/gone.png\n"
    types = {"file": DataType.to_stream(tables.workspace)}
    dataset = tables.csv(text, set_column_types=types)
    found = dataset.download("file", str(tmp_path / "out"))
    assert [os.path.relpath(path, tmp_path / "out") for path in found] == ["img/a b/x[1].png", "img/y%20.png"]
    assert Path(found[0]).read_text() == "one"
    with pytest.raises(UserErrorException, match=r"no file 'workspaceblobstore/img/gone\.png'"):
        dataset.download("file", str(tmp_path / "again"), ignore_not_found=False)
    with dataset.take(2).mount("file") as mounted:
        assert Path(mounted.mount_point, "img/y%20.png").read_text() == "two"
    escaped = tables.csv(
        "file\nworkspaceblobstore/img/a%20b/x%5B1%5D.png\n", set_column_types={"file": DataType.to_stream(None, True)}
    )
    assert len(escaped.download("file", str(tmp_path / "third"))) == 1


@pytest.mark.parametrize("cell", ["plain.png", "workspaceblobstore/../../etc/passwd", "https://x.org/a.png"])
def test_cells_that_name_no_file(tables: Tables, tmp_path: Path, cell: str) -> None:
    dataset = tables.csv(f"file\n{cell}\n", set_column_types={"file": DataType.to_stream(None)})
    with pytest.raises(UserErrorException):
        dataset.download("file", str(tmp_path / "out"))
    with pytest.raises(UserErrorException, match=r"column 'n' is no column of files.*to_stream"):
        tables.csv("n\n1\n").download("n")


def test_part_of_a_folder_is_uploaded(tables: Tables, tmp_path: Path) -> None:
    for name in ("a.csv", "b.txt", "in/c.csv"):
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text(name)
    store = tables.workspace.store
    some = Dataset.File.upload_directory(str(tmp_path / "src"), (store, "up"), pattern="*.csv", show_progress=False)
    assert some.to_path() == ["/a.csv"]
    deep = Dataset.File.upload_directory(
        str(tmp_path / "src"), (store, "deep"), pattern="**/*.csv", show_progress=False
    )
    assert deep.to_path() == ["/a.csv", "/in/c.csv"]
    with pytest.raises(UserErrorException, match="matches"):
        Dataset.File.upload_directory(str(tmp_path / "src"), (store, "up"), pattern="*.png")
    with pytest.raises(UserErrorException, match="is no folder"):
        Dataset.File.upload_directory(str(tmp_path / "gone"), (store, "up"), pattern="*")


def test_many_small_files_become_few(tables: Tables) -> None:
    dataset = tables.csv(*[f"a\n{number}\n" for number in range(30)])
    files = dataset.to_csv_files()
    assert files.to_path() == ["/part-00000.csv"]
    assert sorted(pandas.read_csv(files._files()[0][0])["a"]) == list(range(30))
