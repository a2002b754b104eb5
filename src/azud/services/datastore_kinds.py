"""The kinds of datastores: what describes each, and what of that is secret."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from azud.core.errors import UserError
from azud.model.data import DatastoreRecord

LOCAL, SQL, RECORD_ONLY = "local", "sql", "none"


@dataclasses.dataclass(frozen=True)
class DatastoreKind:
    """What a driver needs to know.

    Args:
        required, optional: Names of options.
        secrets: Names of what a credential may hold.
        free: Whether further options and secrets go to the library as they are.
        holds_files: Whether files can be read and written there.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    free: bool = False
    holds_files: bool = True


_AZURE = DatastoreKind(
    ("account_name", "container_name"),
    ("protocol", "endpoint", "tenant_id", "client_id", "authority_url", "subscription_id", "resource_group"),
    ("account_key", "sas_token", "client_secret"),
)
KINDS: Mapping[str, DatastoreKind] = {
    LOCAL: DatastoreKind(("root",)),
    "azure_blob": _AZURE,
    "azure_file": _AZURE,
    "s3": DatastoreKind(
        ("bucket",), ("prefix", "endpoint_url", "region"), ("access_key_id", "secret_access_key", "session_token")
    ),
    "gcs": DatastoreKind(("bucket",), ("prefix", "project", "endpoint_url"), ("service_account",)),
    "sftp": DatastoreKind(
        ("host", "username"), ("port", "path", "host_key"), ("password", "private_key", "passphrase")
    ),
    "fsspec": DatastoreKind(("url",), free=True),
    SQL: DatastoreKind(
        ("dialect", "host", "database"),
        (
            *("port", "user", "encrypt", "odbc_driver", "server_name", "endpoint", "tenant_id", "client_id"),
            *("resource_url", "authority_url", "subscription_id", "resource_group"),
        ),
        ("password", "client_secret"),
        holds_files=False,
    ),
    RECORD_ONLY: DatastoreKind(free=True, holds_files=False),
}
"""Drivers by name. Of `none` there is a record only: what it names is gone, or only a cluster reaches it."""

_NO_STORES = frozenset(("file", "local", "memory", "http", "https", "reference", "dir", "zip", "tar", "libarchive"))


def check_options(record: DatastoreRecord, credential: Mapping[str, Any]) -> None:
    """Check what is said of a datastore against its kind.

    Raises:
        UserError: The driver is not known, something is missing, not known, or is a secret that stands among options.
    """
    kind = KINDS.get(record.driver)
    if kind is None:
        raise UserError(f"there are no datastores with driver {record.driver!r}", hint=f"known: {', '.join(KINDS)}")
    missing = [name for name in kind.required if not record.options.get(name)]
    if missing:
        raise UserError(f"datastore {record.name!r} ({record.driver}) needs {', '.join(missing)}")
    if not kind.free:
        _refuse(record, record.options, (*kind.required, *kind.optional), "option")
        _refuse(record, credential, kind.secrets, "part of a credential")
    if record.driver == "fsspec":
        _check_address(str(record.options["url"]))


def _refuse(record: DatastoreRecord, given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    for name in given:
        if name not in known:
            raise UserError(
                f"datastore {record.name!r} ({record.driver}): {name!r} is no {what}",
                hint=f"known: {', '.join(known) or 'none'}",
            )


def _check_address(url: str) -> None:
    """Refuse addresses that lead to this machine's own files, or around the rules for web addresses."""
    scheme, mark, _ = url.partition("://")
    if not mark or "::" in url or "@" in url:
        raise UserError(
            f"the address of a datastore is SCHEME://…, without a credential and without '::', not {scheme!r}",
            hint="give credentials apart from the address",
        )
    if scheme.lower() in _NO_STORES or scheme.lower().endswith("cache"):
        raise UserError(f"{scheme}:// is no store for a datastore", hint="use driver local for folders of this machine")
