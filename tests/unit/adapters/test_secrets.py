"""Secrets under a key of their own: nothing opens them but that key and their name."""

from __future__ import annotations

import os
import pathlib

import pytest

from azud.adapters.secrets.key_file import KEY_FILE, KeyFileCipher
from azud.adapters.stores.database import MEMORY, Database
from azud.adapters.stores.secrets import SqlSecrets
from azud.core.errors import NotFoundError, StorageError, UserError
from azud.services.secrets import MOST_BYTES, SecretService


@pytest.fixture
def cipher(tmp_path: pathlib.Path) -> KeyFileCipher:
    return KeyFileCipher(str(tmp_path))


def test_a_text_comes_back_and_no_two_sealed_ones_are_alike(cipher: KeyFileCipher, tmp_path: pathlib.Path) -> None:
    sealed = [cipher.seal("name", "Grüße 🗝") for _ in range(2)]
    assert len(set(sealed)) == 2
    assert [cipher.open("name", text) for text in sealed] == ["Grüße 🗝"] * 2
    assert KeyFileCipher(str(tmp_path)).open("name", sealed[0]) == "Grüße 🗝", "after a restart"
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_it_opens_under_its_own_name_only(cipher: KeyFileCipher) -> None:
    sealed = cipher.seal("mine", "x")
    with pytest.raises(StorageError, match="damaged"):
        cipher.open("other", sealed)


@pytest.mark.parametrize("place", [9, 20, -3])
def test_a_changed_text_is_noticed(cipher: KeyFileCipher, place: int) -> None:
    sealed = list(cipher.seal("name", "a longer value"))
    sealed[place] = "A" if sealed[place] != "A" else "B"
    with pytest.raises(StorageError, match="damaged"):
        cipher.open("name", "".join(sealed))


def test_keys_that_are_gone_others_or_open_to_others(cipher: KeyFileCipher, tmp_path: pathlib.Path) -> None:
    sealed, key = cipher.seal("name", "value"), tmp_path / KEY_FILE
    good = key.read_bytes()
    key.chmod(0o640)
    with pytest.raises(StorageError, match="read by others"):
        cipher.open("name", sealed)
    key.chmod(0o600)
    key.write_bytes(os.urandom(32).hex().encode())
    with pytest.raises(StorageError, match="another key"):
        cipher.open("name", sealed)
    key.write_bytes(b"short")
    with pytest.raises(StorageError, match="is no key"):
        cipher.open("name", sealed)
    key.unlink()
    with pytest.raises(StorageError, match="is gone") as error:
        cipher.open("name", sealed)
    assert "value" not in str(error.value)
    assert not key.exists(), "opening makes no key"
    key.write_bytes(good)
    key.chmod(0o600)
    assert cipher.open("name", sealed) == "value"


def test_what_cannot_be_a_secret(cipher: KeyFileCipher) -> None:
    database = Database(MEMORY)
    service = SecretService(SqlSecrets(database), cipher)
    try:
        for name in ("", "a/b", "../x", "a.b", "x" * 128, "a b"):
            with pytest.raises(UserError, match="cannot be called"):
                service.put(name, "v")
        for value in (None, 7, ["hidden"], "hidden" * MOST_BYTES):
            with pytest.raises(UserError) as error:
                service.put("name", value)
            assert "hidden" not in str(error.value)
        service.put("name", "one")
        service.put("name", "two", "text/plain")
        assert service.secret("name")[1] == "two"
        assert [(item.name, item.content_type) for item in service.secrets()] == [("name", "text/plain")]
        service.delete("name")
        for gone in (service.secret, service.delete):
            with pytest.raises(NotFoundError):
                gone("name")
    finally:
        database.close()
