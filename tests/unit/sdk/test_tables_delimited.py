"""Delimited files: what is read of them, and what is said of those that are broken."""

from __future__ import annotations

import csv
import datetime
import io
import random
from typing import Any

import pandas
import pytest
from tests.unit.sdk.fakes import FakeWorkspace
from tests.unit.sdk.tabling import Tables, bytes_read

from azud.sdk.data_types import DataType, PromoteHeadersBehavior
from azud.sdk.exceptions import DatasetExecutionError, UserErrorException
from azud.sdk.tables import columns, delimited, source


@pytest.fixture
def tables(workspace: FakeWorkspace) -> Tables:
    return Tables(workspace)


def cells(frame: Any) -> list[list[Any]]:
    return [[None if pandas.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object).tolist()]


# Encodings, separators, quotes


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf8", "utf-8"),
        ("utf8", "utf-8-sig"),
        ("utf8bom", "utf-8-sig"),
        ("utf16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf32", "utf-32"),
        ("iso88591", "iso8859-1"),
        ("latin1", "latin-1"),
        ("windows1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("header", [True, False])
def test_encodings(tables: Tables, encoding: str, codec: str, header: bool) -> None:
    text = ("" if not header else "größe,b\n") + "ä,1\nö,2\n"
    frame = tables.csv(text.encode(codec), encoding=encoding, header=header).to_pandas_dataframe()
    assert list(frame.columns) == (["größe", "b"] if header else ["Column1", "Column2"])
    assert cells(frame) == [["ä", 1], ["ö", 2]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "||", "<sep>", ".*", " "])
def test_separators(tables: Tables, separator: str) -> None:
    rows = [["a", "b", "c"], ["x", "1", "2.5"], ["y", "2", ""]]
    text = "".join(separator.join(row) + "\n" for row in rows)
    frame = tables.csv(text, separator=separator).to_pandas_dataframe()
    assert [str(kind) for kind in frame.dtypes][1:] == ["int64", "float64"]
    assert cells(frame) == [["x", 1, 2.5], ["y", 2, None]]


def test_quotes(tables: Tables) -> None:
    text = 'a,b\n"x,y","say ""hi"""\n"two\nlines",z\n'
    frame = tables.csv(text, support_multi_line=True).to_pandas_dataframe()
    assert cells(frame) == [["x,y", 'say "hi"'], ["two\nlines", "z"]]


def test_line_ends(tables: Tables) -> None:
    assert cells(tables.csv("a,b\r\n1,2\r\n\r\n3,4").to_pandas_dataframe()) == [[1, 2], [3, 4]]


# Headers


def test_names_of_columns(tables: Tables) -> None:
    frame = tables.csv("a,A,a,,b c,50%,ü\n1,2,3,4,5,6,7\n").to_pandas_dataframe()
    assert list(frame.columns) == ["a", "A", "a.1", "Column4", "b c", "50%", "ü"]
    table = tables.csv("a,A,a,,b c,50%,ü\n1,2,3,4,5,6,7\n")
    assert cells(table.keep_columns(["50%", "A", "a.1"]).to_pandas_dataframe()) == [[6, 2, 3]]


def test_columns_in_another_order_are_read_by_their_names(tables: Tables) -> None:
    frame = tables.csv("a,b\n1,x\n", "b,a\ny,2\n").to_pandas_dataframe()
    assert cells(frame) == [[1, "x"], [2, "y"]]


def test_files_of_other_columns(tables: Tables) -> None:
    with pytest.raises(DatasetExecutionError, match=r"1\.csv has 1 columns, .*0\.csv has 2"):
        tables.csv("a,b\n1,x\n", "b\ny\n").to_pandas_dataframe()
    combined = tables.csv("a,b\n1,x\n", "b,c\ny,2\n", header=PromoteHeadersBehavior.COMBINE_ALL_FILES_HEADERS)
    frame = combined.to_pandas_dataframe()
    assert list(frame.columns) == ["a", "b", "c"]
    assert cells(frame) == [[1.0, "x", None], [None, "y", 2.0]]


def test_headers_where_the_first_file_is_empty(tables: Tables) -> None:
    only_first = PromoteHeadersBehavior.ONLY_FIRST_FILE_HAS_HEADERS
    assert cells(tables.csv("", "a,b\n1,2\n", "3,4\n", header=only_first).to_pandas_dataframe()) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("text", ["", "\n\n", "   \n"])
def test_files_without_anything(tables: Tables, text: str) -> None:
    assert tables.csv(text).to_pandas_dataframe().shape == (0, 0)
    assert tables.csv(text, "a\n1\n").to_pandas_dataframe()["a"].tolist() == [1]


