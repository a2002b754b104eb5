"""Durable operations: what a reader can see, what a crash leaves, and that nobody else does them."""

from __future__ import annotations

import ast
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import azud
from azud.core import durable

SOURCES = Path(azud.__file__).parent
ALLOWED = SOURCES / "core" / "durable.py"
FORBIDDEN_OS = {
    "rename", "renames", "replace", "link", "fsync", "fdatasync", "sync", "fork", "forkpty",
    "posix_spawn", "posix_spawnp", "system", "popen", "startfile",
}  # fmt: skip


def _forbidden(tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            base, name = node.value.id, node.attr
            process = base == "subprocess" and name not in ("Popen", "TimeoutExpired", "CalledProcessError")
            if base == "os" and (name in FORBIDDEN_OS or name.startswith(("exec", "spawn"))):
                found.append((node.lineno, f"os.{name}"))
            elif process and name not in ("DEVNULL", "PIPE", "STDOUT", "CompletedProcess", "SubprocessError"):
                found.append((node.lineno, f"subprocess.{name}"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "Popen":
            found.append((node.lineno, "a call of Popen"))
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "subprocess"):
            names = [alias.name for alias in node.names]
            bad = [n for n in names if n in FORBIDDEN_OS or n in ("Popen", "run", "call", "check_call", "check_output")]
            found.extend((node.lineno, f"from {node.module} import {name}") for name in bad)
    return found


def test_only_this_module_renames_syncs_forks_or_spawns() -> None:
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        if path != ALLOWED:
            tree = ast.parse(path.read_text("utf-8"))
            found.extend(f"{path.relative_to(SOURCES)}:{line} {what}" for line, what in _forbidden(tree))
    assert found == []


def _calls_with_a_point(path: Path) -> list[tuple[int, bool, ast.expr | None]]:
    """Return `(line, calls durable itself, point)` of every call that needs or hands on a point."""
    functions = {
        "replace_file", "write_new", "create_exclusive", "rename", "make_dirs", "link", "commit", "fork", "spawn",
        "exec_replace", "sync_files",
    }  # fmt: skip
    found: list[tuple[int, bool, ast.expr | None]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        point = next((keyword.value for keyword in node.keywords if keyword.arg == "point"), None)
        function = node.func
        direct = (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id == "durable"
            and function.attr in functions
        )
        if direct or point is not None:
            found.append((node.lineno, direct, point))
    return found


def test_every_point_stands_in_the_code_so_that_crash_tests_can_list_them() -> None:
    bad = []
    for path in sorted(SOURCES.rglob("*.py")):
        for line, direct, point in _calls_with_a_point(path):
            where = f"{path.relative_to(SOURCES)}:{line}"
            if direct and point is None:
                bad.append(f"{where} has no point")
            elif isinstance(point, ast.JoinedStr) and isinstance(point.values[0], ast.Constant):
                continue  # a family of points, found under its beginning: `store.<transaction>`
            elif point is not None and not isinstance(point, (ast.Constant, ast.Name)):
                bad.append(f"{where} makes up its point")
    assert bad == []


def test_replace_file_leaves_the_new_content_and_no_temporary_file(tmp_path: Path) -> None:
    target = tmp_path / "f"
    for data in (b"one", b"", b"x" * 3_000_000):
        durable.replace_file(str(target), data, point="test.replace")
        assert target.read_bytes() == data
    assert os.listdir(tmp_path) == ["f"]
    assert target.stat().st_mode & 0o777 == 0o600


def test_create_exclusive_is_won_once(tmp_path: Path) -> None:
    target = str(tmp_path / "claim")
    assert durable.create_exclusive(target, b"first", point="test.claim")
    assert not durable.create_exclusive(target, b"second", point="test.claim")
    assert Path(target).read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["claim"]


def test_create_exclusive_has_one_winner_among_many_processes(tmp_path: Path) -> None:
    program = (
        "import sys; from azud.core import durable; "
        "print(int(durable.create_exclusive(sys.argv[1], sys.argv[2].encode(), point='t', sync=False)))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "claim"), str(number)], stdout=subprocess.PIPE)
        for number in range(8)
    ]
    results = [process.communicate()[0].strip() for process in started]
    assert sorted(results) == [b"0"] * 7 + [b"1"]
    assert (tmp_path / "claim").read_bytes() == str(results.index(b"1")).encode()


def test_a_missing_folder_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        durable.replace_file(str(tmp_path / "no" / "f"), b"x", point="test.replace")
    with pytest.raises(FileNotFoundError):
        durable.create_exclusive(str(tmp_path / "no" / "f"), b"x", point="test.claim")
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "f"
    target.write_bytes(b"old")

    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        durable.replace_file(str(target), b"new", point="test.replace")
    with pytest.raises(OSError, match="No space"):
        durable.create_exclusive(str(tmp_path / "claim"), b"new", point="test.claim")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_rename_and_make_dirs(tmp_path: Path) -> None:
    assert durable.make_dirs(str(tmp_path / "a" / "b"), point="test.dirs") == [str(tmp_path), str(tmp_path / "a")]
    assert durable.make_dirs(str(tmp_path / "a" / "b"), point="test.dirs") == []
    (tmp_path / "f").write_text("x")
    durable.rename(str(tmp_path / "f"), str(tmp_path / "a" / "b" / "g"), point="test.rename")
    assert (tmp_path / "a" / "b" / "g").read_text() == "x"
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="exists"):
        durable.make_dirs(str(tmp_path / "file" / "below"), point="test.dirs")


@pytest.mark.parametrize("count", [1, 100])
def test_sync_files_takes_few_and_many(tmp_path: Path, count: int) -> None:
    paths = [tmp_path / str(number) for number in range(count)]
    for path in paths:
        path.write_text("x")
    durable.sync_files([str(path) for path in [*paths, tmp_path]], folder=str(tmp_path), point="test.sync")


def test_spawn_takes_an_argument_list_and_exactly_the_environment(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with out.open("wb") as stream:
        process = durable.spawn(
            ["/usr/bin/env"], env={"ONLY": "this $HOME"}, stdout=stream, cwd=str(tmp_path), point="test.spawn"
        )
        assert process.wait() == 0
    assert out.read_text() == "ONLY=this $HOME\n"


def _run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


TWO = """
import sys
from azud.core import durable
for data in (b"1", b"2"):
    durable.replace_file(sys.argv[1] if len(sys.argv) > 1 else "f", data, point="demo.write")
    print(data.decode(), flush=True)
"""


@pytest.mark.parametrize(
    ("point", "printed", "content"),
    [
        ("demo.write:before", "", None),
        ("demo.write:after", "", "1"),
        ("demo.write:before#2", "1\n", "1"),
        ("demo.write:after#2", "1\n", "2"),
    ],
)
def test_a_fail_point_kills_exactly_there(
    point: str, printed: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = _run(TWO, AZUD_FAIL_POINT=point)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == printed
    assert (Path("f").read_text() if Path("f").exists() else None) == content


def test_other_points_do_not_kill_and_all_are_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = _run(TWO, AZUD_FAIL_POINT="demo.other:before", AZUD_FAIL_LOG=str(tmp_path / "log"))
    assert done.returncode == 0
    assert (tmp_path / "log").read_text().split() == ["demo.write:before", "demo.write:after"] * 2


def test_only_the_first_process_is_killed_if_so_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = {"AZUD_FAIL_POINT": "demo.write:before,demo.write:after#2", "AZUD_FAIL_ONCE": str(tmp_path / "once-")}
    assert [_run(TWO, **asked).returncode for _ in range(3)] == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert {path.name for path in tmp_path.glob("once-*")} == {"once-demo.write:before", "once-demo.write:after"}


def test_without_the_variable_a_point_does_nothing() -> None:
    assert durable.fail_point is durable._no_hit
