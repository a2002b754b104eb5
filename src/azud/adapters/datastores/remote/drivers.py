"""Opening datastores by their driver. Each library is imported when the first datastore that needs it is opened."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from azud.adapters.datastores.remote.file_system import FileSystemStore, Traits
from azud.core.errors import BackendError, UserError
from azud.core.paths import clean_relative
from azud.model.data import DatastoreRecord
from azud.services.file_ports import FileStore

Credential = Mapping[str, Any]
PART_BYTES = 16 << 20
ANSWER_S, CONNECT_S = 60, 10
"""How long a store may be silent, and how long it may take to accept a connection."""
_AZURE_CLIENT = {
    "retry_total": 0,
    "connection_timeout": CONNECT_S,
    "read_timeout": ANSWER_S,
    "max_single_put_size": PART_BYTES,
    "max_block_size": PART_BYTES,
}
_NO_LISTINGS = {"use_listings_cache": False, "skip_instance_cache": True}
_DATABASE = "it is a database: read it with Dataset.Tabular.from_sql_query((datastore, query))"
_RECORDS = {
    **dict.fromkeys(("AzureSqlDatabase", "AzurePostgreSql", "AzureMySql"), _DATABASE),
    "AzureDataLake": "Azure Data Lake Storage Gen1 was retired by its vendor on 2024-02-29: copy the data elsewhere",
    "Dbfs": "only a Databricks cluster reaches DBFS: read its cloud storage as a datastore of its own kind",
    "Hdfs": "azud has no HDFS client: copy the data to a store that it reaches, or use webhdfs:// with driver fsspec",
}


def open_store(datastore: DatastoreRecord, credential: Credential) -> FileStore:
    """Return the files of a datastore that is not a local folder.

    Raises:
        UserError: It is of a kind without bytes.
        BackendError: The library for its kind is not installed.
    """
    opener = _OPENERS.get(datastore.driver)
    if opener is None:
        why = _RECORDS.get(datastore.type, "there is only a record of it")
        raise UserError(f"datastore {datastore.name!r} ({datastore.type}) holds no files for azud", hint=why)
    return opener(datastore, credential)


def _azure_blob(datastore: DatastoreRecord, credential: Credential) -> FileStore:
    options = datastore.options
    address = service_address(options, "blob")

    def connect() -> Any:
        adlfs = _library("adlfs", "azure", datastore)
        secret = _azure_secret(options, credential)
        if secret is not None:
            text = f"BlobEndpoint={address};{secret};"
            system = adlfs.AzureBlobFileSystem(connection_string=text, **_NO_LISTINGS)
            system.service_client = _client().from_connection_string(text, **_AZURE_CLIENT)
            return system
        system = adlfs.AzureBlobFileSystem(
            account_name=options["account_name"],
            account_host=address.partition("://")[2],
            tenant_id=options.get("tenant_id"),
            client_id=options.get("client_id"),
            client_secret=credential.get("client_secret"),
            anon=False,
            **_NO_LISTINGS,
        )
        system.service_client = _client()(account_url=address, credential=system.credential, **_AZURE_CLIENT)
        return system

    def _client() -> Any:
        # adlfs lets nobody say how often its client tries again, nor how much of a file it takes into memory.
        return importlib.import_module("azure.storage.blob.aio").BlobServiceClient

    def check(system: Any) -> None:
        async def first() -> None:
            container = system.service_client.get_container_client(str(options["container_name"]))
            async for _ in container.list_blobs(results_per_page=1):
                break

        importlib.import_module("fsspec.asyn").sync(system.loop, first)

    place = f"{address}/{options['container_name']}"
    return FileSystemStore(datastore.name, place, connect, str(options["container_name"]), Traits(check=check))


def _azure_secret(options: Mapping[str, Any], credential: Credential) -> str | None:
    """Return the part of a connection string that opens the account; None if somebody's identity does."""
    if credential.get("account_key"):
        return f"AccountName={options['account_name']};AccountKey={credential['account_key']}"
    if credential.get("sas_token"):
        return f"SharedAccessSignature={str(credential['sas_token']).lstrip('?')}"
    return None


def service_address(options: Mapping[str, Any], service: str) -> str:
    """Return the address of an Azure storage account's service.

    `endpoint` is v1's suffix (`core.windows.net`); one that holds a port or a path is the whole address, as of
    an emulator.
    """
    protocol = options.get("protocol") or "https"
    endpoint = str(options.get("endpoint") or "core.windows.net").rstrip("/")
    if "://" in endpoint:
        return endpoint
    if ":" in endpoint or "/" in endpoint:
        return f"{protocol}://{endpoint}"
    return f"{protocol}://{options['account_name']}.{service}.{endpoint}"


