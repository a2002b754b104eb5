"""Cells of notebooks as Python."""

from __future__ import annotations

import json

import pytest

from azud.job.cells import Cell, NotANotebookError, python_of, read_cells

_MAGICAL = '''"""Text
%not a magic
!nor this
"""
%matplotlib inline
x=!ls \\
  -l
for i in a:
  !pip install "it's
y = %timeit -o f(
obj.attr?
z = 3 \\
  % 2
%time z = 4
'''


def test_magics_become_lines_that_do_nothing_and_keep_their_numbers() -> None:
    python, magics = python_of(_MAGICAL)
    lines = python.split("\n")
    assert len(lines) == len(_MAGICAL.split("\n"))
    assert lines[:4] == ['"""Text', "%not a magic", "!nor this", '"""']
    assert lines[4:7] == ["pass", "x=None", ""]
    assert lines[8:11] == ["  pass", "y = None", "pass"]
    assert lines[11:14] == ["z = 3 \\", "  % 2", "z = 4"]
    assert [line for line, _ in magics] == [5, 6, 9, 10, 11]
    compile(python, "cell", "exec")


def test_python_that_is_wrong_stays_as_it_is() -> None:
    for source in ("x = = 1\n!ls", "print 'a'", "def f(:\n  pass", "a\0b"):
        assert python_of(source) == (source, [])


def test_cells_are_numbered_as_jupyter_numbers_them() -> None:
    cells = [{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "source": ["a\n", "b"]}]
    found = read_cells(json.dumps({"nbformat": 4, "cells": [*cells, {"cell_type": "code", "source": "c"}]}))
    assert [(cell.number, cell.source) for cell in found] == [(1, "a\nb"), (2, "c")]


def test_format_3_is_read_too() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["a\n"], "language": "python"}]}
    assert read_cells(json.dumps({"nbformat": 3, "worksheets": [sheet]}))[0].source == "a\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "no nbformat"),
        ('{"nbformat": 4, "metadata": {"language_info": {"name": "R"}}}', "notebook of R"),
        ('{"nbformat": 4, "metadata": {"kernelspec": {"language": "scala"}}}', "notebook of scala"),
    ],
)
def test_what_is_no_notebook_of_python_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotANotebookError, match=why):
        read_cells(text)


def test_a_cell_magic_keeps_the_lines_of_its_body() -> None:
    assert Cell(1, "\n%%time\nx = 1").cell_magic() == ("time", "", "\n\nx = 1")
    assert Cell(1, "%%writefile  a b.py\ny").cell_magic() == ("writefile", "a b.py", "\ny")
    assert Cell(1, "x = 1\n%%time").cell_magic() is None
