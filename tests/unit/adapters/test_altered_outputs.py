"""A sealed output that was altered is found before it is reused or read, however well that was hidden."""

from __future__ import annotations

import os
import pathlib
import shutil

import pytest

from azud.adapters.datastores import local
from azud.adapters.datastores.local import LocalData
from azud.model.jobs import SealedOutput, StagedOutput
from azud.runner.sealing import _list


def sealed(place: pathlib.Path) -> SealedOutput:
    """Seal what lies at a place, as a runner does."""
    return _list(StagedOutput("out", "output", "mount", str(place)))


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    place = tmp_path / "out"
    (place / "sub").mkdir(parents=True)
    (place / "a").write_text("one")
    (place / "sub" / "b").write_text("two")
    return place


def alter_and_hide(path: pathlib.Path, text: str) -> None:
    """Write other bytes of the same length, and set the times back."""
    status = path.stat()
    assert len(text) == status.st_size
    with path.open("r+") as stream:
        stream.write(text)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_what_is_as_it_was_sealed_is_not_even_read(folder, monkeypatch) -> None:
    output = sealed(folder)
    monkeypatch.setattr(local, "digest_file", lambda path: pytest.fail(f"{path} was read"))
    assert LocalData().verify(output) is None


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_bytes_altered_with_size_and_mtime_restored_are_found_by_their_ctime(folder, kind) -> None:
    output = sealed(folder if kind == "directory" else folder / "a")
    assert output.kind == kind
    alter_and_hide(folder / "a", "eno")
    assert "altered" in str(LocalData().verify(output))


def test_a_file_that_was_only_touched_or_copied_is_what_it_was(folder, tmp_path) -> None:
    output = sealed(folder)
    os.utime(folder / "a", (1, 1))
    assert LocalData().verify(output) is None
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    (tmp_path / "copy").rename(folder)
    assert LocalData().verify(output) is None


def test_a_missing_an_added_and_a_shortened_file_are_found(folder) -> None:
    output, data = sealed(folder), LocalData()
    (folder / "sub" / "c").touch()
    assert data.verify(output) == "output 'out': file 'sub/c' was added after it was sealed"
    (folder / "sub" / "c").unlink()
    (folder / "sub" / "b").write_text("tw")
    assert data.verify(output) == "output 'out': file 'sub/b' was altered after it was sealed"
    (folder / "sub" / "b").unlink()
    assert data.verify(output) == "output 'out': file 'sub/b' is gone"
    shutil.rmtree(folder)
    assert "are gone" in str(data.verify(output))


def test_examining_reads_the_bytes_only_when_asked(folder, monkeypatch) -> None:
    output, data = sealed(folder), LocalData()
    alter_and_hide(folder / "a", "eno")
    assert data.examine(output, read=False) is None
    assert "altered" in str(data.examine(output, read=True))
    # Decay of the medium changes no time at all: there only reading helps.
    decayed = sealed(folder)
    with monkeypatch.context() as patch:
        patch.setattr(local, "digest_file", lambda path: "0" * 64)
        assert data.verify(decayed) is None
        assert "altered" in str(data.examine(decayed, read=True))
    (folder / "a").unlink()
    assert "gone" in str(data.examine(output, read=False))
