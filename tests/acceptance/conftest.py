from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest
from tests.acceptance.authoring import Authoring
from tests.acceptance.databases import FIXTURES, execute, make_tables, owner
from tests.acceptance.interpreters import Python
from tests.acceptance.pages import Project, clean_environment


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    """A project with a workspace of its own, whose server ends with the module."""
    # A short path: the socket's path has about 100 bytes.
    with tempfile.TemporaryDirectory(prefix="azud-", ignore_cleanup_errors=True) as name:
        base = pathlib.Path(name)
        folder = base / "project"
        folder.mkdir()
        made = Project(folder, clean_environment(base))
        made.azud("init", "--name", "acceptance")
        try:
            yield made
        finally:
            made.azud("server", "stop")


@pytest.fixture
def python(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Python:
    """The interpreter of what the test submits: a package, and a source folder that a `.pth` file adds."""
    place = tmp_path / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    monkeypatch.setattr(sys, "executable", str(place / "bin" / "python"))
    own = Python(next((place / "lib").glob("python*/site-packages")), tmp_path / "editable")
    own.install("demo", "1.0")
    own.editable.mkdir()
    (own.editable / "helper.py").write_text("A = 1\n")
    (own.site / "editable.pth").write_text(f"{own.editable}\n")
    return own


@pytest.fixture
def authoring(workspace) -> Authoring:
    """A person who writes steps in a workspace whose server runs."""
    workspace.client.get("/server")
    return Authoring(workspace)


@pytest.fixture(params=list(FIXTURES))
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of database, by the end of its `Datastore.register_azure_…`."""
    return str(request.param)


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest):
    """A database server with the table `orders` and the empty table `copies`."""
    server = request.getfixturevalue(FIXTURES[kind])
    database = owner(kind, server)
    make_tables(database)
    yield server
    execute(database, "DROP TABLE orders", "DROP TABLE copies")
