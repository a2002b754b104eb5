"""The client of the REST API: connections kept per thread, repeats, problem+json back to errors.

A request is repeated while the server restarts when that is safe: nothing was sent, the method is
idempotent, the call carries an `Idempotency-Key`, or the caller says so.
"""

from __future__ import annotations

import json
import os
import time
from typing import IO, Any, Callable, Dict, Iterator, Mapping, Optional, Union

from azud.client.http import Body, Connection, Response
from azud.core.errors import AzudError, BackendError, error_from_code

DEFAULT_RETRY_S = 30.0
_ANSWER_TIMEOUT_S = 300.0
_CONNECT_TIMEOUT_S = 10.0
_REPEATABLE = frozenset(("GET", "HEAD", "PUT", "DELETE", "PATCH"))
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 1.0

QueryValue = Union[str, int, float, bool, None]


class Client:
    """A workspace server's API. Threads may share one; each gets its own connection.

    Args:
        address: `unix:/path` or `http://host:port`.
        token: Bearer token, or None where the socket's folder protects it.
        retry_s: For how many seconds calls wait and repeat while nobody answers.
        on_unreachable: Called when nobody listens, before the next try: starts the server where that is this
            process's business. What it raises ends the call.
    """

    def __init__(
        self,
        address: str,
        *,
        token: Optional[str] = None,
        retry_s: float = DEFAULT_RETRY_S,
        on_unreachable: Optional[Callable[[], object]] = None,
    ) -> None:
        """Remember where the server is; nothing is sent yet."""
        import threading

        self.address = address
        self._token = token
        self._retry_s = retry_s
        self._on_unreachable = on_unreachable
        self._local = threading.local()

    def get(self, path: str, query: Optional[Mapping[str, QueryValue]] = None, *, wait_s: float = 0.0) -> Any:
        """Return the JSON answer of a GET; `wait_s` is how long the server may hold a long poll.

        Raises:
            AzudError: The server refused (by its code), or nobody answered.
        """
        return self.call("GET", path, query=query, wait_s=wait_s)

    def post(self, path: str, body: Any = None, *, key: Optional[str] = None, repeat: bool = False) -> Any:
        """Return the JSON answer of a POST.

        Args:
            path: Below `/api/v1`.
            body: JSON-able value.
            key: Idempotency key, under which the server does the work once however often it is asked.
            repeat: The call is idempotent by its nature, so it may be repeated without a key.

        Raises:
            AzudError: The server refused (by its code), or nobody answered.
        """
        return self.call("POST", path, body=body, key=key, repeat=repeat)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Optional[Mapping[str, QueryValue]] = None,
        key: Optional[str] = None,
        repeat: bool = False,
        wait_s: float = 0.0,
    ) -> Any:
        """Send JSON, return the JSON answer (None if it has no body).

        Raises:
            AzudError: The server refused (by its code), or nobody answered.
        """
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json"} if data is not None else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        repeatable = repeat or key is not None or method in _REPEATABLE
        return self._answer(_Request(method, path, query, headers, data, len(data or b""), repeatable, wait_s))

    def upload(self, path: str, stream: Union[bytes, IO[bytes]], size_bytes: int, *, wait_s: float = 0.0) -> Any:
        """PUT `size_bytes` bytes, from memory or read from a seekable file at its present place.

        `wait_s` is how long the server may take with them once it has them all.

        Raises:
            AzudError: The server refused (by its code), or nobody answered.
        """
        headers = {"Content-Type": "application/octet-stream"}
        return self._answer(_Request("PUT", path, None, headers, stream, size_bytes, True, wait_s))

    def follow(self, path: str, body: Any, told: Optional[Callable[[Dict[str, Any]], object]] = None) -> Any:
        """Return the result of a POST that takes long: its answer is JSON lines, progress, then result or problem.

        Where the server dies on the way it is asked again, so what it does must be such that this is the same.

        Args:
            path: Below `/api/v1`.
            body: JSON-able value.
            told: Called with each progress.

        Raises:
            AzudError: The server refused or failed, or nobody answered.
        """
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json"}
        return self._followed(_Request("POST", path, None, headers, data, len(data), True), told)

    def feed(self, path: str, stream: IO[bytes], size_bytes: int) -> Any:
        """Return the result of a POST of bytes that takes long and may be done only once; answered as `follow` is.

        Raises:
            AzudError: The server refused or failed, nobody answered, or the connection broke: whether what was asked
                for took place is not known then, and it is not asked for again.
        """
        headers = {"Content-Type": "application/octet-stream"}
        return self._followed(_Request("POST", path, None, headers, stream, size_bytes, False), None)

    def _followed(self, request: _Request, told: Optional[Callable[[Dict[str, Any]], object]]) -> Any:
        attempt = _Attempts(self._retry_s)
        while True:
            response = self._exchange(request, attempt)
            try:
                return _last_line(response, told)
            except (OSError, ValueError) as error:
                self.close()
                self._after_failure(error, sent=True, repeatable=request.repeatable, attempt=attempt)

    def open(self, path: str, query: Optional[Mapping[str, QueryValue]] = None, *, wait_s: float = 0.0) -> Response:
        """GET bytes and return the answer, whose chunks the caller reads before this thread's next call.

        Raises:
            AzudError: The server refused (by its code), or nobody answered.
        """
        return self._exchange(_Request("GET", path, query, wait_s=wait_s), _Attempts(self._retry_s))

    def download(self, path: str, query: Optional[Mapping[str, QueryValue]] = None) -> Iterator[bytes]:
        """Yield the bytes of a GET in chunks.

        Raises:
            AzudError: The server refused (by its code), nobody answered, or the connection broke on the way.
        """
        try:
            yield from self.open(path, query).chunks()
        except OSError as error:
            raise BackendError(f"the download of {path} broke off: {error}", retryable=True) from error

    def close(self) -> None:
        """Close this thread's connection."""
        connection = self._held()
        if connection is not None:
            self._local.connection = None
            connection.close()

    def _held(self) -> Optional[Connection]:
        held: Optional[Connection] = getattr(self._local, "connection", None)
        return held

    def _answer(self, request: _Request) -> Any:
        """Return the JSON answer, asked for again where the server dies in the middle of it and that is safe."""
        attempt = _Attempts(self._retry_s)
        while True:
            response = self._exchange(request, attempt)
            try:
                answer = response.read()
            except (OSError, ValueError) as error:
                self.close()
                self._after_failure(error, sent=True, repeatable=request.repeatable, attempt=attempt)
                continue
            return json.loads(answer) if answer else None

    def _exchange(self, request: _Request, attempt: _Attempts) -> Response:
        headers = dict(request.headers, Accept="application/json")
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        while True:
            request.rewind()
            sent = False
            try:
                connection = self._connection()
                sent = True
                connection.send(request.method, request.target, headers, request.body, request.length)
                response = connection.receive(request.method, _ANSWER_TIMEOUT_S + request.wait_s)
            except (OSError, ValueError) as error:
                self.close()
                self._after_failure(error, sent=sent, repeatable=request.repeatable, attempt=attempt)
                continue
            if response.status < 400:
                return response
            problem = _problem(response)
            if not (problem.retryable and response.status == 503 and request.repeatable and attempt.pause()):
                raise problem

    def _connection(self) -> Connection:
        held = self._held()
        if held is not None:
            if held.is_reusable():
                return held
            self.close()
        self._local.connection = Connection(self.address, timeout_s=_CONNECT_TIMEOUT_S)
        connection: Connection = self._local.connection
        return connection

    def _after_failure(self, error: Exception, *, sent: bool, repeatable: bool, attempt: _Attempts) -> None:
        """Return if the request may be sent again now; raise otherwise."""
        timed_out = isinstance(error, TimeoutError) and sent
        lost = sent and not repeatable
        if lost or timed_out or isinstance(error, ValueError):
            raise BackendError(
                f"the workspace server at {self.address} broke off: {error}",
                hint="look at `azud server logs`; whether the request took effect is not known",
                retryable=repeatable,
            ) from error
        if not sent and self._on_unreachable is not None:
            self._on_unreachable()
        if not attempt.pause():
            raise BackendError(
                f"no workspace server answers at {self.address}: {error}",
                hint="look at `azud server status` and `azud server logs`",
                retryable=True,
            ) from error


