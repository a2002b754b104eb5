"""Datastores: records of places for data, and what opens them, which is kept encrypted and never shown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from azud.core.clock import now_text
from azud.core.errors import ConflictError, UserError
from azud.model.codec import from_json
from azud.model.data import DatastoreRecord
from azud.services.datastore_kinds import KINDS, LOCAL, check_options
from azud.services.naming import check_name, named
from azud.services.secrets import Cipher

DEFAULT_DATASTORES = ("workspaceblobstore", "workspacefilestore")
_MOST_BYTES = 64_000


class DatastoreCatalog(Protocol):
    """Datastores as rows."""

    def datastores(self) -> Sequence[DatastoreRecord]:
        """Return all datastores."""

    def put_datastore(self, record: DatastoreRecord, credential: str | None) -> None:
        """Register or replace a datastore with its sealed credential; which one is the default does not change."""

    def credential(self, name: str) -> str | None:
        """Return a datastore's sealed credential; None if it has none."""

    def delete_datastore(self, name: str) -> None:
        """Forget a datastore; its bytes stay."""

    def set_default_datastore(self, name: str) -> None:
        """Make a datastore the default one."""


class Datastores(Protocol):
    """What is asked of the bytes when records change."""

    def try_out(self, datastore: DatastoreRecord, credential: Mapping[str, Any]) -> None:
        """Look whether a datastore, which need not be kept yet, answers and lets us in with a credential.

        Raises:
            AzudError: It does not.
        """

    def create(self, datastore: DatastoreRecord, credential: Mapping[str, Any]) -> None:
        """Make the container that a datastore's files lie in; without effect if it is there."""

    def forget(self, name: str) -> None:
        """Let go of a datastore whose record or credential has changed."""


def seal_name(datastore: str) -> str:
    """Return the name under which a datastore's credential is sealed; no secret of the key vault has such a one."""
    return f"datastore/{datastore}"


def credential_reader(catalog: DatastoreCatalog, cipher: Cipher) -> Callable[[str], Mapping[str, Any]]:
    """Return a function that opens the credential of a datastore, {} if it has none."""

    def credential(name: str) -> Mapping[str, Any]:
        sealed = catalog.credential(name)
        if sealed is None:
            return {}
        opened = json.loads(cipher.open(seal_name(name), sealed))
        return opened if isinstance(opened, dict) else {}

    return credential


@dataclasses.dataclass(frozen=True)
class DatastoreFacts:
    """A datastore as the API shows it.

    Args:
        credential: The names of what opens it, never the values.
        own: Whether it belongs to the workspace.
    """

    record: DatastoreRecord
    credential: tuple[str, ...]
    own: bool