def test_files_of_a_header_only(tables: Tables) -> None:
    frame = tables.csv("a,b\n").to_pandas_dataframe()
    assert (list(frame.columns), len(frame)) == (["a", "b"], 0)
    both = tables.csv("a,b\n", "a,b\n1,x\n").to_pandas_dataframe()
    assert (str(both["a"].dtype), cells(both)) == ("int64", [[1, "x"]])


# Types


def test_what_pandas_would_type_otherwise(tables: Tables) -> None:
    text = "na,big,bool,mixed,far,never\n1,9223372036854775808,tRuE,true,9999-12-31,2020-02-30\n"
    text += "NA,1,false,1,2020-01-02,x\n"
    frame = tables.csv(text).to_pandas_dataframe()
    assert (str(frame["na"].dtype), cells(frame[["na"]])) == ("float64", [[1.0], [None]])
    assert (str(frame["big"].dtype), frame["big"][0]) == ("float64", 9223372036854775808.0)
    assert frame["bool"].tolist() == [True, False]
    assert frame["mixed"].tolist() == ["true", "1"]
    assert frame["far"][1] == datetime.datetime(2020, 1, 2)
    assert frame["never"].tolist() == ["2020-02-30", "x"]


def test_na_is_a_text_among_texts(tables: Tables) -> None:
    frame = tables.csv("a,b\nNA,null\nx,NA\n", "a,b\nNA,NA\nn/a,nan\n").to_pandas_dataframe()
    assert cells(frame) == [["NA", "null"], ["x", "NA"], ["NA", "NA"], ["n/a", "nan"]]


@pytest.mark.parametrize("on", ["whole", "parts"])
@pytest.mark.parametrize(
    ("one", "other", "dtype", "values"),
    [
        ("1", "2.5", "float64", [1.0, 2.5]),
        ("1", "x", None, ["1", "x"]),
        ("007", "x", None, ["007", "x"]),
        ("1.50", "x", None, ["1.50", "x"]),
        ("True", "x", None, ["True", "x"]),
        ("True", "0", None, ["True", "0"]),
        ("2020-01-02", "soon", None, ["2020-01-02", "soon"]),
        ("NA", "5", "float64", [None, 5.0]),
        ("NA", "x", None, ["NA", "x"]),
        ("NA", "true", None, ["NA", "true"]),
        ("", "5", "float64", [None, 5.0]),
        ("", "7.5", "float64", [None, 7.5]),
        ("", "true", "object", [None, True]),
        ("", "x", None, [None, "x"]),
        ("", "2020-01-02", "M", [None, datetime.datetime(2020, 1, 2)]),
        ("", "", None, [None, None]),
        ("18446744073709551615", "-1", "float64", [18446744073709551615.0, -1.0]),
    ],
)
def test_the_type_of_a_column_is_that_of_all_its_cells(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, on: str, one: str, other: str, dtype: Any, values: list[Any]
) -> None:
    for first, second, wanted in ((one, other, values), (other, one, values[::-1])):
        if on == "whole":
            frame = tables.csv(f"k,a\n0,{first}\n", f"k,a\n0,{second}\n").to_pandas_dataframe()
        else:
            in_parts_of(monkeypatch, 1)
            dataset = tables.csv(f"k,a\n0,{first}\n0,{second}\n", "k,a\n")
            frame = dataset.filter(dataset["k"] == 0).to_pandas_dataframe()
        assert [None if pandas.isna(cell) else cell for cell in frame["a"]] == wanted
        assert dtype is None or dtype in (str(frame["a"].dtype), frame["a"].dtype.kind)


