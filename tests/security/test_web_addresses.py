"""Server-side request forgery: a dataset's web address leads to public machines only, whatever it is called."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from azud.adapters.datastores.patience import read_on
from azud.adapters.datastores.remote.web import WebFiles, relative_name
from azud.core.errors import AzudError, NotFoundError, PermissionDeniedError, StorageError, UserError

CONTENT = b"day,rain\n1,2\n" * 1000


class _Site(http.server.BaseHTTPRequestHandler):
    """A web site that counts who asks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/status/"):
            self.send_error(int(self.path.rpartition("/")[2]))
        elif self.path == "/unsized.csv":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(CONTENT)
            self.close_connection = True
        else:
            start = 0
            asked = self.headers.get("Range")
            if asked and self.path != "/no-ranges.csv":
                start = int(asked.removeprefix("bytes=").rstrip("-"))
            body = CONTENT[start:]
            cut = self.path == "/cut.csv" and not asked
            self.send_response(206 if start else 200)
            self.send_header("ETag", '"one"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:5000] if cut else body)
            if cut:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def _at(site, path: str) -> str:
    return f"http://127.0.0.1:{site.server_address[1]}{path}"


@pytest.fixture
def allowed(site) -> WebFiles:
    return WebFiles(frozenset([f"127.0.0.1:{site.server_address[1]}"]))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "224.0.0.1",
    ],
)
def test_addresses_that_are_not_public_are_refused_before_anything_is_sent(site, host):
    with pytest.raises((PermissionDeniedError, NotFoundError)):
        WebFiles().find(f"http://{host}:{site.server_address[1]}/x.csv")
    assert site.asked == []


def test_the_address_that_was_checked_is_the_one_that_is_asked(site, monkeypatch):
    """A name that leads elsewhere when it is looked up again (DNS rebinding) gains nothing."""
    asked = []

    def resolve(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        public = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (public, port))]

    connected = []

    def connect(_self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise TimeoutError("not here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(StorageError):
        WebFiles().find(f"http://rebound.example:{site.server_address[1]}/x.csv")
    assert (asked, connected) == (["rebound.example"], ["93.184.216.34"])


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in ("93.184.216.34", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: both)
    with pytest.raises(PermissionDeniedError, match=r"10\.0\.0\.7"):
        WebFiles().find("http://both.example/x.csv")


def test_redirects_are_told_and_not_followed(site, allowed):
    with pytest.raises(UserError, match=r"leads on to http://169\.254") as error:
        allowed.find(_at(site, "/moved"))
    assert "name it yourself" in str(error.value.hint)
    assert [path for path, _ in site.asked] == ["/moved"]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "http://",
        "gopher://example.org/x",
        "https://user:s3same@example.org/x.csv",
        "https://store.example.org/c/x.csv?sv=1&sig=abc",
        "https://bucket.example.org/x.csv?X-Amz-Signature=abc",
    ],
)
def test_addresses_with_another_scheme_or_with_what_opens_them_are_refused(address):
    with pytest.raises(UserError) as error:
        WebFiles().find(address)
    assert "s3same" not in str(error.value) and "abc" not in str(error.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, PermissionDeniedError), (403, PermissionDeniedError), (404, NotFoundError), (500, StorageError)],
)
def test_refusals_are_told(site, allowed, status, kind):
    with pytest.raises(kind) as error:
        allowed.find(_at(site, f"/status/{status}"))
    assert error.value.retryable == (status == 500)


@pytest.mark.parametrize("path", ["/plain.csv", "/unsized.csv", "/cut.csv", "/no-ranges.csv"])
def test_files_are_read_whole(site, allowed, path, monkeypatch):
    monkeypatch.setattr("azud.adapters.datastores.patience.FIRST_WAIT_S", 0.01)
    file = allowed.find(_at(site, path))
    assert file is not None and file.size_bytes == len(CONTENT) and file.mark
    assert b"".join(read_on(allowed, file)) == CONTENT
    assert b"".join(allowed.read(file, 700))[-20:] == CONTENT[-20:] if path == "/no-ranges.csv" else True


def test_names_of_files_stay_below_a_folder():
    assert relative_name("https://example.org/a/../../b//c%2f..%2fd.csv?q=1") == "example.org/a/b/c/d.csv"
    assert relative_name("https://example.org/") == "example.org/index"


def test_nothing_can_be_written_or_listed(tmp_path):
    store = WebFiles()
    calls = (
        store.create,
        lambda: store.write("https://example.org/x", str(tmp_path)),
        lambda: store.remove("https://example.org/x"),
        lambda: list(store.files("https://example.org/")),
    )
    for call in calls:
        with contextlib.ExitStack() as stack:
            stack.enter_context(pytest.raises(AzudError, match=r"read|no files below"))
            call()
