"""The HTTP client: framing, connections that are kept, what is repeated and what is not."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
from pathlib import Path

import pytest
from tests.unit.client.servers import answer, read_request, serving

from azud.client.transport import Client, quote_path
from azud.core.errors import AzudError, BackendError, ConflictError, NotFoundError, SettingsError, StoreBusy


def test_a_json_call_and_its_answer(tmp_path: Path) -> None:
    seen = []

    def handle(link: socket.socket, count: int) -> None:
        seen.append(read_request(link))
        answer(link, json.dumps({"ü": 1}).encode())

    with serving(tmp_path / "s", handle) as address:
        client = Client(address, token="t")
        assert client.post("/runs", {"a": "é"}, key="k") == {"ü": 1}
        client.close()
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/runs HTTP/1.1\r\n")
    assert b"Authorization: Bearer t" in head
    assert b"Idempotency-Key: k" in head
    assert json.loads(body) == {"a": "é"}


def test_a_connection_is_kept_for_the_next_call(tmp_path: Path) -> None:
    connections = []

    def handle(link: socket.socket, count: int) -> None:
        connections.append(count)
        while read_request(link):
            answer(link)

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        for _ in range(5):
            client.get("/x")
        client.close()
    assert connections == [0]


def _await_the_close(client: Client) -> None:
    held = client._held()
    assert held is not None
    while held.is_reusable():
        time.sleep(0.001)


def test_a_connection_that_the_server_closed_is_not_used(tmp_path: Path) -> None:
    seen = []

    def handle(link: socket.socket, count: int) -> None:
        seen.append(read_request(link))
        answer(link)  # and close

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        for _ in range(3):
            client.post("/not-repeatable", {})
            _await_the_close(client)
        client.close()
    assert len(seen) == 3


@pytest.mark.parametrize(
    "pieces",
    [
        [b"3\r\nabc\r\n", b"2;x=y\r\nde\r\n", b"0\r\n\r\n"],
        [b"3\r\nab", b"c\r\n2\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"],
    ],
)
def test_chunked_bodies(tmp_path: Path, pieces: list[bytes]) -> None:
    def handle(link: socket.socket, count: int) -> None:
        read_request(link)
        link.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            link.sendall(piece)
        assert read_request(link)
        answer(link, b'"next"')

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        assert b"".join(client.download("/f")) == b"abcde"
        assert client.get("/x") == "next"
        client.close()


def test_a_body_that_ends_with_the_connection(tmp_path: Path) -> None:
    def handle(link: socket.socket, count: int) -> None:
        read_request(link)
        link.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        assert b"".join(client.download("/f")) == b"x" * 100_000
        client.close()


def test_answers_without_a_body_and_early_answers(tmp_path: Path) -> None:
    def handle(link: socket.socket, count: int) -> None:
        read_request(link)
        link.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
        read_request(link)
        answer(link)

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        assert client.call("DELETE", "/x") is None
        assert client.get("/y") == {}
        client.close()


def test_errors_come_back_as_their_class(tmp_path: Path) -> None:
    problem = ConflictError("taken", hint="choose another", details={"name": "x"}).to_problem()

    def handle(link: socket.socket, count: int) -> None:
        while read_request(link):
            answer(link, json.dumps(problem).encode(), "409 Conflict")

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        with pytest.raises(ConflictError, match="taken") as caught:
            client.post("/x", {})
        client.close()
    assert caught.value.hint == "choose another"
    assert caught.value.details == {"name": "x"}


def test_an_error_that_is_no_problem_document(tmp_path: Path) -> None:
    def handle(link: socket.socket, count: int) -> None:
        read_request(link)
        answer(link, b"<html>", "502 Bad Gateway")

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        with pytest.raises(BackendError, match="answered 502"):
            client.get("/x")
        client.close()


def test_a_busy_store_is_asked_again(tmp_path: Path) -> None:
    asked = []

    def handle(link: socket.socket, count: int) -> None:
        while read_request(link):
            asked.append(1)
            if len(asked) < 3:
                answer(link, json.dumps(StoreBusy("busy").to_problem()).encode(), "503 Service Unavailable")
            else:
                answer(link, b"7")

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        assert client.get("/x") == 7
        client.close()


def test_a_lost_answer_is_asked_for_again_only_where_that_is_safe(tmp_path: Path) -> None:
    seen = []

    def handle(link: socket.socket, count: int) -> None:
        seen.append(read_request(link).split(b" ")[0])
        if count % 2:
            answer(link, b"1")
        # else: close without an answer, as a server does that is killed

    with serving(tmp_path / "s", handle) as address:
        client = Client(address, retry_s=5)
        assert client.get("/x") == 1
        assert client.post("/runs", {}, key="k") == 1
        assert client.post("/blobs/missing", {}, repeat=True) == 1
        _await_the_close(client)  # else the next request may go into a connection that nobody reads any more
        with pytest.raises(BackendError, match="broke off"):
            client.post("/runs/1/metrics", {})
        client.close()
    assert seen == [b"GET"] * 2 + [b"POST"] * 5


TORN = [b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b""]


@pytest.mark.parametrize("torn", TORN, ids=["in the head", "in the body", "before it"])
def test_a_server_that_dies_inside_an_answer_is_asked_again_where_that_is_safe(tmp_path: Path, torn: bytes) -> None:
    seen = []

    def handle(link: socket.socket, count: int) -> None:
        seen.append(read_request(link).partition(b"\r\n\r\n")[2])
        if count % 2:
            answer(link, b'"whole"')
        else:
            link.sendall(torn)

    with serving(tmp_path / "s", handle) as address:
        client = Client(address, retry_s=5)
        assert client.get("/x") == "whole"
        assert client.call("PATCH", "/x", body={"set_tags": {}}) == "whole"
        assert client.post("/x", {"a": 1}, key="k") == "whole"
        assert client.upload("/x", io.BytesIO(b"bytes"), 5) == "whole"
        _await_the_close(client)
        with pytest.raises(BackendError, match="broke off"):
            client.post("/x", {"a": 2})
        client.close()
    assert seen == [b"", b""] + [b'{"set_tags": {}}'] * 2 + [b'{"a": 1}'] * 2 + [b"bytes"] * 2 + [b'{"a": 2}']


def test_calls_wait_while_the_server_restarts(tmp_path: Path) -> None:
    asked = []

    def start() -> None:
        asked.append(1)

    client = Client(f"unix:{tmp_path / 's'}", retry_s=10, on_unreachable=start)
    ready = threading.Event()
    threading.Timer(0.2, ready.set).start()
    result = []
    waiter = threading.Thread(target=lambda: result.append(client.get("/x")))
    waiter.start()
    ready.wait(5)

    def handle(link: socket.socket, count: int) -> None:
        read_request(link)
        answer(link, b'"back"')

    with serving(tmp_path / "s", handle):
        waiter.join(10)
    assert result == ["back"]
    assert len(asked) > 1


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no workspace server answers"):
        Client(f"unix:{tmp_path / 's'}", retry_s=0.05).get("/x")


def test_what_cannot_start_the_server_ends_the_call(tmp_path: Path) -> None:
    def refuse() -> None:
        raise NotFoundError("no interpreter")

    with pytest.raises(NotFoundError, match="no interpreter"):
        Client(f"unix:{tmp_path / 's'}", on_unreachable=refuse).get("/x")


@pytest.mark.parametrize("address", ["http://localhost", "ftp://x:1", "", "unix"])
def test_addresses_that_are_not_understood(address: str) -> None:
    with pytest.raises(SettingsError):
        Client(address, retry_s=0).get("/x")


def test_tcp() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        link, _ = listener.accept()
        with link:
            read_request(link)
            answer(link, b"5")

    thread = threading.Thread(target=serve)
    thread.start()
    client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert client.get("/x") == 5
    thread.join()
    client.close()
    listener.close()


def test_uploads_start_again_from_where_the_file_stood(tmp_path: Path) -> None:
    bodies = []

    def handle(link: socket.socket, count: int) -> None:
        request = read_request(link)
        bodies.append(request.partition(b"\r\n\r\n")[2])
        if count:
            answer(link, b"")

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        stream = io.BytesIO(b"skip" + b"x" * 500_000)
        stream.seek(4)
        assert client.upload("/blobs/1", stream, 500_000) is None
        client.close()
    assert bodies == [b"x" * 500_000] * 2


def test_a_file_that_became_shorter(tmp_path: Path) -> None:
    def handle(link: socket.socket, count: int) -> None:
        try:
            while link.recv(65536):
                pass
        except OSError:
            return

    with serving(tmp_path / "s", handle) as address, pytest.raises(AzudError, match="became shorter"):
        Client(address, retry_s=0).upload("/blobs/1", io.BytesIO(b"abc"), 5)


def test_a_fork_does_not_share_the_connection(tmp_path: Path) -> None:
    connections = []

    def handle(link: socket.socket, count: int) -> None:
        connections.append(count)
        link.settimeout(0.3)
        try:
            while read_request(link):
                answer(link)
        except TimeoutError:
            return

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        client.get("/x")
        held = client._held()
        assert held is not None
        held.pid = os.getpid() + 1  # as a child sees it
        client.get("/x")
        client.close()
    assert connections == [0, 1]


def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next(tmp_path: Path) -> None:
    """Ctrl-C during a long poll: the answer comes later, when another call has been made."""

    def handle(link: socket.socket, count: int) -> None:
        while read_request(link):
            if count:
                answer(link, b'"second"')
            else:
                time.sleep(0.2)
                answer(link, b'"first"')

    with serving(tmp_path / "s", handle) as address:
        client = Client(address)
        connection = client._connection()
        connection.send("GET", "/long", {}, None, 0)  # and Ctrl-C before the answer
        assert client.get("/x") == "second"
        client.close()


def test_threads_have_connections_of_their_own(tmp_path: Path) -> None:
    client = Client(f"unix:{tmp_path / 's'}")
    found = []

    def handle(link: socket.socket, count: int) -> None:
        while read_request(link):
            answer(link)

    with serving(tmp_path / "s", handle):
        client.get("/x")
        thread = threading.Thread(target=lambda: found.append(client._held()))
        thread.start()
        thread.join()
        client.close()
    assert found == [None]


def test_quoting() -> None:
    assert quote_path("a/b-c_d.e~f") == "a/b-c_d.e~f"
    assert quote_path("ä b?%") == "%C3%A4%20b%3F%25"
