"""The job of a transfer: what it writes is what readers of CSV read."""

from __future__ import annotations

import csv
import io
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azud.sdk.exceptions import UserErrorException
from azud.sdk.transfer_job import transfer

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('",\t\r\n'))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)), st.sampled_from([",", "\t"]))
def test_lines_are_read_back(rows: list[list[str]], separator: str) -> None:
    text = "".join(transfer._line(row, separator) for row in rows)
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)) == rows


def test_files_of_one_table_may_order_their_columns_as_they_like(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.csv").write_text("id,note\n1,x\n\n2,\n")
    (tmp_path / "b.tsv").write_text("note\tid\n\t3\n")
    (tmp_path / "c.jsonl").write_text('{"id": 4, "note": null}\n{"note": ""}\n')
    files = [str(tmp_path / name) for name in ("a.csv", "b.tsv", "c.jsonl")]
    assert list(transfer._ordered(files, ["id", "note"])) == [
        ["1", "x"],
        ["2", None],
        ["3", None],
        [4, None],
        [None, ""],
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "", "no header"),
        ("a.csv", "id,note\n1\n", "line 2: 1 cells, and 2 columns"),
        ("a.csv", "id,other\n1,2\n", "have the same columns"),
        ("a.jsonl", '{"id": 1, "note": 2}\n{"id": 1, "more": 2}\n', "'more' is not in the first line"),
        ("a.jsonl", "[1]\n", "no JSON object"),
        ("a.xlsx", "", "no file of rows"),
    ],
)
def test_files_that_are_no_tables_are_named(tmp_path: pathlib.Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UserErrorException) as caught:
        list(transfer._ordered([str(tmp_path / name)], ["id", "note"]))
    assert words in f"{caught.value} {caught.value.hint}"