def _last_line(response: Response, told: Optional[Callable[[Dict[str, Any]], object]]) -> Any:
    """Return the result that an answer of JSON lines ends with.

    Raises:
        AzudError: It ends with a problem.
        OSError: It ends with neither.
    """
    rest, last = b"", {}
    for chunk in response.chunks():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            last = json.loads(line)
            if "progress" in last and told is not None:
                told(last["progress"])
    if "problem" in last:
        raise _error_of(last["problem"])
    if "result" not in last:
        raise OSError("the server's answer has no end")
    return last["result"]


class _Request:
    """What is sent, as often as it takes; a body that is read from a file begins where that is now."""

    def __init__(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, QueryValue]] = None,
        headers: Optional[Dict[str, str]] = None,
        body: Body = None,
        length: int = 0,
        repeatable: bool = True,
        wait_s: float = 0.0,
    ) -> None:
        self.method = method
        self.target = "/api/v1" + quote_path(path) + _query_text(query)
        self.headers = headers or {}
        self.body = body
        self.length = length
        self.repeatable = repeatable
        self.wait_s = wait_s
        self._start = 0 if body is None or isinstance(body, bytes) else body.tell()

    def rewind(self) -> None:
        """Go back to where the body begins."""
        if self.body is not None and not isinstance(self.body, bytes):
            self.body.seek(self._start)


