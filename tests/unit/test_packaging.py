"""What is shipped: layers, what user interpreters import, the wheel, and nothing that should stay at home."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest
from tests.pythons import interpreters

import azud
from azud.client.library import NAMES_OF_V1, PACKAGES, library_path

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "azud"
SHIPPED = ("Makefile", "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
SHIPPED_FOLDERS = ("src", "compat", "docs", "examples", "benchmarks", "tests", "requirements", ".ci")

_IMPORT_EVERYTHING = """
import importlib, os, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
for package in sys.argv[2:]:
    root = os.path.join(sys.argv[1], *package.split("."))
    for folder, folders, files in os.walk(os.path.realpath(root)):
        folders[:] = [name for name in folders if name != "__pycache__"]
        inside = os.path.relpath(folder, os.path.realpath(root))
        parts = [package] + ([] if inside == "." else inside.split(os.sep))
        for name in files:
            if name.endswith(".py") and name != "__main__.py":
                module = ".".join(parts + ([] if name == "__init__.py" else [name[:-3]]))
                importlib.import_module(module)
own = {"azud", "azureml", "azureml_user", "msrest"}
foreign = sorted({name.partition(".")[0] for name in set(sys.modules) - before} - own)
print(*[name for name in foreign if not name.startswith("_sysconfigdata") and "site-packages" in
        str(getattr(sys.modules.get(name), "__file__", ""))])
"""


@pytest.mark.parametrize("python", interpreters())
@pytest.mark.parametrize("package", [*(f"azud.{name}" for name in PACKAGES), *NAMES_OF_V1])
def test_what_travels_into_jobs_is_standard_library_only(python: str, package: str) -> None:
    # -S leaves site-packages out, so that anything else than the standard library is not even found.
    done = subprocess.run(
        [python, "-S", "-E", "-W", "error", "-c", _IMPORT_EVERYTHING, library_path(), package],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.mark.skipif(not SOURCES.is_dir(), reason="there are no sources beside the tests")
def test_layers() -> None:
    command = [os.path.join(os.path.dirname(sys.executable), "lint-imports"), "--no-cache"]
    if not os.path.exists(command[0]):
        pytest.skip("import-linter is not installed in this environment")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_source_file(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    roots = {SOURCES: "azud", ROOT / "compat" / "src": "azud/_compat"}
    for root, place in roots.items():
        for path in root.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{place}/{path.relative_to(root)}" in names
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_the_wheel_installs_no_azureml_package(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"azud", f"azud-{azud.__version__}.dist-info"}


def test_the_wheel_says_how_it_is_licensed_and_what_its_command_is(wheel: zipfile.ZipFile) -> None:
    info = f"azud-{azud.__version__}.dist-info"
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert "License-Expression: Apache-2.0" in wheel.read(f"{info}/METADATA").decode()
    assert "azud = azud.cli.entry:main" in wheel.read(f"{info}/entry_points.txt").decode()


def _shipped_files() -> list[pathlib.Path]:
    found = [ROOT / name for name in SHIPPED]
    for folder in SHIPPED_FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    skipped = {"__pycache__", ".azud", ".azureml", ".hypothesis"}
    return [path for path in found if not skipped & set(path.parts)]


def test_locks_pin_everything_by_hash_and_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text and "--index" not in text and "--find-links" not in text, lock
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "==" in block and "--hash=sha256:" in block, f"{lock}: {block[:80]}"


def test_the_lock_of_the_azurite_that_tests_start_holds_digests_and_no_address() -> None:
    packages = json.loads((ROOT / "tests" / "servers" / "azurite" / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["dependencies"].keys() == {"azurite"}
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-") and "://" not in str(package), name


_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30}|AccountKey=[A-Za-z0-9+/]{20}"
)


def test_no_file_holds_a_secret_or_a_path_of_somebodys_machine() -> None:
    path_of_a_machine = re.compile(r"(?<![\w.})>*])/" + r"(work|root)/[a-z.]+")
    for path in _shipped_files():
        text = path.read_bytes().decode("utf-8", "replace")
        assert not _SECRET.search(text), path
        found = path_of_a_machine.search(text)
        assert found is None, f"{path}: {found[0] if found else ''}"


def test_no_source_calls_a_shell() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text()
        assert "shell=True" not in text and "os.system(" not in text and "os.popen(" not in text, path
