"""What every store of files promises, asked of each on a real server."""

from __future__ import annotations

import os
import pathlib
import socket

import pytest
from tests.contract.file_places import PLACES, Place

from azud.adapters.datastores.patience import read_on
from azud.core.errors import AzudError, ConflictError, NotFoundError, PermissionDeniedError, StorageError
from azud.services.file_ports import FileStore

NAMES = (
    "plain.txt",
    "with spaces and 100%.txt",
    "ünïcødé/ñandú 数据.csv",
    "%2e%2e/%2fetc%2fpasswd",
    "brackets[1]/star*/what?.csv",
    "Case.txt",
    "case.txt",
    "deep/er/and/deeper/x",
    "plus+and&equals=.txt",
    "#hash;semi.txt",
)


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param](request)


@pytest.fixture
def store(place: Place):
    with place.opened() as opened:
        opened.create()
        yield opened


def _write(store: FileStore, tmp_path: pathlib.Path, path: str, content: bytes) -> None:
    source = tmp_path / "source"
    source.write_bytes(content)
    store.write(path, str(source))


def _content(store: FileStore, path: str, offset: int = 0) -> bytes:
    file = store.find(path)
    assert file is not None
    return b"".join(store.read(file, offset))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_what_was_written_whatever_it_is_called(store, tmp_path, name):
    _write(store, tmp_path, name, name.encode() * 3)
    found = store.find(name)
    assert found is not None and (found.path, found.size_bytes) == (name, len(name.encode()) * 3)
    assert _content(store, name) == name.encode() * 3
    assert [file.path for file in store.files("")] == [name]


def test_names_that_differ_in_case_are_different_files(store, tmp_path):
    _write(store, tmp_path, "Case.txt", b"upper")
    _write(store, tmp_path, "case.txt", b"lower")
    assert (_content(store, "Case.txt"), _content(store, "case.txt")) == (b"upper", b"lower")


def test_files_are_listed_below_a_folder_and_not_beside_it(store, tmp_path):
    for name in ("a/1", "a/b/2", "ab/3", "a.txt/4"):
        _write(store, tmp_path, name, b"x")
    assert [file.path for file in store.files("a")] == ["a/1", "a/b/2"]
    assert [file.path for file in store.files("nowhere")] == []
    everything = [file.path for file in store.files("")]
    assert everything == sorted(everything) and {"a/1", "a/b/2", "ab/3"} <= set(everything)


def test_a_folder_is_no_file_and_neither_is_nothing(store, tmp_path):
    _write(store, tmp_path, "folder/file", b"x")
    assert store.find("folder") is None
    assert store.find("nothing") is None
    assert store.find("folder/file/below") is None


def test_an_empty_file_is_a_file(store, tmp_path):
    _write(store, tmp_path, "empty", b"")
    assert _content(store, "empty") == b""
    assert [file.size_bytes for file in store.files("")] == [0]


def test_reading_begins_where_it_is_asked_to(store, tmp_path):
    _write(store, tmp_path, "digits", b"0123456789")
    assert _content(store, "digits", 4) == b"456789"
    assert _content(store, "digits", 10) == b""


def test_large_files_pass_in_pieces(store, tmp_path):
    content = os.urandom(1 << 20) * 40
    _write(store, tmp_path, "large", content)
    file = store.find("large")
    pieces = list(store.read(file))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 8 << 20


def test_writing_replaces_and_leaves_another_mark(store, tmp_path):
    _write(store, tmp_path, "x", b"first, and longer")
    first = store.find("x")
    _write(store, tmp_path, "x", b"second")
    second = store.find("x")
    assert _content(store, "x") == b"second"
    assert first.mark and second.mark and first.mark != second.mark
    assert [file.path for file in store.files("")] == ["x"]  # nothing half-written is left beside it


def test_what_is_read_is_the_file_that_was_found_or_an_error(store, tmp_path):
    _write(store, tmp_path, "x", b"first one")
    found = store.find("x")
    _write(store, tmp_path, "x", b"another, which is longer")
    with pytest.raises(ConflictError, match="changed while it was read"):
        list(store.read(found))
    store.remove("x")
    with pytest.raises((NotFoundError, ConflictError)):
        list(store.read(found))


def test_removing_is_for_good_and_may_be_repeated(store, tmp_path):
    _write(store, tmp_path, "x", b"x")
    store.remove("x")
    store.remove("x")
    assert store.find("x") is None and list(store.files("")) == []


def test_a_check_says_what_is_wrong(place):
    if place.missing is not None:
        with place.opened(place.missing) as store, pytest.raises(NotFoundError, match="is not there"):
            store.check()
    if place.wrong is not None:
        with place.opened(credential=place.wrong) as store, pytest.raises(PermissionDeniedError) as refused:
            store.check()
        told = f"{refused.value} {refused.value.hint} {refused.value.__cause__}"
        secrets = [str(value) for value in (*place.wrong.values(), *place.credential.values())]
        assert not [secret for secret in secrets if secret[:40] in str(refused.value)], told


def test_a_store_that_is_not_there_is_an_error_that_may_pass(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        record = place.behind("127.0.0.1", taken.getsockname()[1])
        with place.opened(record) as store, pytest.raises(StorageError, match="does not answer") as error:
            store.check()
    assert error.value.retryable


def test_a_cut_connection_goes_on_where_it_was(place, store, tmp_path, cutting_proxy):
    content = os.urandom(1 << 20) * 24
    _write(store, tmp_path, "large", content)
    proxy = cutting_proxy(place.host, place.port)
    with place.opened(place.behind(proxy.host, proxy.port)) as behind:
        file = behind.find("large")
        before = proxy.forwarded_bytes
        read, healed = b"", False
        proxy.cut_after(15 << 20)
        for piece in read_on(behind, file, on_trouble=proxy.heal):
            read += piece
            healed = True
    assert read == content and healed
    # What had come was not asked for again, but for the piece that was under way.
    assert proxy.forwarded_bytes - before < len(content) + (18 << 20)


def test_a_store_that_stays_away_is_an_error_in_the_end(place, store, tmp_path, cutting_proxy, monkeypatch):
    monkeypatch.setattr("azud.adapters.datastores.patience.FIRST_WAIT_S", 0.01)
    _write(store, tmp_path, "large", os.urandom(1 << 20) * 10)
    proxy = cutting_proxy(place.host, place.port)
    with place.opened(place.behind(proxy.host, proxy.port)) as behind:
        file = behind.find("large")
        proxy.cut_after(1 << 20)
        with pytest.raises(AzudError) as error:
            list(read_on(behind, file))
    assert error.value.retryable and "does not answer" in error.value.message
