"""What changed inside of environments and lists of files."""

from __future__ import annotations

import pytest

from azud.model.explanation import FileChange, change_lines
from azud.planning.contents import MOST_NAMED, environment_changes, file_changes

BODY = {
    "implementation": "CPython",
    "version": "3.11.7",
    "platform": "linux-x86_64",
    "distributions": [["numpy", "1.26.4", "d1"], ["pandas", "2.2.0", "d2"], ["same", "1", "d"]],
    "paths": [["/src/tool", "t1"]],
    "files": {"/src/tool": [["a.py", "f1", 3], ["b.py", "f2", 3]]},
    "conda": None,
}


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"version": "3.12.1"}, ["environment version: 3.11.7 → 3.12.1"]),
        (
            {"distributions": [["numpy", "1.26.5", "d3"], ["same", "1", "other"], ["new", "2", "d4"]]},
            [
                "package new is new: 2",
                "package numpy: 1.26.4 → 1.26.5",
                "package pandas is gone, it was 2.2.0",
                "package same changed (1 as before, with other files)",
            ],
        ),
        (
            {"paths": [["/src/tool", "t2"]], "files": {"/src/tool": [["a.py", "f1", 3], ["b.py", "f3", 4]]}},
            ["editable /src/tool", "  changed b.py (3 → 4 bytes)"],
        ),
        ({"paths": [["/src/tool", "t2"]], "files": {}}, ["editable /src/tool changed (source folder changed)"]),
        (
            {"paths": [["/moved/tool", "t1"]], "conda": "c"},
            [
                "environment conda changed (the records of the conda environment changed)",
            ],
        ),
        ({}, ["environment changed (it differs in something that is not recorded)"]),
    ],
)
def test_what_changed_in_an_interpreter_is_named(change, lines):
    found = environment_changes(BODY, {**BODY, **change})
    assert [line for item in found for line in change_lines(item)] == lines


def test_files_that_changed_are_named_and_many_are_counted():
    before = [(f"f{number:03}", "old", 1) for number in range(100)]
    assert file_changes(before, before) == ()
    assert file_changes(before[:2], [("f000", "new", 1), ("x", "old", 1)]) == (
        FileChange("f000", "changed", note="the same size"),
        FileChange("f001", "removed"),
        FileChange("x", "added"),
    )
    found = file_changes(before, [(name, "new", 2) for name, _, _ in before])
    assert (len(found), found[-1].note) == (MOST_NAMED + 1, "and 50 more files")
