from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest
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
        _azud(made, "init", "--name", "acceptance")
        try:
            yield made
        finally:
            _azud(made, "server", "stop")


def _azud(project: Project, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "azud.cli", *arguments],
        cwd=project.folder,
        env=project.env,
        check=True,
        capture_output=True,
        timeout=60,
    )
