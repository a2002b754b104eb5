"""The stat cache of datastores: it saves reading, and nothing that happens to a file fools it."""

from __future__ import annotations

import mmap
import os
import pathlib
import sqlite3

import pytest

from azud.adapters.datastores import digests as module
from azud.adapters.datastores.digest_cache import DigestCache
from azud.adapters.datastores.digests import FileDigests
from azud.adapters.datastores.local import LocalData
from azud.core.digests import digest_bytes, digest_tree
from azud.core.errors import StorageError
from azud.model.data import DataLocation, DatasetDefinition, DatastoreRecord


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    place = tmp_path / "data"
    (place / "sub").mkdir(parents=True)
    for name, text in (("a", "one"), ("b", "two"), ("sub/c", "three")):
        (place / name).write_text(text)
    return place


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read, in order."""
    found: list[str] = []
    real = module._read
    monkeypatch.setattr(module, "_read", lambda path: found.append(os.path.basename(path)) or real(path))
    return found


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old enough: their ctime cannot be set back."""
    monkeypatch.setattr(module, "RACY_NS", -(10**18))


def true_digest(folder: pathlib.Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return digest_tree(
        (f"/{path.relative_to(folder)}", digest_bytes(path.read_bytes()), path.stat().st_size) for path in files
    )


def rewrite_and_hide(path: pathlib.Path, data: bytes) -> None:
    """Write other bytes of the same length, and set the times back."""
    status = path.stat()
    with path.open("r+b") as stream:
        stream.write(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# -- right ------------------------------------------------------------------------------------


def test_a_file_that_is_rewritten_in_a_tight_loop_never_gets_an_old_digest(folder) -> None:
    digests, file = FileDigests(), folder / "a"
    for number in range(2000):
        data = f"{number:03d}".encode()[-3:]
        rewrite_and_hide(file, data)
        assert digests.digest(str(file)) == (digest_bytes(data), 3)


def test_a_tree_that_is_rewritten_in_a_tight_loop_never_gets_an_old_digest(folder) -> None:
    digests = FileDigests()
    for number in range(500):
        rewrite_and_hide(folder / "sub" / "c", f"{number:05d}".encode())
        assert digests.tree([(str(folder), "")]).digest == true_digest(folder)


def test_files_that_replace_each_other_within_a_tick_are_told_apart(folder, tmp_path) -> None:
    digests, times = FileDigests(), (10**18, 10**18)
    for number in range(500):
        new = tmp_path / "new"
        new.write_text(f"{number:03d}"[-3:])
        os.utime(new, ns=times)
        os.replace(new, folder / "a")
        assert digests.tree([(str(folder), "")]).digest == true_digest(folder)


@pytest.mark.parametrize("seconds", [-3600, -1, 0.01, 1.9])
def test_a_clock_that_steps_back_or_is_behind_keeps_files_from_being_trusted(folder, seconds, monkeypatch) -> None:
    status = (folder / "a").stat()
    monkeypatch.setattr(module.time, "time_ns", lambda: status.st_ctime_ns + int(seconds * 1e9))
    digests, real = FileDigests(), os.fstat
    digests.digest(str(folder / "a"))
    (folder / "a").write_text("eno")
    # As if the second write had come within the same tick of the file system's clock.
    monkeypatch.setattr(module.os, "stat", lambda path, **options: status)
    monkeypatch.setattr(module.os, "fstat", lambda descriptor: status if descriptor > 2 else real(descriptor))
    assert digests.digest(str(folder / "a"))[0] == digest_bytes(b"eno")


def test_a_file_that_somebody_has_mapped_for_writing_is_read_again(folder, settled) -> None:
    digests, file = FileDigests(), folder / "a"
    with file.open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as mapped:
        mapped[0:1] = b"x"
        assert digests.digest(str(file))[0] == digest_bytes(b"xne")
        before = file.stat()
        mapped[1:2] = b"y"
        assert file.stat() == before, "this machine marks each write to a mapping: the test shows nothing"
        assert digests.digest(str(file))[0] == digest_bytes(b"xye")


def test_a_file_that_changes_while_it_is_read_is_read_again_and_at_last_refused(folder, monkeypatch) -> None:
    file, real, left = folder / "a", os.fstat, [1]

    def changing(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        if left[0]:
            left[0] -= 1
            file.write_text(f"changed {left[0]}")
        return status

    monkeypatch.setattr(module.os, "fstat", changing)
    assert FileDigests().digest(str(file))[0] == digest_bytes(b"changed 0")
    left[0] = 100
    with pytest.raises(StorageError, match="changes while it is read"):
        FileDigests().digest(str(file))


def test_whatever_happens_to_a_tree_changes_its_digest_and_is_noticed(folder, settled) -> None:
    digests = FileDigests()
    seen = {digests.tree([(str(folder), "")]).digest}
    for change in (
        lambda: (folder / "a").write_text("eno"),
        lambda: (folder / "a").rename(folder / "z"),
        (folder / "new").touch,
        (folder / "b").unlink,
        lambda: (folder / "sub").rename(folder / "bus"),
        lambda: (folder / "linked").symlink_to("bus"),
        lambda: rewrite_and_hide(folder / "bus" / "c", b"THREE"),
    ):
        change()
        found = digests.tree([(str(folder), "")]).digest
        assert found not in seen
        seen.add(found)
    for change in (
        lambda: os.utime(folder / "z", (1, 1)),
        lambda: (folder / "z").chmod(0o600),
        lambda: (folder / "nothing").symlink_to("nowhere"),
    ):
        change()
        assert digests.tree([(str(folder), "")]).digest == found


# -- and quick --------------------------------------------------------------------------------


def test_what_is_unchanged_is_not_read_again_and_one_changed_file_is_read_alone(folder, reads, settled) -> None:
    digests, places = FileDigests(), [(str(folder), "")]
    first = digests.tree(places)
    assert sorted(reads) == ["a", "b", "c"] and len(first.entries) == 3
    assert digests.tree(places) == (type(first))(first.digest, None)
    (folder / "b").write_text("changed")
    assert digests.tree(places).digest == true_digest(folder)
    assert sorted(reads) == ["a", "b", "b", "c"]
    assert sorted(digests.entries(places)) == sorted(FileDigests().entries(places))


def test_the_next_server_reads_nothing_again(folder, tmp_path, reads, settled) -> None:
    path = str(tmp_path / "digests.db")
    first = FileDigests(DigestCache(path))
    tree, file = first.tree([(str(folder), "")]), first.digest(str(folder / "a"))
    first.close()
    assert first.digest(str(folder / "a")) == file, "a late question must not need what is closed"
    del reads[:]
    second = FileDigests(DigestCache(path))
    assert second.tree([(str(folder), "")]).digest == tree.digest
    assert second.digest(str(folder / "a")) == file
    assert reads == []
    assert os.stat(path).st_mode & 0o077 == 0


def garbage(path: pathlib.Path) -> None:
    path.write_bytes(b"no database at all, " * 400)


def torn(path: pathlib.Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def of_another_version(path: pathlib.Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


def with_other_tables(path: pathlib.Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE used")


def with_wrong_digests(path: pathlib.Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE files SET digest = ?", ("f" * 64,))
        connection.execute("UPDATE trees SET digest = ?", ("f" * 64,))


@pytest.mark.parametrize("damage", [garbage, torn, of_another_version, with_other_tables, with_wrong_digests])
def test_a_damaged_cache_costs_time_only(damage, folder, tmp_path, reads, settled) -> None:
    path = tmp_path / "digests.db"
    for number in range(300):
        (folder / f"more{number}").write_text("x")
    first = FileDigests(DigestCache(str(path)))
    right = first.tree([(str(folder), "")]).digest
    first.close()
    damage(path)
    del reads[:]
    second = FileDigests(DigestCache(str(path)))
    assert second.tree([(str(folder), "")]).digest == right
    assert second.digest(str(folder / "a"))[0] == digest_bytes(b"one")
    second.close()
    assert len(reads) == 303
    assert FileDigests(DigestCache(str(path))).tree([(str(folder), "")]).digest == right
    assert len(reads) == 303, "what was made anew is not kept"


def test_a_cache_that_another_server_has_locked_is_left_alone(folder, tmp_path, settled) -> None:
    path = tmp_path / "digests.db"
    DigestCache(str(path)).close()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        digests = FileDigests(DigestCache(str(path)))
        assert digests.digest(str(folder / "a"))[0] == digest_bytes(b"one")
        digests.close()
    assert path.exists()


def test_a_full_cache_forgets_the_folders_that_were_not_used_for_longest(tmp_path) -> None:
    cache = DigestCache(str(tmp_path / "digests.db"), limit_rows=40)
    for number in range(6):
        cache.put(f"/folder{number}", {f"f{i}": ("mark", "0" * 64) for i in range(10)}, 1 << 30)
        assert cache.folder("/folder0"), "it is used all the time"
    assert len(cache.folder("/folder5")) == 10
    assert cache.folder("/folder1") == {}


# -- what cannot be fingerprinted -------------------------------------------------------------


def pipe(folder: pathlib.Path) -> str:
    os.mkfifo(folder / "odd")
    return "neither a file nor a folder"


def circle(folder: pathlib.Path) -> str:
    (folder / "sub" / "odd").symlink_to("..")
    return "a link to a folder above it"


@pytest.mark.parametrize("spoil", [pipe, circle])
def test_what_cannot_be_fingerprinted_is_said_and_nothing_waits_for_it(spoil, folder) -> None:
    reason = spoil(folder)
    data, store = LocalData(), DatastoreRecord("d", "AzureBlob", "local", {"root": str(folder.parent)})
    dataset = DatasetDefinition("file", (DataLocation("d", "data"),))
    for found in (data.fingerprint_reference(store, "data"), data.fingerprint_dataset({"d": store}, dataset)):
        assert found.digest is None
        assert reason in found.reason and "odd" in found.reason
        assert found.paths == ((str(folder), ""),)


def test_the_digest_of_a_prefix_is_that_of_the_names_on_the_datastore(folder) -> None:
    data, store = LocalData(), DatastoreRecord("d", "AzureBlob", "local", {"root": str(folder)})
    files = {"a": b"one", "b": b"two", "sub/c": b"three"}
    rows = [(name, digest_bytes(text), len(text)) for name, text in files.items()]
    assert data.fingerprint_prefix(store, "") == digest_tree(rows)
    assert data.fingerprint_prefix(store, "sub/") == digest_tree(rows[2:])
    assert data.fingerprint_prefix(store, "b") == digest_tree(rows[1:2])
    assert data.fingerprint_prefix(store, "none") == digest_tree(())