class _Attempts:
    """Pauses between repeats, growing, until the time is spent."""

    def __init__(self, total_s: float) -> None:
        self._until = time.monotonic() + total_s
        self._pause_s = _FIRST_PAUSE_S
        self._first = True

    def pause(self) -> bool:
        """Wait before the next try and return True, or return False when the time is spent."""
        if self._first:  # a stale connection or a server that was just started: at once
            self._first = False
            return True
        if time.monotonic() + self._pause_s > self._until:
            return False
        time.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        return True


def quote_path(text: str) -> str:
    """Return the text with everything percent-encoded but unreserved characters and slashes (RFC 3986)."""
    if text.isascii() and all(char.isalnum() or char in "/-_.~" for char in text):
        return text
    return "".join(char if char.isascii() and (char.isalnum() or char in "/-_.~") else _percent(char) for char in text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _query_text(query: Optional[Mapping[str, QueryValue]]) -> str:
    pairs = []
    for name, value in (query or {}).items():
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            pairs.append(f"{name}={quote_path(text).replace('/', '%2F')}")
    return "?" + "&".join(pairs) if pairs else ""


def _problem(response: Response) -> AzudError:
    raw = response.read()
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        text = raw[:200].decode("utf-8", "replace")
        return BackendError(f"the workspace server answered {response.status}: {text}")
    body.setdefault("detail", body.get("title") or f"status {response.status}")
    return _error_of(body)


def _error_of(problem: Mapping[str, Any]) -> AzudError:
    """Return the error that a problem+json object stands for."""
    details = problem.get("details")
    return error_from_code(
        str(problem.get("code", "azud")),
        str(problem.get("detail")),
        hint=problem.get("hint"),
        retryable=problem.get("retryable"),
        details=details if isinstance(details, dict) else None,
    )


def in_job() -> bool:
    """Return whether this process is a job that azud started; jobs never start servers."""
    return bool(os.environ.get("AZUD_ATTEMPT_DIR"))
