"""Files at web addresses, read only.

An address comes from a user, and the server asks for it: so it must not lead to what only the server can reach. The
host's name is resolved once, every address that it has must be a public one, and the connection goes to the one that
was checked. Redirects are not followed: each would be another address.

Source: the class "server-side request forgery" of advisories in this field; RFC 9110.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import http.client
import ipaddress
import socket
import ssl
import urllib.parse
from collections.abc import Iterator

from azud.adapters.datastores.remote.troubles import translated
from azud.core.errors import AzudError, ConflictError, NotFoundError, PermissionDeniedError, StorageError, UserError
from azud.services.file_ports import StoredFile

CHUNK_BYTES = 4 << 20
CONNECT_S, ANSWER_S = 10, 60
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class WebFiles:
    """`azud.services.file_ports.FileStore` whose paths are web addresses.

    Args:
        allowed: `host` or `host:port` that may be asked though they are no public addresses.
    """

    identity = "web"

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        self._allowed = allowed

    def check(self) -> None:
        """Nothing to look at."""

    def create(self) -> None:
        raise _read_only()

    def find(self, path: str) -> StoredFile | None:
        with self._answer(path, 0) as answer:
            mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            length = answer.headers.get("Content-Length")
            moment = answer.headers.get("Last-Modified")
            at = email.utils.parsedate_to_datetime(moment).timestamp() if moment else None
            if length is not None and length.isdigit():
                return StoredFile(path, int(length), mark, at)
            # One that is made while it is asked for: only all of it says how large it is, and which.
            digest, size = hashlib.sha256(), 0
            while chunk := answer.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
            return StoredFile(path, size, f"sha256:{digest.hexdigest()}", at)

    def files(self, folder: str) -> Iterator[StoredFile]:
        raise UserError(f"{folder} is a web address, which has no files below it", hint="name each file")

    def read(self, file: StoredFile, offset: int = 0) -> Iterator[bytes]:
        left = file.size_bytes - offset
        with self._answer(file.path, offset) as answer:
            mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            if not file.mark.startswith("sha256:") and mark != file.mark:
                raise ConflictError(f"{file.path} changed while it was read", hint="read it again")
            skip = offset if answer.status == 200 else 0  # a server that knows no ranges begins anew
            while left > 0:
                chunk = answer.read(min(CHUNK_BYTES, skip or left))
                if not chunk:
                    raise StorageError(f"{file.path}: the answer ended too early", hint="ask again", retryable=True)
                if skip:
                    skip -= len(chunk)
                    continue
                left -= len(chunk)
                yield chunk

    def write(self, path: str, source: str) -> None:
        raise _read_only()

    def remove(self, path: str) -> None:
        raise _read_only()

    def close(self) -> None:
        """No connection is kept."""

    @contextlib.contextmanager
    def _answer(self, address: str, offset: int) -> Iterator[http.client.HTTPResponse]:
        """Ask for an address from an offset and give the answer, whose body the caller reads.

        Raises:
            NotFoundError, PermissionDeniedError, StorageError: The server's answer.
            UserError: The address is not one that may be asked for.
        """
        parts = parsed(address)
        connection = None
        try:
            connection = self._connected(parts)
            target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            headers = {"Accept-Encoding": "identity", "User-Agent": "azud"}
            if offset:
                headers["Range"] = f"bytes={offset}-"
            connection.request("GET", urllib.parse.quote(target, safe="/?&=%+:;,@!$'()*~#[]"), headers=headers)
            with connection.getresponse() as answer:
                _require_good(answer, address)
                yield answer
        except AzudError:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise translated(error, address) from error
        finally:
            if connection is not None:
                connection.close()

    def _connected(self, parts: urllib.parse.SplitResult) -> http.client.HTTPConnection:
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        family, address = self._checked(host, port)
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.settimeout(CONNECT_S)
            link.connect(address)
            link.settimeout(ANSWER_S)
            if parts.scheme == "https":
                link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
        except BaseException:
            link.close()
            raise
        connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
        connection.sock = link
        return connection

    def _checked(self, host: str, port: int) -> tuple[int, tuple[object, ...]]:
        """Resolve a host and return the address to connect to.

        Raises:
            PermissionDeniedError: One of its addresses is not public.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NotFoundError(f"there is no host {host!r}", hint="check the address") from error
        if not self._allowed & {host, f"{host}:{port}"}:
            for *_, address in found:
                if not _is_public(str(address[0])):
                    raise PermissionDeniedError(
                        f"{host!r} is no public address ({address[0]})",
                        hint="whoever runs the server can allow it: the setting web_allow",
                    )
        family, _, _, _, address = found[0]
        return family, address


def parsed(address: str) -> urllib.parse.SplitResult:
    """Return the parts of a web address.

    Raises:
        UserError: It is none, or holds what opens it: that would be stored in clear.
    """
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UserError(f"{address!r} is no web address", hint="https://HOST/PATH")
    if parts.username or parts.password:
        raise UserError(
            f"the address at {parts.hostname} holds a user or password", hint="register a datastore with a credential"
        )
    names = {name.lower() for name, _ in urllib.parse.parse_qsl(parts.query)}
    if names & {"sig", "signature", "x-amz-signature", "x-goog-signature", "token"}:
        raise UserError(
            f"the address at {parts.hostname} holds a signature, which would be stored in clear",
            hint="register the container as a datastore: Datastore.register_azure_blob_container(sas_token=…)",
        )
    return parts


def relative_name(address: str) -> str:
    """Return the path that stands for an address among the files of a dataset: `host/path`."""
    parts = parsed(address)
    path = urllib.parse.unquote(parts.path)
    kept = [part for part in path.split("/") if part not in ("", ".", "..") and "\\" not in part]
    return "/".join([str(parts.hostname), *(kept or ["index"])])


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_global and not found.is_multicast


def _require_good(answer: http.client.HTTPResponse, address: str) -> None:
    status = answer.status
    if status in (200, 206):
        return
    if status in _REDIRECTS:
        raise UserError(
            f"{address} leads on to {answer.headers.get('Location')}",
            hint="if you trust that address, name it yourself",
        )
    if status in (401, 403):
        raise PermissionDeniedError(f"{address}: access was denied ({status})", hint="is it public?")
    if status in (404, 410):
        raise NotFoundError(f"{address} is not there ({status})", hint="check the address")
    raise StorageError(f"{address}: the server answered {status}", hint="ask again later", retryable=status >= 500)


def _read_only() -> UserError:
    return UserError("web addresses can only be read", hint="register a datastore to write to")
