"""What scripts do with their run and its workspace, in every CPython that is found, forked and started anew."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest
from tests.acceptance.pages import Project, clean_environment
from tests.pythons import interpreters

_SCRIPTS = pathlib.Path(__file__).parent / "in_jobs"


@pytest.fixture(scope="module", params=["fork", "exec"])
def launching(request: pytest.FixtureRequest) -> Iterator[Project]:
    """A project whose server starts steps in one of the two ways."""
    with tempfile.TemporaryDirectory(prefix="azud-", ignore_cleanup_errors=True) as name:
        base = pathlib.Path(name)
        shutil.copytree(_SCRIPTS, base / "project", ignore=shutil.ignore_patterns("__pycache__"))
        made = Project(base / "project", {**clean_environment(base), "AZUD_LAUNCH": request.param})
        made.azud("init", "--name", "acceptance")
        try:
            yield made
        finally:
            made.azud("server", "stop")


@pytest.mark.parametrize("python", interpreters())
def test_scripts_find_in_a_job_what_v1_gives_them(launching: Project, python: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "azud.cli", "run", "--python", python, "program.py"],
        cwd=launching.folder,
        env=launching.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr + launching.log()
    assert "all is well in 3." in done.stdout
