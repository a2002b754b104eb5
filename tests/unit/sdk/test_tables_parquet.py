"""Parquet files: columns and row groups that are not needed are not read, broken files are named."""

from __future__ import annotations

import datetime
import os
import sys
from typing import Any

import pandas
import pytest
from tests.unit.sdk.fakes import FakeWorkspace
from tests.unit.sdk.tabling import Tables, bytes_read

from azud.sdk.data_types import DataType
from azud.sdk.exceptions import DatasetExecutionError, UserErrorException
from azud.sdk.legacy_dataset import Dataset

pytest.importorskip("pyarrow")


@pytest.fixture
def tables(workspace: FakeWorkspace) -> Tables:
    return Tables(workspace)


def frame_of(start: int, stop: int, **more: Any) -> Any:
    numbers = range(start, stop)
    day = datetime.datetime(2020, 1, 1)
    columns = {
        "n": list(numbers),
        "f": [number / 2 for number in numbers],
        "t": [f"name {number}" for number in numbers],
        "when": [day + datetime.timedelta(days=number) for number in numbers],
    }
    return pandas.DataFrame({**columns, **more})


def test_files_are_one_table(tables: Tables) -> None:
    dataset = tables.parquet(frame_of(0, 3), frame_of(3, 5), include_path=True)
    frame = dataset.to_pandas_dataframe()
    assert list(frame.columns) == ["Path", "n", "f", "t", "when"]
    assert frame["n"].tolist() == [0, 1, 2, 3, 4]
    assert frame["Path"].tolist() == ["/0.parquet"] * 3 + ["/1.parquet"] * 2
    assert [frame[name].dtype.kind for name in ("n", "f", "when")] == ["i", "f", "M"]


def test_files_of_other_columns_are_combined(tables: Tables) -> None:
    frame = tables.parquet(frame_of(0, 1), frame_of(1, 2, more=["x"])).to_pandas_dataframe()
    assert list(frame.columns) == ["n", "f", "t", "when", "more"]
    assert frame["more"].isna().tolist() == [True, False]


def test_types_that_are_set(tables: Tables) -> None:
    types = {"n": DataType.to_string(), "t": DataType.to_datetime(), "f": DataType.to_long()}
    days = pandas.DataFrame({"n": [1, 2], "t": ["2020-01-02", "x"], "f": [1.0, 2.5]})
    dataset = tables.parquet(days, set_column_types=types)
    frame = dataset.to_pandas_dataframe()
    assert frame["n"].tolist() == ["1", "2"]
    assert frame["t"][0] == datetime.datetime(2020, 1, 2)
    assert (frame["f"][0], pandas.isna(frame["f"][1])) == (1, True)
    assert dataset.filter(dataset["n"] == "2").to_pandas_dataframe()["n"].tolist() == ["2"]


def test_columns_that_are_not_needed_are_not_read(tables: Tables) -> None:
    wide = frame_of(0, 20_000, blob=[os.urandom(400).hex() for _ in range(20_000)])
    dataset = tables.parquet(wide)
    size = (tables.folder / "0.parquet").stat().st_size
    before = bytes_read()
    frame = dataset.keep_columns(["t", "n"]).to_pandas_dataframe()
    assert (list(frame.columns), len(frame)) == (["t", "n"], 20_000)
    assert bytes_read() - before < size / 5


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (lambda d: d["n"] == 19_999, [19_999]),
        (lambda d: (d["n"] > 19_990) & (d["f"] < 9_996), [19_991]),
        (lambda d: d["when"] >= datetime.datetime(2020, 1, 1) + datetime.timedelta(days=19_998), [19_998, 19_999]),
        (lambda d: (d["t"] == "name 3") | (d["n"] > 19_998), [3, 19_999]),
        (lambda d: ~(d["n"] < 19_999), [19_999]),
        (lambda d: d["n"] > 30_000, []),
    ],
)
def test_row_groups_that_cannot_hold_what_is_asked_for_are_not_read(tables: Tables, make: Any, rows: list[int]) -> None:
    blob = [os.urandom(100).hex() for _ in range(20_000)]
    dataset = tables.parquet(frame_of(0, 20_000, blob=blob), row_group_size=1_000)
    size = (tables.folder / "0.parquet").stat().st_size
    before = bytes_read()
    frame = dataset.filter(make(dataset)).to_pandas_dataframe()
    assert frame["n"].tolist() == rows
    assert bytes_read() - before < size / 3


def test_rows_are_counted_before_they_are_filtered(tables: Tables) -> None:
    dataset = tables.parquet(frame_of(0, 100), row_group_size=10)
    taken = dataset.skip(5).take(10)
    assert taken.filter(taken["n"] > 12).to_pandas_dataframe()["n"].tolist() == [13, 14]
    assert dataset.filter(dataset["n"] > 12).take(2).to_pandas_dataframe()["n"].tolist() == [13, 14]