def in_parts_of(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Have tables that are reduced be read in parts of so many rows."""
    monkeypatch.setattr(columns, "_PART_CELLS", 1)
    monkeypatch.setattr(delimited, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(delimited.DelimitedFiles, "_row_bytes", lambda self, path: delimited._PART_BYTES // rows)
    monkeypatch.setattr(source, "_FIRST_ROWS", rows)


CELLS = [
    "",
    "now",
    "NaT",
    "2020-1-3 4:05",
    "2020-01-02T03:04:05.123456789",
    "20200102",
    "1",
    "-7",
    "2.5",
    "1e3",
    "NA",
    "nan",
    "true",
    "FALSE",
    "2020-01-02",
    "2020-01-02T03:04:05Z",
    "x",
    " 4",
    "inf",
]


@pytest.mark.parametrize("seed", range(150))
def test_a_table_is_the_same_however_it_is_read(tables: Tables, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """In one piece, in parts, and with the other parser, which leaves all types to us."""
    draw = random.Random(seed)
    kinds = [draw.sample(CELLS, draw.randint(1, 3)) for _ in range(5)]
    rows = [["c0", "c1", "c2", "c3", "c4"]] + [
        [draw.choice(kind) for kind in kinds] for _ in range(draw.randint(1, 12))
    ]

    def text(separator: str) -> str:
        return "".join(
            separator.join(["k", *row] if not number else ["0", *row]) + "\n" for number, row in enumerate(rows)
        )

    whole = tables.csv(text(",")).to_pandas_dataframe()
    other = tables.csv(text("||"), separator="||").to_pandas_dataframe()
    pandas.testing.assert_frame_equal(whole, other)
    in_parts_of(monkeypatch, draw.randint(1, 5))
    dataset = tables.csv(text(","))
    parts = list(dataset._parts())
    pandas.testing.assert_frame_equal(whole, pandas.concat(parts, ignore_index=True))
    assert len({tuple(part.dtypes.astype(str)) for part in parts}) == 1
    pandas.testing.assert_frame_equal(whole, dataset.filter(dataset["k"] == 0).to_pandas_dataframe())


def test_what_pandas_types_piece_by_piece(tables: Tables) -> None:
    numbers = "".join(f"{number:07}\n" for number in range(300_000))
    frame = tables.csv("a\n" + numbers + "x\n").to_pandas_dataframe()
    assert (frame["a"][0], frame["a"].iloc[-1], len(frame)) == ("0000000", "x", 300_001)


def test_empty_cells_as_texts(tables: Tables) -> None:
    frame = tables.csv("t,n,m,e\nx,1,2020-01-02,\n,,,\n", empty_as_string=True).to_pandas_dataframe()
    assert cells(frame[["t", "n", "e"]]) == [["x", 1.0, ""], ["", None, ""]]
    assert frame["m"].isna().tolist() == [False, True]


def test_types_that_are_set_over_what_is_found(tables: Tables) -> None:
    types = {"id": DataType.to_string(), "n": DataType.to_long(), "f": DataType.to_float(), "b": DataType.to_bool()}
    frame = tables.csv("id,n,f,b\n007,1,1,true\n,x,y,z\n9,2.0,,FALSE\n", set_column_types=types).to_pandas_dataframe()
    assert cells(frame) == [["007", 1.0, 1.0, True], [None, None, None, None], ["9", 2.0, None, False]]
    assert [str(kind) for kind in frame.dtypes][1:] == ["float64", "float64", "object"]
    failing = tables.csv("id,n,f,b\n1,1.5,1,true\n", set_column_types=types)
    with pytest.raises(DatasetExecutionError, match=r"column 'n': '1.5' is no long"):
        failing.to_pandas_dataframe(on_error="fail")
    with pytest.raises(DatasetExecutionError, match="on_error 'raise'"):
        failing.to_pandas_dataframe(on_error="raise")


def test_moments_by_the_first_format_that_fits(tables: Tables) -> None:
    types = {"t": DataType.to_datetime(["%d.%m.%Y", "%m/%d/%Y"])}
    dataset = tables.csv("t\n31.12.2020\n12/30/2020\nnever\n", set_column_types=types)
    frame = dataset.to_pandas_dataframe()
    assert frame["t"].tolist()[:2] == [datetime.datetime(2020, 12, 31), datetime.datetime(2020, 12, 30)]
    assert pandas.isna(frame["t"][2])
    with pytest.raises(DatasetExecutionError, match="'never' is no moment"):
        dataset.to_pandas_dataframe(on_error="fail")


def test_moments_that_pandas_cannot_hold(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    # Which those are depends on pandas' version; here all after 2000.
    from azud.sdk.tables import moments

    real = moments.iso_moments

    def narrow(library: Any, column: Any) -> Any:
        found = real(library, column)
        return found.where(found < datetime.datetime(2000, 1, 1))

    monkeypatch.setattr(moments, "iso_moments", narrow)
    monkeypatch.setattr(delimited, "is_guessed", lambda library: False)
    for types in (None, {"t": DataType.to_datetime()}):
        dataset = tables.csv("t\n1999-01-01\n2001-01-01\n", set_column_types=types)
        assert dataset.to_pandas_dataframe()["t"].isna().tolist() == [False, True]
        with pytest.raises(DatasetExecutionError, match="'2001-01-01' is a moment that pandas cannot hold"):
            dataset.to_pandas_dataframe(out_of_range_datetime="fail")


# Broken files


@pytest.mark.parametrize("separator", [",", "||"])
@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_row_with_too_many_cells(tables: Tables, separator: str, line: int) -> None:
    rows = ["a,b", "1,2", "3,4", "5,6"]
    rows[line - 1] += ",7"
    text = "\n".join(rows).replace(",", separator) + "\n"
    with pytest.raises(
        DatasetExecutionError, match=rf"line {line} of .*0\.csv cannot be read as a table: it has 3 cells"
    ):
        tables.csv(text, separator=separator).to_pandas_dataframe()


def test_a_row_with_too_few_cells_lacks_the_last(tables: Tables) -> None:
    assert cells(tables.csv("a,b\n1,x\n2\n").to_pandas_dataframe()) == [[1, "x"], [2, None]]


def test_the_line_is_right_where_a_large_file_is_read_by_several_threads(tables: Tables) -> None:
    rows = 400_000
    text = "a,b,c\n" + "1,2,3\n" * rows + "1,2,3,4\n" + "1,2,3\n" * rows
    with pytest.raises(DatasetExecutionError, match=rf"line {rows + 2} of .*0\.csv"):
        tables.csv(text).to_pandas_dataframe()


def test_a_quote_that_is_never_closed(tables: Tables) -> None:
    with pytest.raises(DatasetExecutionError, match=r"0\.csv cannot be read as a table: a quote is opened"):
        tables.csv('a,b\n1,"x\n2,y\n').to_pandas_dataframe()


@pytest.mark.parametrize("on", ["whole", "parts", "header"])
def test_mixed_encodings(tables: Tables, monkeypatch: pytest.MonkeyPatch, on: str) -> None:
    rows = [b"name,n", "ä,1".encode(), "ö,2".encode("latin-1"), b"u,3"]
    if on == "header":
        rows = [rows[2], *rows[:2]]
    dataset = tables.csv(b"\n".join(rows) + b"\n")
    if on == "parts":
        in_parts_of(monkeypatch, 1)
        dataset = dataset.filter(dataset["n"] > 0)
    line = 1 if on == "header" else 3
    with pytest.raises(DatasetExecutionError, match=rf"line {line} of .*0\.csv is not written in utf-8.*encoding"):
        dataset.to_pandas_dataframe()


def test_an_encoding_that_nobody_knows(tables: Tables) -> None:
    with pytest.raises(UserErrorException, match="encoding 'utf9' is not known"):
        tables.csv("a\n1\n", encoding="utf8").__class__.Tabular.from_delimited_files(tables.place, encoding="utf9")


@pytest.mark.parametrize("separator", ["", None, 7])
def test_a_separator_that_is_none(tables: Tables, separator: Any) -> None:
    tables.write("a.csv", "a\n1\n")
    with pytest.raises(UserErrorException, match="separator"):
        tables.csv(separator=separator)


def test_a_very_wide_table(tables: Tables) -> None:
    count = 20_000
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([f"c{number}" for number in range(count)])
    writer.writerow([f"x{number}" if number % 2 else number for number in range(count)])
    dataset = tables.csv(out.getvalue())
    frame = dataset.to_pandas_dataframe()
    assert frame.shape == (1, count)
    assert (frame["c8"][0], frame["c9"][0]) == (8, "x9")
    assert cells(dataset.keep_columns(["c9", "c8"]).to_pandas_dataframe()) == [["x9", 8]]
    with pytest.raises(DatasetExecutionError, match="no column 'z'") as caught:
        dataset.drop_columns("z").to_pandas_dataframe()
    assert len(str(caught.value)) < 1000


# What is not read


def test_a_few_rows_of_a_large_file_are_read_without_the_rest(tables: Tables) -> None:
    dataset = tables.csv("a,b\n" + "1234567890,abcdefghij\n" * 1_000_000)
    size = (tables.folder / "0.csv").stat().st_size
    dataset.take(1).to_pandas_dataframe()
    before = bytes_read()
    assert len(dataset.take(5).to_pandas_dataframe()) == 5
    assert bytes_read() - before < size / 10
    filtered = dataset.filter(dataset["a"] > 3).take(2)
    before = bytes_read()
    assert len(filtered.to_pandas_dataframe()) == 2
    assert bytes_read() - before < size / 10


def test_columns_that_are_not_needed_are_not_made(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = pandas.read_csv

    def read_csv(*args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs.get("usecols"))
        return real(*args, **kwargs)

    monkeypatch.setattr(pandas, "read_csv", read_csv)
    dataset = tables.csv("a,b,c,d\n1,2,3,x\n")
    dataset.filter(dataset["d"] == "x").keep_columns(["b"]).to_pandas_dataframe()
    dataset.drop_columns(["a", "c"]).to_pandas_dataframe()
    dataset.to_pandas_dataframe()
    assert asked == [[1, 3], [1, 3], None]


def test_parts_stay_small(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    in_parts_of(monkeypatch, 100)
    dataset = tables.csv("a,b\n" + "".join(f"{number},x\n" for number in range(1000)))
    assert [len(part) for part in dataset._parts()] == [100] * 10
    found = dataset.filter(dataset["a"] >= 990).to_pandas_dataframe()
    assert (found["a"].tolist(), found.index.tolist()) == (list(range(990, 1000)), list(range(10)))
