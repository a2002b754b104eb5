"""Where two files begin to differ."""

from __future__ import annotations

import pytest

from azud.adapters.datastores import comparing
from azud.adapters.datastores.comparing import LocalComparer
from azud.model.jobs import SealedFile, SealedOutput
from azud.services.comparing import FILES_LISTED, compare_outputs
from azud.services.verification_ports import FirstDifference


@pytest.fixture
def first(tmp_path):
    def difference(one, other):
        for name, data in (("one", one), ("other", other)):
            (tmp_path / name).write_bytes(data)
        return LocalComparer().first_difference(str(tmp_path / "one"), str(tmp_path / "other"))

    return difference


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (b"same", b"same", None),
        (b"", b"x", FirstDifference(0, 1, ("", "x"))),
        (b"a\nb\nc", b"a\nB\nc", FirstDifference(2, 2, ("b", "B"))),
        (b"a\n", b"a\nmore", FirstDifference(2, 2, ("", "more"))),
        (b"a", b"a\n", FirstDifference(1, 2, ("", ""))),
        (b"a\r\nb", b"a\nb", FirstDifference(1, 1, ("a\r", "a"))),
        (b"\0a", b"\0b", FirstDifference(1)),
        (b"\xff\xfe1", b"\xff\xfe2", FirstDifference(2)),
        (b"x" * 300 + b"1", b"x" * 300 + b"2", FirstDifference(300, 1, ("x" * 200, "x" * 200))),
    ],
)
def test_the_first_byte_and_for_texts_the_first_line(first, one, other, found):
    assert first(one, other) == found


def test_files_longer_than_a_chunk(first):
    start = b"\0" * (1 << 20)
    assert first(start + start + b"a", start + start + b"b") == FirstDifference(2 << 20)
    assert first(start, start + b"b") == FirstDifference(1 << 20)


def test_only_so_much_is_read(first, monkeypatch):
    monkeypatch.setattr(comparing, "MOST_BYTES", 10)
    monkeypatch.setattr(comparing, "_CHUNK_BYTES", 5)
    assert first(b"\0" * 20 + b"a", b"\0" * 20 + b"b") is None
    assert first(b"\0" * 9 + b"a", b"\0" * 9 + b"b") == FirstDifference(9)


def test_a_file_that_is_gone_has_no_first_difference(tmp_path):
    (tmp_path / "one").write_text("a")
    assert LocalComparer().first_difference(str(tmp_path / "one"), str(tmp_path / "other")) is None


def _output(name, **files):
    listed = tuple(SealedFile(path, digest, len(digest), 0, 0, 0) for path, digest in sorted(files.items()))
    return SealedOutput(name, "/nowhere", "directory", "", 0, listed)


def test_files_of_all_outputs_are_held_against_each_other():
    before = [_output("a", x="1", y="22", gone="3"), _output("b", x="1")]
    after = [_output("a", x="1", y="2", new="4"), _output("b", x="1")]
    count, differing, files = compare_outputs(before, after, LocalComparer())
    assert (count, differing) == (5, 3)
    assert [(file.name(), file.what, file.sizes, file.digests) for file in files] == [
        ("a/gone", "missing", (1, None), ("3", None)),
        ("a/new", "added", (None, 1), (None, "4")),
        ("a/y", "content", (2, 1), ("22", "2")),
    ]


def test_many_differing_files_are_counted_and_some_are_listed():
    before = [_output("a", **{f"f{index:03}": "1" for index in range(100)})]
    after = [_output("a", **{f"f{index:03}": "2" for index in range(100)})]
    count, differing, files = compare_outputs(before, after, LocalComparer())
    assert (count, differing, len(files)) == (100, 100, FILES_LISTED)