def _s3(datastore: DatastoreRecord, credential: Credential) -> FileStore:
    options = datastore.options
    region = options.get("region")

    def connect() -> Any:
        s3fs = _library("s3fs", "s3", datastore)
        config = {"connect_timeout": CONNECT_S, "read_timeout": ANSWER_S, "retries": {"max_attempts": 1}}
        return s3fs.S3FileSystem(
            key=credential.get("access_key_id"),
            secret=credential.get("secret_access_key"),
            token=credential.get("session_token"),
            endpoint_url=options.get("endpoint_url"),
            # S3 makes no bucket in its first region if that is named; see its CreateBucketConfiguration.
            client_kwargs={"region_name": region} if region and region != "us-east-1" else {},
            config_kwargs={**config, "region_name": region} if region == "us-east-1" else config,
            **_NO_LISTINGS,
        )

    root = _joined(str(options["bucket"]), options.get("prefix"))
    place = f"{options.get('endpoint_url') or 's3:/'}/{root}"
    traits = Traits(
        put_options={"chunksize": PART_BYTES, "max_concurrency": 4},
        check=lambda system: system.call_s3("list_objects_v2", Bucket=options["bucket"], MaxKeys=1),
    )
    return FileSystemStore(datastore.name, place, connect, root, traits)


def _gcs(datastore: DatastoreRecord, credential: Credential) -> FileStore:
    options = datastore.options

    def connect() -> Any:
        import json

        gcsfs = _library("gcsfs", "gcs", datastore)
        account = credential.get("service_account")
        token = json.loads(account) if isinstance(account, str) else account or "google_default"
        return gcsfs.GCSFileSystem(
            project=options.get("project"), token=token, endpoint_url=options.get("endpoint_url"), **_NO_LISTINGS
        )

    root = _joined(str(options["bucket"]), options.get("prefix"))
    place = f"{options.get('endpoint_url') or 'gs:/'}/{root}"
    traits = Traits(put_options={"chunksize": PART_BYTES})
    return FileSystemStore(datastore.name, place, connect, root, traits)


def _sftp(datastore: DatastoreRecord, credential: Credential) -> FileStore:
    options = datastore.options
    host, port = str(options["host"]), int(options.get("port") or 22)

    def connect() -> Any:
        sshfs = _library("sshfs", "sftp", datastore)
        asyncssh = importlib.import_module("asyncssh")
        asyncssh.set_log_level("ERROR")
        settings: dict[str, Any] = {}
        if options.get("host_key"):
            known = f"[{host}]:{port} {options['host_key']}\n{host} {options['host_key']}\n"
            settings["known_hosts"] = asyncssh.import_known_hosts(known)
        if credential.get("private_key"):
            key = asyncssh.import_private_key(credential["private_key"], credential.get("passphrase"))
            settings["client_keys"] = [key]
        elif credential.get("password"):
            settings |= {"password": credential["password"], "client_keys": None}
        return sshfs.SSHFileSystem(
            host,
            port=port,
            username=str(options["username"]),
            connect_timeout=CONNECT_S,
            keepalive_interval=ANSWER_S / 4,
            skip_instance_cache=True,
            **settings,
        )

    root = str(options.get("path") or ".")
    place = f"sftp://{options['username']}@{host}:{port}/{root}"
    return FileSystemStore(datastore.name, place, connect, root, Traits(ranges=False, folders=True))


def _fsspec(datastore: DatastoreRecord, credential: Credential) -> FileStore:
    url = str(datastore.options["url"])
    settings = {name: value for name, value in datastore.options.items() if name != "url"}
    scheme, _, rest = url.partition("://")

    def connect() -> Any:
        fsspec = importlib.import_module("fsspec")
        try:
            kind = fsspec.get_filesystem_class(scheme)
        except (ImportError, ValueError) as error:
            raise BackendError(
                f"datastore {datastore.name!r}: no file system for {scheme}:// is installed ({error})",
                hint="install the library that brings it beside azud",
            ) from error
        return kind(**{**settings, **credential}, skip_instance_cache=True)

    root = rest if not rest.startswith("/") else "/" + clean_relative(rest)
    return FileSystemStore(datastore.name, url, connect, root, Traits(ranges=False, folders=True))


def _joined(container: str, prefix: object) -> str:
    below = clean_relative(str(prefix or ""))
    return f"{container}/{below}" if below else container


def _library(name: str, extra: str, datastore: DatastoreRecord) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise BackendError(
            f"datastore {datastore.name!r} needs the library {name}, which is not installed beside azud",
            hint=f"pip install 'azud[{extra}]'",
        ) from error


_OPENERS: Mapping[str, Callable[[DatastoreRecord, Credential], FileStore]] = {
    "azure_blob": _azure_blob,
    "s3": _s3,
    "gcs": _gcs,
    "sftp": _sftp,
    "fsspec": _fsspec,
}
