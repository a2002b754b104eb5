"""What an interpreter holds: noticed when it changes, the same when it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from azud.job import fingerprint as module
from azud.job.fingerprint import fingerprint, identity, settled_tokens, source_files, state_token
from azud.job.lines import LineReader


def install(site: Path, name: str, version: str, content: str = "x = 1") -> None:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{name}.py,sha256={hash(content)},{len(content)}\n")
    (site / f"{name}.py").write_text(content)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site folder that is the only one on this interpreter's path."""
    folder = tmp_path / "site"
    folder.mkdir()
    standard = [path for path in sys.path if "site-packages" not in path and path.startswith(sys.base_prefix)]
    monkeypatch.setattr(sys, "path", [*standard, str(folder)])
    return folder


def test_distributions_are_listed_with_their_record(site: Path) -> None:
    install(site, "zeta_pkg", "2.0")
    install(site, "Alpha", "1.0")
    (site / "old-0.1.egg-info").write_text("Metadata")
    found = fingerprint()
    assert [item[:2] for item in found["distributions"]] == [["alpha", "1.0"], ["old", "0.1"], ["zeta-pkg", "2.0"]]
    assert found["implementation"] and found["version"] and found["platform"]
    assert found["paths"] == [] and found["conda"] is None


def test_azuds_own_folder_and_distribution_are_left_out(site: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    install(library, "azureml_stub", "1.0")
    install(site, "azud", "0.1.0")
    install(site, "azud_azureml", "0.1.0")
    (site / "azud-last-resort.pth").write_text("azureml/_last_resort\n")
    (site / "azureml" / "_last_resort").mkdir(parents=True)
    sys.path.insert(0, str(library))
    assert fingerprint(str(library))["distributions"] == []
    assert fingerprint(str(library))["paths"] == []


CHANGES: dict[str, Any] = {
    "another version": lambda site: (site / "pkg-1.0.dist-info").rename(site / "pkg-1.1.dist-info"),
    "another build": lambda site: (site / "pkg-1.0.dist-info" / "RECORD").write_text("pkg.py,sha256=other,1\n"),
    "one more": lambda site: install(site, "more", "1"),
    "editable source": lambda site: (site.parent / "project" / "deep" / "code.py").write_text("y = 2"),
    "new editable source": lambda site: (site.parent / "project" / "new.py").write_text(""),
    "conda record": lambda site: (site.parent / "conda-meta" / "openssl-3.json").write_text("{}"),
}
QUICKLY_SEEN = {name: change for name, change in CHANGES.items() if name != "another build"}
"""A RECORD edited in place is only seen by a thorough look: installers replace its folder."""


@pytest.mark.parametrize("change", list(CHANGES))
@pytest.mark.parametrize("is_on_the_path", [False, True])
def test_every_change_is_noticed(
    change: str, is_on_the_path: bool, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "pkg", "1.0")
    (tmp_path / "conda-meta").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    if is_on_the_path:  # as an interpreter does that starts with such a .pth file
        sys.path.append(str(tmp_path / "project"))
    (tmp_path / "project" / "deep").mkdir(parents=True)
    (tmp_path / "project" / "deep" / "code.py").write_text("y = 1")
    (site / "project.pth").write_text(f"# comment\nimport nothing\n{tmp_path / 'project'}\n")
    before = fingerprint()
    token, quick = state_token(before), state_token(before, quick=True)
    assert identity(fingerprint()) == identity(before)
    assert (state_token(before), state_token(before, quick=True)) == (token, quick)

    CHANGES[change](site)

    assert identity(fingerprint()) != identity(before)
    assert state_token(before) != token
    assert (state_token(before, quick=True) != quick) == (change in QUICKLY_SEEN)


def test_tokens_can_be_relied_on_when_nothing_changed_a_moment_ago(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "pkg", "1.0")
    assert settled_tokens() == ["", ""]
    later_ns = module.time.time_ns() + 3_000_000_000
    monkeypatch.setattr(module.time, "time_ns", lambda: later_ns)
    found = fingerprint()
    assert settled_tokens() == [state_token(found), state_token(found, quick=True)]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_pythonpath_names_counts_as_source(kind: str, site: Path, tmp_path: Path) -> None:
    place = tmp_path / "named"
    if kind == "folder":
        place.mkdir()
    file = place / "code.py" if kind == "folder" else place
    file.write_text("y = 1")
    sys.path.insert(0, str(place))
    before = fingerprint()
    token = state_token(before)
    file.write_text("y = 23")
    assert identity(fingerprint()) != identity(before)
    assert state_token(before) != token


def test_azuds_own_source_does_not_count(site: Path, tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (site / "_azud.pth").write_text(str(source))
    sys.path.append(str(source))
    before = identity(fingerprint())
    (source / "new.py").write_text("")
    assert identity(fingerprint()) == before


def test_where_things_lie_does_not_count(site: Path, tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.py").write_text("y = 1")
    (site / "p.pth").write_text(str(tmp_path / "here"))
    before = identity(fingerprint())
    (site / "p.pth").write_text(str(tmp_path / "there"))
    assert identity(fingerprint()) == before


def test_caches_and_environments_in_a_project_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("y = 1")
    before = source_files(str(tmp_path))
    for name in ("__pycache__", ".venv", ".git"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.py").write_text("")
    assert source_files(str(tmp_path)) == before


def test_conda_metadata_count(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "openssl-3.json").write_text("{}")
    first = fingerprint()["conda"]
    (tmp_path / "conda-meta" / "openssl-3.json").write_text('{"build": 2}')
    assert first is not None and fingerprint()["conda"] != first


# As `python -m azud.job.fingerprint`, which before 3.11 would count the current folder.
_FINGERPRINT = "import runpy, sys; sys.path.remove(''); runpy.run_module('azud.job.fingerprint', run_name='__main__')"


def test_the_fork_server_and_a_process_of_its_own_say_the_same(job_server) -> None:
    from .conftest import JOB_PYTHON, LIBRARY

    with LineReader(job_server.fork("fingerprint", {"library_path": LIBRARY})) as reader:
        assert "pid" in (reader.read() or {})
        answer = reader.read()
    assert answer is not None
    done = subprocess.run(
        [JOB_PYTHON, "-c", _FINGERPRINT, LIBRARY],
        cwd="/",
        env={**os.environ, "PYTHONPATH": LIBRARY},
        capture_output=True,
        check=True,
    )
    assert identity(answer["fingerprint"]) == identity(json.loads(done.stdout))
