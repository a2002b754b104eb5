"""Taking source folders: what belongs to them, digests from the cache, what is refused."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from azud.core.digests import digest_bytes
from azud.sdk import snapshot
from azud.sdk.exceptions import SnapshotException, UserErrorException
from azud.sdk.snapshot import take


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "src"
    path.mkdir()
    (path / "a.py").write_text("a")
    (path / "sub").mkdir()
    (path / "sub" / "b.py").write_text("b")
    return path


def names(folder: Path) -> list[str]:
    return [file.path for file in take(str(folder)).files]


def test_files_and_digests(folder: Path) -> None:
    (folder / "run.sh").write_text("x")
    (folder / "run.sh").chmod(0o755)
    taken = take(str(folder))
    assert [(file.path, file.executable) for file in taken.files] == [
        ("a.py", False),
        ("run.sh", True),
        ("sub/b.py", False),
    ]
    assert taken.files[0].digest == digest_bytes(b"a")
    assert taken.file_rows()[0] == {
        "path": "a.py",
        "digest": digest_bytes(b"a"),
        "size_bytes": 1,
        "executable": False,
    }


def test_what_never_belongs_to_it(folder: Path) -> None:
    for name in (".git/config", ".azud/azud.db", "__pycache__/a.pyc", "sub/__pycache__/b.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (folder / "empty").mkdir()
    assert names(folder) == ["a.py", "sub/b.py"]


def test_ignore_files(folder: Path) -> None:
    (folder / ".gitignore").write_text("sub/\n")
    assert names(folder) == [".gitignore", "a.py"]
    (folder / ".amlignore").write_text("a.py\n.amlignore\n")
    assert names(folder) == [".gitignore", "sub/b.py"]
    (folder / "sub" / ".amlignore").write_text("b.py")  # only the root's counts
    assert "sub/b.py" in names(folder)


def test_links(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "secret").write_text("s")
    (folder / "inside.py").symlink_to("a.py")
    (folder / "linked").symlink_to("sub")
    (folder / "outside").symlink_to(tmp_path / "secret")
    (folder / "sub" / "up").symlink_to("..")
    (folder / "broken").symlink_to("nothing")
    taken = take(str(folder))
    assert [file.path for file in taken.files] == ["a.py", "inside.py", "linked/b.py", "sub/b.py"]
    assert taken.warnings == ("the link outside leads out of the source folder and was left out of the snapshot",)
    assert "the link outside" in capsys.readouterr().err


def test_special_files_are_left_out(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert names(folder) == ["a.py", "sub/b.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(folder: Path) -> None:
    (folder / "a.py").chmod(0)
    with pytest.raises(UserErrorException, match=r"a\.py cannot be read"):
        take(str(folder))


def test_an_unreadable_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> str:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(snapshot, "digest_file", refuse)
    with pytest.raises(UserErrorException, match=r"src/a\.py cannot be read: Permission denied"):
        take(str(folder))


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match="does not exist"):
        take(str(tmp_path / "missing"))


def test_a_file_that_changes_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(path: str) -> str:
        Path(path).write_text("changed meanwhile")
        return "0" * 64

    monkeypatch.setattr(snapshot, "digest_file", change)
    with pytest.raises(SnapshotException, match="changed while"):
        take(str(folder))


def _settle(folder: Path) -> None:
    old = time.time() - 100
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))


def test_digests_come_from_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settle(folder)
    monkeypatch.setattr(snapshot, "_SETTLED_NS", -(10**18))  # ctime cannot be set back
    first = take(str(folder))
    hashed: list[str] = []
    real = snapshot.digest_file
    monkeypatch.setattr(snapshot, "digest_file", lambda path: hashed.append(path) or real(path))
    assert take(str(folder)) == first
    assert hashed == []
    (folder / "a.py").write_text("z")
    assert take(str(folder)).files[0].digest == digest_bytes(b"z")
    assert hashed == [str(folder / "a.py")]


def test_a_file_that_was_just_written_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(str(folder))
    facts = os.stat(folder / "a.py")
    (folder / "a.py").write_text("b")  # as long as before
    os.utime(folder / "a.py", ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert take(str(folder)).files[0].digest == digest_bytes(b"b")


def test_a_file_that_is_rewritten_in_a_tight_loop_never_gets_an_old_digest(folder: Path) -> None:
    facts = os.stat(folder / "a.py")
    for number in range(1000):
        text = str(number % 10)
        (folder / "a.py").write_text(text)
        os.utime(folder / "a.py", ns=(facts.st_mtime_ns, facts.st_mtime_ns))
        assert take(str(folder)).files[0].digest == digest_bytes(text.encode())


def test_a_file_that_was_young_when_it_was_looked_at_is_not_trusted_however_long_reading_took(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts, real, late = os.stat(folder / "a.py"), snapshot.digest_file, [0]

    def slowly(path: str) -> str:
        late[0] = 60_000_000_000
        return real(path)

    monkeypatch.setattr(snapshot.time, "time_ns", lambda: facts.st_ctime_ns + 1_000_000 + late[0])
    monkeypatch.setattr(snapshot, "digest_file", slowly)
    # A second write within the tick of the first leaves the same marks.
    monkeypatch.setattr(snapshot, "_fingerprint", lambda facts: [facts.st_size, 0, 0, 0])
    take(str(folder))
    (folder / "a.py").write_text("b")
    assert take(str(folder)).files[0].digest == digest_bytes(b"b")


@pytest.mark.parametrize("seconds", [-3600, -1, 1])
def test_a_clock_that_steps_back_keeps_files_from_being_trusted(
    seconds: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = os.stat(folder / "a.py")
    monkeypatch.setattr(snapshot.time, "time_ns", lambda: facts.st_ctime_ns + seconds * 10**9)
    monkeypatch.setattr(snapshot, "_fingerprint", lambda facts: [facts.st_size, 0, 0, 0])
    take(str(folder))
    (folder / "a.py").write_text("b")
    assert take(str(folder)).files[0].digest == digest_bytes(b"b")


def test_a_damaged_cache_costs_time_only(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_SETTLED_NS", -(10**18))
    take(str(folder))
    (cache,) = (tmp_path / "cache" / "azud" / "stat").iterdir()
    for text in ("", "{", "[]", '{"format": 1, "files": 3}', '{"format": 1, "files": {"a.py": []}}'):
        cache.write_text(text)
        assert take(str(folder)).files[0].digest == digest_bytes(b"a")


def test_warnings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "venv").mkdir()
    (folder / "venv" / "pyvenv.cfg").write_text("x")
    monkeypatch.setattr(snapshot, "WARN_FROM_BYTES", 2)
    environment, size = take(str(folder)).warnings
    assert "holds an environment, venv/" in environment
    assert ".amlignore" in size
