"""What stores and their libraries raise, as azud's errors.

Messages of libraries may hold signed addresses, so none of them is passed on unseen: only codes, and texts from which
everything that looks like an address or a signature was cut.
"""

from __future__ import annotations

import asyncio
import errno
import re

from azud.core.errors import AzudError, NotFoundError, PermissionDeniedError, StorageError

_SECRETS = re.compile(
    r"(?i)(?:https?|sftp|s3|abfs)://\S+|\b(?:sig|signature|accountkey|token|password|secret)\s*[=:]\s*\S+"
)
_AWAY = frozenset(
    getattr(errno, name)
    for name in ("ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH")
)
_DENIED = frozenset(
    (401, 403, "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")
)
_AWAY_CODES = frozenset((408, 429, 500, 502, 503, 504, "SlowDown", "InternalError", "ServiceUnavailable"))
_GONE = frozenset((404, "NoSuchBucket", "NoSuchKey", "ContainerNotFound", "BlobNotFound", "404"))
# Of libraries that need not be installed, so they are known by their names.
_AWAY_TYPES = frozenset(
    (
        "ServiceRequestError", "ServiceResponseError", "IncompleteReadError", "ClientConnectionError",
        "ClientPayloadError", "ServerDisconnectedError", "EndpointConnectionError", "ConnectionClosedError",
        "ConnectTimeoutError", "ReadTimeoutError", "ConnectionLost", "DisconnectError", "ConnectionError",
        "SFTPConnectionLost", "SFTPNoConnection", "FSTimeoutError", "ResponseStreamingError", "HttpResponseTimeout",
    )
)  # fmt: skip
_DENIED_TYPES = frozenset(
    ("ClientAuthenticationError", "PermissionDenied", "SFTPPermissionDenied", "NoCredentialsError")
)


def translated(error: BaseException, place: str) -> AzudError:
    """Return an error of a store's library as azud's.

    Args:
        error: What was raised.
        place: What was looked at, for people: `'x.csv' on datastore 'blobs'`.
    """
    if isinstance(error, AzudError):
        return error
    chain = list(_chain(error))
    names = {kind.__name__ for item in chain for kind in type(item).__mro__}
    codes = {code for item in chain for code in _codes(item)}
    text = _shown(chain)
    if "HostKeyNotVerifiable" in names:
        hint = "give the datastore its host_key, or add it to ~/.ssh/known_hosts"
        found: AzudError = PermissionDeniedError(f"{place}: the server's host key is not known", hint=hint)
    elif codes & _DENIED or names & _DENIED_TYPES or isinstance(error, PermissionError):
        hint = "check the credential and when it expires; azud datastore set-credential replaces it"
        found = PermissionDeniedError(f"{place}: access was denied ({text})", hint=hint)
    elif isinstance(error, FileNotFoundError) or codes & _GONE or "SFTPNoSuchFile" in names:
        found = NotFoundError(f"{place} is not there", hint="check the name of the container and the path")
    elif is_away(error):
        found = StorageError(f"{place}: the store does not answer ({text})", hint="is it up?", retryable=True)
    else:
        found = StorageError(f"{place}: {text}", hint="see the server's log for more", retryable=False)
    return found


def is_away(error: BaseException) -> bool:
    """Return whether the same call may succeed a little later."""
    if isinstance(error, AzudError):
        return error.retryable
    for item in _chain(error):
        if isinstance(item, (TimeoutError, ConnectionError, asyncio.IncompleteReadError)):
            return True
        if isinstance(item, OSError) and item.errno in _AWAY:
            return True
        if {kind.__name__ for kind in type(item).__mro__} & _AWAY_TYPES or set(_codes(item)) & _AWAY_CODES:
            return True
    return False


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found and len(found) < 10:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _codes(error: BaseException) -> list[int | str]:
    """Return the codes that libraries put at different places."""
    found: list[int | str] = []
    for name in ("status_code", "status", "error_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, (int, str)):
            found.append(value if isinstance(value, int) else str(value))
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore
        found.append(str(response.get("Error", {}).get("Code", "")))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        found += [status] if isinstance(status, int) else []
    return found


def _shown(chain: list[BaseException]) -> str:
    """Return the first line of what was said, without addresses and signatures."""
    for error in chain:
        line = str(error).strip().partition("\n")[0]
        if line:
            return f"{type(error).__name__}: {_SECRETS.sub('…', line)[:200]}"
    return type(chain[0]).__name__
