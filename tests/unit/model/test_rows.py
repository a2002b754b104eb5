"""Rows of a database as a file: every value comes back, and NULL is neither an empty text nor any other text."""

from __future__ import annotations

import datetime
import decimal
import io
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azud.model import rows

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\\0"\n\r,Nx0'))


def _written(values: list[list[object]]) -> list[list[str]]:
    stream = io.StringIO(newline="")
    rows.write_head(stream, [(f"c{number}", rows.TEXT) for number in range(len(values[0]))])
    assert rows.write_rows(stream, values) == len(values)
    read = io.StringIO(stream.getvalue(), newline="")
    rows.read_head(read.readline(), "file")
    return [list(cells) for cells in rows.read_cells(read)]


@given(st.lists(st.tuples(TEXTS | st.none() | st.binary()), min_size=1))
def test_texts_bytes_and_null_come_back(values: list[tuple[object]]) -> None:
    cells = _written([list(row) for row in values])
    assert [rows.unescaped(cell) for (cell,) in cells] == [value for (value,) in values]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, "\\N"),
        ("", ""),
        ("\\N", "\\\\N"),
        (True, "true"),
        (-(10**30), "-1" + "0" * 30),
        (0.1, "0.1"),
        (float("nan"), "nan"),
        (decimal.Decimal("1E+3"), "1000"),
        (decimal.Decimal("0.000000001"), "0.000000001"),
        (datetime.date(24, 2, 29), "0024-02-29"),
        (datetime.datetime(2024, 2, 29, 1, 2, 3), "2024-02-29T01:02:03"),
        (
            datetime.datetime(2024, 2, 29, 1, 2, 3, 4, datetime.timezone(datetime.timedelta(hours=2))),
            "2024-02-28T23:02:03.000004Z",
        ),
        (datetime.time(1, 2), "01:02:00"),
        (datetime.timedelta(hours=-30, microseconds=-5), "-30:00:00.000005"),
        (b"\x00\xff", "\\xAP8="),
        (bytearray(b""), "\\x"),
        ({"a": [1, "ä\\"]}, '{"a": [1, "ä\\\\\\\\"]}'),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    ],
)
def test_each_kind_has_one_form(value: object, cell: str) -> None:
    assert rows.cell_of(value) == cell


@pytest.mark.parametrize("line", ["", "a,b\n", "[]\n", '{"format": "other/1", "columns": []}\n', '{"format": 1}\n'])
def test_what_is_no_such_file_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"sales\.csv holds no rows"):
        rows.read_head(line, "sales.csv")