class DatastoreService:
    """Registers datastores and keeps what opens them.

    Args:
        catalog: The stored records.
        cipher: Seals credentials.
        data: Reaches the bytes.
        own_root: Returns the folder of this machine that a datastore of the workspace's own has at first.
    """

    def __init__(
        self, catalog: DatastoreCatalog, cipher: Cipher, data: Datastores, own_root: Callable[[str], str]
    ) -> None:
        self._catalog = catalog
        self._cipher = cipher
        self._data = data
        self._own_root = own_root
        self._credential = credential_reader(catalog, cipher)

    def datastores(self) -> Sequence[DatastoreRecord]:
        """Return all datastores."""
        return self._catalog.datastores()

    def datastore(self, name: str) -> DatastoreRecord:
        """Return a datastore.

        Raises:
            NotFoundError: There is none of this name.
        """
        return named(self.datastores(), name, "datastore", lambda item: item.name)

    def facts(self, record: DatastoreRecord) -> DatastoreFacts:
        """Return what may be shown of a datastore."""
        return DatastoreFacts(record, tuple(sorted(self._credential(record.name))), record.name in DEFAULT_DATASTORES)

    def put(self, body: Mapping[str, Any]) -> DatastoreRecord:
        """Register a datastore.

        Args:
            body: `DatastoreRecord`, with `credential` (an object of texts), `overwrite`, `check`: try first whether the
                credential opens it, and `create`: make the container before.

        Raises:
            UserError: The name or an option cannot be used. Messages show no value of the credential.
            ConflictError: There is one of this name, and `overwrite` was not said, or it belongs to the workspace.
            AzudError: It does not answer, or not to this credential; nothing was kept.
        """
        given = dict(body)
        credential = _credential_of(given.pop("credential", None))
        overwrite, check, create = (bool(given.pop(word, False)) for word in ("overwrite", "check", "create"))
        record = from_json(DatastoreRecord, given, "body")
        check_name(record.name, "datastore")
        check_options(record, credential)
        if record.name in DEFAULT_DATASTORES:
            raise ConflictError(
                f"{record.name} belongs to the workspace",
                hint=f"register the store under another name, then: azud datastore bind {record.name} NAME",
            )
        if not overwrite and any(known.name == record.name for known in self.datastores()):
            raise ConflictError(
                f"there is a datastore {record.name!r} already", hint="pass overwrite=True to replace it"
            )
        record = dataclasses.replace(record, is_default=False, created_at=now_text())
        if create:
            self._data.create(record, credential)
        return self._keep(record, credential, check=check)

    def _keep(self, record: DatastoreRecord, credential: Mapping[str, Any], *, check: bool) -> DatastoreRecord:
        if check:
            self._data.try_out(record, credential)
        sealed = self._cipher.seal(seal_name(record.name), json.dumps(dict(credential))) if credential else None
        self._catalog.put_datastore(record, sealed)
        self._data.forget(record.name)
        return self.datastore(record.name)

    def set_credential(self, name: str, body: Mapping[str, Any]) -> DatastoreRecord:
        """Replace what opens a datastore; `body` is `{"credential": {…}, "check": bool}`.

        Raises:
            NotFoundError: There is no such datastore.
            AzudError: As `put`.
        """
        record = self.datastore(name)
        credential = _credential_of(body.get("credential"))
        check_options(record, credential)
        return self._keep(record, credential, check=bool(body.get("check", True)))

    def check(self, name: str) -> None:
        """Look whether a datastore answers and lets us in.

        Raises:
            AzudError: It does not.
        """
        self._data.try_out(self.datastore(name), self._credential(name))

    def delete(self, name: str) -> None:
        """Forget a datastore; its bytes stay.

        Raises:
            ConflictError: It is one of the two that every workspace has.
        """
        record = self.datastore(name)
        if name in DEFAULT_DATASTORES:
            raise ConflictError(f"{name} belongs to the workspace", hint="only datastores that you registered can go")
        if record.is_default:
            raise ConflictError(
                f"{name} is the workspace's default datastore",
                hint=f"choose another one first: azud datastore default {DEFAULT_DATASTORES[0]}",
            )
        self._catalog.delete_datastore(name)
        self._data.forget(name)

    def set_default(self, name: str) -> DatastoreRecord:
        """Make a datastore the default one.

        Raises:
            UserError: It holds no files.
        """
        record = self.datastore(name)
        if not KINDS[record.driver].holds_files:
            raise UserError(f"datastore {name!r} ({record.type}) holds no files", hint="choose one that does")
        self._catalog.set_default_datastore(name)
        return self.datastore(name)

    def bind(self, name: str, target: str | None) -> DatastoreRecord:
        """Let one of the workspace's own datastores be the place that another one names; None: its own folder again.

        What lies in its folder stays there and can be read as before.

        Raises:
            ConflictError: It is not the workspace's own.
            UserError: The other one holds no files.
        """
        own = self.datastore(name)
        if name not in DEFAULT_DATASTORES:
            raise ConflictError(f"{name} does not belong to the workspace", hint="register it anew to change it")
        if target is None:
            record = dataclasses.replace(own, driver=LOCAL, options={"root": self._own_root(name)})
            return self._keep(record, {}, check=False)
        other = self.datastore(target)
        if not KINDS[other.driver].holds_files or other.name in DEFAULT_DATASTORES:
            raise UserError(f"{name} cannot be bound to {target}", hint="bind it to a registered datastore of files")
        record = dataclasses.replace(own, driver=other.driver, options=dict(other.options))
        return self._keep(record, self._credential(target), check=True)


def _credential_of(value: object) -> dict[str, Any]:
    """Return a credential without its empty parts.

    Raises:
        UserError: It is none; the message does not show it.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UserError("body.credential is no object", hint='send {"account_key": "…"}')
    if len(json.dumps(value)) > _MOST_BYTES:
        raise UserError(f"the credential is longer than {_MOST_BYTES} bytes")
    return {str(name): part for name, part in value.items() if part not in (None, "")}
