"""Archives: what goes in comes out, checked; what should not be in one does no harm."""

from __future__ import annotations

import io
import json
import os
import tarfile

import pytest

from azud.adapters.archives.tar import MANIFEST, ArchiveWriter, extract
from azud.core.errors import ConflictError, DigestMismatch, StorageError


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "text").write_text("some text\n")
    (source / "tool").write_text("#!/bin/sh\n")
    (source / "tool").chmod(0o755)
    (source / "large").write_bytes(os.urandom((1 << 20) + 17))
    return source


def _pack(folder, path):
    writer = ArchiveWriter(str(path))
    for name in sorted(os.listdir(folder)):
        assert writer.add_file(str(folder / name), f"top/{name}")
    writer.add_folder(str(folder), "top/empty")
    writer.finish({"fact": "kept"})
    return path


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz"])
def test_files_and_folders_come_back_as_they_were(folder, tmp_path, name):
    archive = _pack(folder, tmp_path / name)
    assert archive.read_bytes().startswith(b"\x1f\x8b") is name.endswith("gz")
    target = tmp_path / "target"
    listed = extract(str(archive), str(target))
    assert listed["fact"] == "kept"
    for path in folder.iterdir():
        assert (target / "top" / path.name).read_bytes() == path.read_bytes()
        assert (target / "top" / path.name).stat().st_mode == path.stat().st_mode
        assert int((target / "top" / path.name).stat().st_mtime) == int(path.stat().st_mtime)
    assert list((target / "top" / "empty").iterdir()) == []
    assert archive.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["ä ö", "x" * 150, "two\nlines", os.fsdecode(b"\xff\xfe"), "-rf", "a\\b"])
def test_names_of_any_kind(tmp_path, name):
    (tmp_path / name).write_text("named")
    writer = ArchiveWriter(str(tmp_path / "a.tar"))
    assert writer.add_file(str(tmp_path / name), f"top/{name}")
    writer.finish({})
    extract(str(tmp_path / "a.tar"), str(tmp_path / "out"))
    assert os.listdir(tmp_path / "out" / "top") == [name]


def test_what_is_gone_or_no_file_is_passed_over(tmp_path):
    writer = ArchiveWriter(str(tmp_path / "a.tar"))
    os.mkfifo(tmp_path / "pipe")
    assert not writer.add_file(str(tmp_path / "nothing"), "nothing")
    assert not writer.add_file(str(tmp_path / "pipe"), "pipe")
    assert not writer.add_folder(str(tmp_path / "nothing"), "nothing")
    writer.finish({})
    assert extract(str(tmp_path / "a.tar"), str(tmp_path / "out"))["members"] == {}


def test_an_archive_that_was_not_finished_leaves_no_file_and_takes_no_name(folder, tmp_path):
    before = set(os.listdir(tmp_path))
    writer = ArchiveWriter(str(tmp_path / "a.tar"))
    writer.add_file(str(folder / "text"), "text")
    assert not (tmp_path / "a.tar").exists()
    writer.discard()
    assert set(os.listdir(tmp_path)) == before


def test_an_existing_file_is_not_replaced(folder, tmp_path):
    archive = _pack(folder, tmp_path / "a.tar")
    with pytest.raises(ConflictError, match="exists already"):
        ArchiveWriter(str(archive))


def test_a_file_that_shrinks_while_it_is_read_is_an_error_to_try_again(folder, tmp_path):
    def shrink(size):
        os.truncate(folder / "large", 10)

    writer = ArchiveWriter(str(tmp_path / "a.tar"), shrink)
    with pytest.raises(StorageError, match="became shorter") as raised:
        writer.add_file(str(folder / "large"), "large")
    assert raised.value.retryable
    writer.discard()


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_a_cut_archive_is_refused(folder, tmp_path, name, keep):
    archive = _pack(folder, tmp_path / name)
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(StorageError, match="damaged"):
        extract(str(archive), str(tmp_path / "out"))


def test_a_changed_byte_is_found(folder, tmp_path):
    archive = _pack(folder, tmp_path / "a.tar")
    data = bytearray(archive.read_bytes())
    place = data.index(b"some text")
    data[place] ^= 1
    archive.write_bytes(data)
    with pytest.raises(DigestMismatch, match="top/text"):
        extract(str(archive), str(tmp_path / "out"))


@pytest.mark.parametrize("content", [b"", b"this is no archive", b"\x1f\x8bno archive either"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(StorageError, match="damaged or no backup"):
        extract(str(tmp_path / "a.tar"), str(tmp_path / "out"))


def _member(name, kind=tarfile.REGTYPE, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        _member("/absolute"),
        _member("../outside"),
        _member("a/../../outside"),
        _member("a//b"),
        _member("./here"),
        _member("link", tarfile.SYMTYPE, "/etc/passwd"),
        _member("link", tarfile.SYMTYPE, "inside"),
        _member("link", tarfile.LNKTYPE, "good"),
        _member("pipe", tarfile.FIFOTYPE),
        _member("device", tarfile.CHRTYPE),
        _member("good"),  # a second time
    ],
    ids=lambda member: f"{member.name}-{member.type.decode()}{member.linkname}",
)
def test_members_that_would_leave_the_folder_or_are_no_files_are_refused(tmp_path, member):
    path, out = tmp_path / "a.tar", tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    with tarfile.open(path, "w") as tar:
        tar.addfile(_member("good"))
        tar.addfile(member)
        body = json.dumps({"format": 1, "members": {}}).encode()
        listed = tarfile.TarInfo(MANIFEST)
        listed.size = len(body)
        tar.addfile(listed, io.BytesIO(body))
    with pytest.raises(StorageError, match="damaged or no backup"):
        extract(str(path), str(out))
    assert [entry.name for entry in out.iterdir()] == ["good"]
    assert [entry.name for entry in out.parent.iterdir()] == ["out"]


def test_permissions_that_are_dangerous_do_not_travel(tmp_path):
    (tmp_path / "tool").write_text("x")
    (tmp_path / "tool").chmod(0o6777)
    writer = ArchiveWriter(str(tmp_path / "a.tar"))
    writer.add_file(str(tmp_path / "tool"), "tool")
    writer.finish({})
    extract(str(tmp_path / "a.tar"), str(tmp_path / "out"))
    assert (tmp_path / "out" / "tool").stat().st_mode & 0o7777 == 0o755


def test_a_newer_format_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        body = json.dumps({"format": 2, "members": {}}).encode()
        listed = tarfile.TarInfo(MANIFEST)
        listed.size = len(body)
        tar.addfile(listed, io.BytesIO(body))
    with pytest.raises(StorageError, match="format 2"):
        extract(str(tmp_path / "a.tar"), str(tmp_path / "out"))