def test_missing_cells_and_time_zones(tables: Tables) -> None:
    moments = pandas.to_datetime(["2020-01-01T12:00:00", None, "2020-01-03T00:00:00"]).tz_localize("Europe/Berlin")
    dataset = tables.parquet(pandas.DataFrame({"when": moments, "n": [1.0, None, 3.0], "t": ["a", None, "c"]}))
    early = dataset["when"] <= datetime.datetime(2020, 1, 1, 11, tzinfo=datetime.UTC)
    assert dataset.filter(early).to_pandas_dataframe()["n"].tolist() == [1.0]
    assert len(dataset.filter(dataset["n"] != 1).to_pandas_dataframe()) == 1
    assert len(dataset.filter(dataset["t"].is_null()).to_pandas_dataframe()) == 1
    assert len(dataset.filter(dataset["t"] == None).to_pandas_dataframe()) == 1  # noqa: E711
    assert len(dataset.filter(dataset["t"] != None).to_pandas_dataframe()) == 2  # noqa: E711


def test_categories_compare_as_what_they_stand_for(tables: Tables) -> None:
    dataset = tables.parquet(pandas.DataFrame({"c": pandas.Categorical(["x", "y", None])}))
    assert dataset.filter(dataset["c"] == "y").to_pandas_dataframe()["c"].tolist() == ["y"]


def test_an_index_in_a_file_is_a_column(tables: Tables) -> None:
    dataset = tables.parquet(pandas.DataFrame({"a": [1]}, index=pandas.Index([7], name="key")))
    assert dataset.to_pandas_dataframe().to_dict("list") == {"a": [1], "key": [7]}


def test_empty_files(tables: Tables) -> None:
    frame = tables.parquet(frame_of(0, 0), frame_of(0, 0)).to_pandas_dataframe()
    assert (len(frame), list(frame.columns)) == (0, ["n", "f", "t", "when"])
    assert frame["n"].dtype.kind == "i" or len(frame) == 0


@pytest.mark.parametrize("keep", [0, 3, 0.5, 0.99])
@pytest.mark.parametrize("filtered", [False, True])
def test_a_file_cut_in_half_is_named(tables: Tables, keep: float, filtered: bool) -> None:
    dataset = tables.parquet(frame_of(0, 1000), frame_of(1000, 2000))
    path = tables.folder / "1.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep if keep >= 1 else keep * len(whole))])
    dataset = dataset.filter(dataset["n"] > 3) if filtered else dataset
    with pytest.raises(DatasetExecutionError, match=r"1\.parquet cannot be read as parquet: .*is the file whole"):
        dataset.to_pandas_dataframe()


def test_damage_in_the_middle_is_named(tables: Tables) -> None:
    dataset = tables.parquet(frame_of(0, 1000))
    path = tables.folder / "0.parquet"
    content = bytearray(path.read_bytes())
    content[4:600] = b"\xff" * 596
    path.write_bytes(content)
    with pytest.raises(DatasetExecutionError, match=r"0\.parquet cannot be read as parquet"):
        dataset.to_pandas_dataframe()


def test_a_column_that_is_not_there(tables: Tables) -> None:
    dataset = tables.parquet(frame_of(0, 1))
    with pytest.raises(DatasetExecutionError, match=r"keep_columns: the table has no column 'N'.*did you mean 'n'"):
        dataset.keep_columns("N").to_pandas_dataframe()
    with pytest.raises(DatasetExecutionError, match=r"no column 'z'.*its columns: n, f, t, when"):
        dataset.keep_columns("z", validate=True)


