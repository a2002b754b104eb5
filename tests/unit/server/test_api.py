"""The API's manners: one form of errors, a document that describes it, paths that stay inside."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import sys
import urllib.parse

import pytest

from azud.client.places import socket_path

OUTSIDE = (
    "../workspace.json",
    "..%2fworkspace.json",
    "%2e%2e/workspace.json",
    "%2e%2e%2fworkspace.json",
    "%252e%252e%252fworkspace.json",
    "..\\workspace.json",
    "..%5cworkspace.json",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "a/../../../workspace.json",
    "a/..;/../workspace.json",
    "workspace.json%00.txt",
    "link/passwd",
)


class UnixConnection(http.client.HTTPConnection):
    """HTTP on the workspace's socket, without a client of ours that would clean paths."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


@pytest.fixture
def ask(workspace):
    workspace.client.get("/workspace")

    def send(method, path, body=None, headers=None):
        connection = UnixConnection(socket_path(workspace.home.path))
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, response.headers.get("content-type", ""), data

    return send


def test_errors_are_problems_with_a_code_and_a_hint(ask):
    cases = [
        ("GET", "/api/v1/runs/nope", None, 404, "not_found"),
        ("GET", "/api/v1/nothing", None, 404, "not_found"),
        ("DELETE", "/api/v1/workspace", None, 405, "user"),
        ("POST", "/api/v1/runs", b"{ not json", 400, "user"),
        ("POST", "/api/v1/runs", b"[]", 400, "user"),
        ("POST", "/api/v1/runs", b"{}", 422, "definition"),
        ("GET", "/api/v1/runs?limit=0", None, 400, "user"),
        ("GET", "/api/v1/runs?limit=x", None, 422, "user"),
        ("PUT", "/api/v1/blobs/" + "a" * 64, b"other bytes", 500, "digest_mismatch"),
        ("PUT", "/api/v1/blobs/nodigest", b"x", 400, "user"),
        ("POST", "/api/v1/snapshots", b'{"files": [{"path": "../a", "digest": "x", "size_bytes": 1}]}', 400, "user"),
        ("DELETE", "/api/v1/datastores/workspaceblobstore", None, 409, "conflict"),
    ]
    for method, path, body, status, code in cases:
        got, kind, data = ask(method, path, body)
        assert (got, kind) == (status, "application/problem+json"), (method, path, got, data)
        problem = json.loads(data)
        assert problem["code"] == code, (path, problem)
        assert problem["status"] == status
        assert problem["detail"]


def test_the_document_describes_every_body_and_answer(ask):
    status, _, data = ask("GET", "/openapi.json")
    assert status == 200
    document = json.loads(data)
    schemas = document["components"]["schemas"]
    assert "steps" in schemas["PipelineDefinition"]["properties"]
    assert document["paths"]["/api/v1/runs"]["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Submission"
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    references = [part.split('"')[0] for part in data.decode().split("#/components/schemas/")[1:]]
    assert set(references) <= set(schemas)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_spelling_of_a_path_leaves_its_root(ask, workspace, path):
    root = workspace.folder / ".azud" / "datastores" / "workspaceblobstore"
    (root / "link").symlink_to("/etc")
    for route in ("content/", "files?prefix="):
        status, _, data = ask("GET", "/api/v1/datastores/workspaceblobstore/" + route + path)
        assert b"root:" not in data
        assert b"subscription_id" not in data
        assert status in (200, 400, 404), (route, status)
        if status == 200:
            assert json.loads(data)["value"] == []
    status, _, _ = ask("PUT", "/api/v1/datastores/workspaceblobstore/content/" + path, b"written")
    assert b"written" not in (workspace.folder / ".azud" / "workspace.json").read_bytes()
    inside = {item.name for item in root.iterdir()} - {"link"}
    assert status != 201 or inside, "a file was written outside of its datastore"


def test_a_run_keeps_files_inside_its_own_folder(ask, workspace):
    status, _, data = ask("GET", "/api/v1/runs/" + urllib.parse.quote("../..", safe="") + "/files")
    assert status == 404, data


def test_an_artifact_is_never_overwritten(workspace):
    client = workspace.client
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    client.upload(f"/blobs/{digest}", b"", 0)
    snapshot = client.post("/snapshots", {"files": [{"path": "a.py", "digest": digest, "size_bytes": 0}]})["digest"]
    step = {"id": "n1", "name": "a", "type": "PythonScriptStep", "script": "a.py", "snapshot": snapshot}
    body = {"experiment": "e", "definition": {"steps": [step]}, "interpreter": "/no/such/python"}
    run = client.post("/runs", body, key="k")
    assert client.post("/runs", body, key="k")["id"] == run["id"]
    client.upload(f"/runs/{run['id']}/files/notes/a.txt", b"first", 5)
    with pytest.raises(Exception, match="already has a file"):
        client.upload(f"/runs/{run['id']}/files/notes/a.txt", b"second", 6)
    assert b"".join(client.download(f"/runs/{run['id']}/files/notes/a.txt")) == b"first"
    assert client.get(f"/runs/{run['id']}/end", {"wait_s": 20}, wait_s=20) == {"status": "Failed", "terminal": True}
    error = client.get(f"/runs/{run['id']}")["error"]
    assert (error["code"], "/no/such/python" in error["message"]) == ("environment_build", True)


def test_waiting_for_news_and_for_the_end_of_steps(workspace):
    client = workspace.client
    digest = hashlib.sha256(b"import time; time.sleep(0.5)").hexdigest()
    client.upload(f"/blobs/{digest}", b"import time; time.sleep(0.5)", 28)
    snapshot = client.post("/snapshots", {"files": [{"path": "a.py", "digest": digest, "size_bytes": 28}]})["digest"]
    step = {"id": "n1", "name": "a", "type": "PythonScriptStep", "script": "a.py", "snapshot": snapshot}
    run = client.post("/runs", {"experiment": "e", "definition": {"steps": [step]}, "interpreter": sys.executable})
    assert client.get(f"/runs/{run['id']}/end", {"wait_s": 0.0})["terminal"] is False
    [step_run] = client.get(f"/runs/{run['id']}/steps")["value"]
    assert client.get(f"/runs/{step_run['id']}/end", {"wait_s": 20}, wait_s=20)["status"] == "Completed"
    types, after = [], -1
    while True:
        news = client.get(f"/runs/{run['id']}/events", {"after": after, "wait_s": 20}, wait_s=20)
        types += [event["type"] for event in news["events"]]
        if news["terminal"]:
            break
        after = news["events"][-1]["seq"]
    assert (types[0], types[-1]) == ("RunSubmitted", "RunEnded")
    assert client.get(f"/runs/{run['id']}/end", {"wait_s": 20}, wait_s=20)["status"] == "Completed"
