"""JSON lines: types, broken lines, columns that come late."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas
import pytest
from tests.unit.sdk.fakes import FakeWorkspace
from tests.unit.sdk.tabling import Tables, bytes_read

from azud.sdk.data_types import DataType, FileEncoding
from azud.sdk.exceptions import DatasetExecutionError, UserErrorException
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.tables import columns, json_lines


@pytest.fixture
def tables(workspace: FakeWorkspace) -> Tables:
    return Tables(workspace)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_types_are_those_of_json(tables: Tables) -> None:
    rows = [
        {"i": 1, "f": 1.5, "b": True, "t": "007", "n": 1, "m": "2020-01-02", "o": {"x": [1]}, "mix": 1, "never": None},
        {"i": 2, "f": 2, "b": False, "t": "", "n": None, "m": "x", "o": None, "mix": "a", "never": None},
    ]
    frame = tables.json(lines(rows[0]), lines(rows[1])).to_pandas_dataframe()
    kinds = {name: frame[name].dtype.kind for name in frame}
    assert {name: kinds[name] for name in "ifbn"} == {"i": "i", "f": "f", "b": "b", "n": "f"}
    assert frame["t"].tolist() == ["007", ""]
    assert math.isnan(frame["n"][1])
    assert frame["o"][0] == {"x": [1]}
    assert frame["mix"].tolist() == [1, "a"]
    assert frame["never"].isna().all()


def test_columns_that_come_late(tables: Tables) -> None:
    dataset = tables.json(lines({"a": 1}), lines({"b": "x", "a": 2}, {"c": True}))
    frame = dataset.to_pandas_dataframe()
    assert list(frame.columns) == ["a", "b", "c"]
    assert frame["b"].isna().tolist() == [True, False, True]
    assert dataset.filter(dataset["b"] == "x").to_pandas_dataframe()["a"].tolist() == [2]
    assert list(dataset.drop_columns("b").to_pandas_dataframe().columns) == ["a", "c"]
    with pytest.raises(DatasetExecutionError, match=r"filter: the table has no column 'z'.*a, b, c"):
        dataset.filter(dataset["z"] > 1).to_pandas_dataframe()


@pytest.mark.parametrize("line", ['{"a": ', "[1]", "3", '"x"', "{'a': 1}", '{"a": 1} {"a": 2}'])
def test_lines_that_are_no_objects(tables: Tables, line: str) -> None:
    text = '{"a": 1}\n\n' + line + '\n{"a": 2}\n'
    with pytest.raises(DatasetExecutionError, match=r"line 3 of .*0\.jsonl is no JSON object.*invalid_lines='drop'"):
        tables.json(text).to_pandas_dataframe()
    assert tables.json(text, invalid_lines="drop").to_pandas_dataframe()["a"].tolist() == [1, 2]
    with pytest.raises(UserErrorException, match="invalid_lines 'skip'"):
        tables.json(invalid_lines="skip")


@pytest.mark.parametrize("encoding", ["utf8bom", "utf16", "windows1252"])
def test_encodings(tables: Tables, encoding: str) -> None:
    codec = {"utf8bom": "utf-8-sig", "utf16": "utf-16", "windows1252": "cp1252"}[encoding]
    text = '{"größe": "ä"}\n'.encode(codec)
    assert tables.json(text, encoding=encoding).to_pandas_dataframe().to_dict("list") == {"größe": ["ä"]}
    with pytest.raises(DatasetExecutionError, match=r"line 2 of .*0\.jsonl is not written in utf-8"):
        tables.json(b'{"a": 1}\n{"a": "\xe4"}\n').to_pandas_dataframe()


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_files_without_rows(tables: Tables, text: str) -> None:
    assert tables.json(text).to_pandas_dataframe().shape == (0, 0)


def test_types_that_are_set(tables: Tables) -> None:
    types = {"a": DataType.to_string(), "b": DataType.to_long(), "c": DataType.to_datetime("%d.%m.%Y")}
    rows = [{"a": 1, "b": "7", "c": "02.01.2020"}, {"a": True, "b": 1.5, "c": 5}]
    frame = tables.json(lines(*rows), set_column_types=types).to_pandas_dataframe()
    assert frame["a"].tolist() == ["1", "True"]
    assert (frame["b"][0], pandas.isna(frame["b"][1])) == (7, True)
    assert (str(frame["c"][0]), pandas.isna(frame["c"][1])) == ("2020-01-02 00:00:00", True)
    with pytest.raises(DatasetExecutionError, match="no column 'z'"):
        tables.json(lines(*rows), set_column_types={"z": DataType.to_long()}).to_pandas_dataframe()


def test_the_path_is_a_column(tables: Tables) -> None:
    frame = tables.json(lines({"a": 1}), lines({"a": 2}), include_path=True).to_pandas_dataframe()
    assert frame.to_dict("list") == {"Path": ["/0.jsonl", "/1.jsonl"], "a": [1, 2]}


def test_a_few_rows_are_read_without_the_rest(tables: Tables) -> None:
    dataset = tables.json(lines(*[{"a": number, "b": "x" * 50} for number in range(100_000)]))
    size = (tables.folder / "0.jsonl").stat().st_size
    before = bytes_read()
    assert dataset.filter(dataset["a"] > 3).take(2).to_pandas_dataframe()["a"].tolist() == [4, 5]
    assert bytes_read() - before < size / 5


def test_parts_have_the_types_of_the_whole(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_PART_CELLS", 1)
    monkeypatch.setattr(json_lines, "_ROWS", 2)
    monkeypatch.setattr(json_lines, "_FIRST_ROWS", 2)
    rows = [{"i": n, "f": n, "b": None, "m": n} for n in range(2)]
    rows += [{"i": 2, "f": 0.5, "b": True, "m": "x"}, {"i": 3, "f": 1, "b": False, "m": 2, "late": 1}]
    dataset = tables.json(lines(*rows))
    parts = list(dataset._parts())
    assert [len(part) for part in parts] == [2, 2]
    assert len({tuple(part.dtypes.astype(str)) for part in parts}) == 1
    pandas.testing.assert_frame_equal(pandas.concat(parts, ignore_index=True), dataset.to_pandas_dataframe())


def test_files_with_an_array(tables: Tables) -> None:
    tables.write("a.json", json.dumps([{"a": 1, "b": "x"}, {"a": 2}]))
    tables.write("b.json", '{"a": 3}')
    made = Dataset.from_json_files(tables.place)
    assert made.to_pandas_dataframe()["a"].tolist() == [1, 2, 3]
    tables.write("c.json", "[1]")
    with pytest.raises(DatasetExecutionError, match=r"item 1 of .*c\.json is no JSON object"):
        Dataset.from_json_files(tables.place, encoding=FileEncoding.UTF8).to_pandas_dataframe()
    tables.write("c.json", "[{")
    with pytest.raises(DatasetExecutionError, match=r"c\.json is no JSON"):
        Dataset.from_json_files(tables.place).to_pandas_dataframe()
