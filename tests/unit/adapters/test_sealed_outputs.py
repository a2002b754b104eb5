"""Sealed outputs are looked at again: `stat` first, the bytes where it differs."""

from __future__ import annotations

import os

import pytest

from azud.adapters.datastores.local import LocalData
from azud.core.digests import digest_file, digest_tree
from azud.model.jobs import SealedFile, SealedOutput


def _sealed(path):
    if path.is_dir():
        files = tuple(_file(below, below.name) for below in sorted(path.iterdir()))
        digest = digest_tree((file.path, file.digest, file.size_bytes) for file in files)
        return SealedOutput("out", str(path), "directory", digest, 0, files)
    file = _file(path, "")
    return SealedOutput("out", str(path), "file", file.digest, file.size_bytes, (file,))


def _file(path, name):
    info = os.stat(path)
    return SealedFile(name, digest_file(str(path)), info.st_size, info.st_ino, info.st_mtime_ns, info.st_ctime_ns)


@pytest.fixture(params=["file", "directory"])
def output(request, tmp_path):
    if request.param == "file":
        (tmp_path / "out").write_text("made")
    else:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "x").write_text("made")
    return tmp_path / "out"


def _content(output):
    return output / "x" if output.is_dir() else output


def test_the_same_bytes_in_another_inode_still_count(output):
    sealed = _sealed(output)
    copy = output.with_name("copy")
    copy.write_text("made")
    os.rename(copy, _content(output))
    assert LocalData().verify(sealed) is None


def test_other_bytes_of_the_same_size_do_not(output):
    sealed = _sealed(output)
    _content(output).write_text("MADE")
    assert "was altered" in LocalData().verify(sealed)


def test_bytes_that_are_gone_are_missed(output):
    sealed = _sealed(output)
    _content(output).unlink()
    assert "gone" in LocalData().verify(sealed)