def test_without_pyarrow(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = tables.parquet(frame_of(0, 1))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setattr("azud.sdk.tables.parquet.has_fastparquet", lambda: False)
    with pytest.raises(UserErrorException, match=r"pyarrow is not installed in .*pip install pyarrow"):
        dataset.to_pandas_dataframe()


# Written to a datastore


@pytest.fixture
def registering(tables: Tables) -> Tables:
    def register(body: dict[str, Any]) -> dict[str, Any]:
        return {"id": "i", "version": 1, "definition": body["definition"], "name": body["name"], "tags": body["tags"]}

    tables.workspace._api.replies["POST /datasets/registered"] = register
    return tables


@pytest.mark.parametrize("form", ["tuple", "datastore", "path"])
def test_registering_a_frame(registering: Tables, form: str) -> None:
    store = registering.workspace.store
    target = {"tuple": (store, "frames"), "datastore": store, "path": store.path("frames")}[form]
    frame = frame_of(0, 100)
    for _ in range(2):
        found = Dataset.Tabular.register_pandas_dataframe(
            frame,
            target,
            "numbers",
            tags={"a": 1},
            row_group_size=10,
            show_progress=False,  # type: ignore[dict-item]
        )
        assert (found.name, found.tags) == ("numbers", {"a": "1"})
        pandas.testing.assert_frame_equal(found.to_pandas_dataframe(), frame, check_dtype=False)
    import pyarrow.parquet

    written = sorted(registering.workspace.root.rglob("*.parquet"))
    assert len(written) == 2, "each into a folder of its own"
    assert pyarrow.parquet.ParquetFile(written[0]).num_row_groups == 10


def test_a_frame_that_replaces_the_last_one(registering: Tables) -> None:
    for count in (3, 2):
        found = Dataset.Tabular.register_pandas_dataframe(
            frame_of(0, count),
            (registering.workspace.store, "f"),
            "x",
            show_progress=False,
            make_target_path_unique=False,
        )
        assert len(found.to_pandas_dataframe()) == count
    assert len(list(registering.workspace.root.rglob("*.parquet"))) == 1


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ([1, 2], "a list is no pandas DataFrame"),
        (pandas.DataFrame([[1, 2]]), "column 0 of the DataFrame has no text"),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), "column 'a' of the DataFrame is there twice"),
        (pandas.DataFrame({"a": [1, "x"]}), "cannot be written as parquet"),
    ],
    ids=["list", "number", "twice", "mixed"],
)
def test_frames_that_cannot_be_registered(registering: Tables, frame: Any, reason: str) -> None:
    with pytest.raises(UserErrorException, match=reason):
        Dataset.Tabular.register_pandas_dataframe(frame, registering.workspace.store, "x", show_progress=False)
    assert list(registering.workspace.root.rglob("*.parquet")) == []


def test_deprecated_ways(registering: Tables) -> None:
    made = Dataset.from_pandas_dataframe(frame_of(0, 3), (registering.workspace.store, "old"))
    assert made.to_pandas_dataframe()["n"].tolist() == [0, 1, 2]
    again = Dataset.from_parquet_files((registering.workspace.store, "old/**/*.parquet"), include_path=True)
    assert again.head(1)["n"].tolist() == [0]
    assert Dataset.auto_read_files((registering.workspace.store, "old/*/part-00000.parquet")).head(5).shape == (3, 4)


def test_parts_of_a_partitioned_table(registering: Tables) -> None:
    frame = pandas.DataFrame(
        {
            "store": ["north", "south", "north", "ü 100%"],
            "day": pandas.to_datetime(["2020-01-01", "2020-01-01", "2020-01-02", "2020-01-02"]),
            "n": [1, 2, 3, 4],
        }
    )
    dataset = registering.parquet(frame)
    place = (registering.workspace.store, "by")
    made = dataset.partition_by(["store", "day"], place, name="by-store", show_progress=False)
    assert (made.name, made.partition_keys) == ("by-store", ["store", "day"])
    assert made.get_partition_key_values(["store"]) == [{"store": "north"}, {"store": "south"}, {"store": "ü 100%"}]
    assert len(made.get_partition_key_values()) == 4
    back = made.to_pandas_dataframe().sort_values("n", ignore_index=True)
    assert list(back.columns) == ["store", "day", "n"]
    pandas.testing.assert_frame_equal(back, frame, check_dtype=False)
    north = made.filter((made["store"] == "north") & (made["day"] > datetime.datetime(2020, 1, 1)))
    assert north.to_pandas_dataframe()["n"].tolist() == [3]
    assert north.get_partition_key_values(["day"]) == [{"day": datetime.datetime(2020, 1, 2)}]
    files = dataset.partition_by(["n"], place, show_progress=False, partition_as_file_dataset=True)
    assert files.partition_keys == ["n"]
    assert [path.split("/")[1] for path in files.filter(files["n"] == "3").to_path()] == ["3"]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([], "partition_keys"),
        (["a", "a"], "partition_keys"),
        (["z"], "no column 'z'"),
        (["a", "b"], "every column"),
        (["a"], "cannot be the name of a folder"),
    ],
)
@pytest.mark.parametrize("value", ["x/y", "..", "", None])
def test_what_cannot_be_partitioned(registering: Tables, keys: list[str], reason: str, value: Any) -> None:
    dataset = registering.parquet(pandas.DataFrame({"a": ["x", value], "b": [1, 2]}))
    with pytest.raises(UserErrorException, match=reason):
        dataset.partition_by(keys, (registering.workspace.store, "by"), show_progress=False)
    assert not (registering.workspace.root / "by").exists()
