"""A disk that keeps only what was synced: whatever a manifest names must be on it before the manifest can be.

The double notes every fsync with what it covered (a file's bytes as they were, a folder's names as they were). At the
moment when the manifest gets its name, and might reach the disk by itself, everything that it names is looked up there.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from azud.adapters.blobs.folder import FolderBlobs
from azud.core import native
from azud.core.digests import digest_bytes
from azud.model.jobs import Argument
from azud.runner.main import run_attempt

SCRIPT = """
import os, sys
os.makedirs(os.path.join(sys.argv[1], "deep"))
for name in ("a", "deep/b"):
    with open(os.path.join(sys.argv[1], name), "w") as stream:
        stream.write(name * 1000)
with open(sys.argv[2], "w") as stream:
    stream.write("one file")
with open("outputs/kept.txt", "w") as stream:
    stream.write("an artifact")
"""


class Disk:
    """What a loss of power would leave.

    Args:
        root: The folder whose present content is on disk already.
        deaf: Whether fsyncs go unnoticed: for showing that the double would tell.
    """

    def __init__(self, root: Path, *, deaf: bool = False) -> None:
        self._root = root
        self._deaf = deaf
        self._bytes: set[tuple[int, int, int]] = set()
        self._names: dict[int, dict[str, int]] = {}
        self.checked: list[str] = []
        self.missing: list[str] = []
        self._keep_all()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Listen to this process's calls."""
        fsync, replace, rename, sync_all = os.fsync, os.replace, os.rename, native.sync_file_system

        def noted_fsync(descriptor: int) -> None:
            fsync(descriptor)
            if not self._deaf:
                self._keep(f"/proc/self/fd/{descriptor}")

        def noted_sync_all(descriptor: int) -> bool:
            done = sync_all(descriptor)
            if done and not self._deaf:
                self._keep_all()
            return done

        def noted_move(move):  # type: ignore[no-untyped-def]
            def moved(source: str, target: str, **options: int) -> None:
                if os.path.basename(target) == "manifest.json":
                    self._check(json.loads(Path(source).read_text()))
                move(source, target, **options)

            return moved

        monkeypatch.setattr(os, "fsync", noted_fsync)
        monkeypatch.setattr(os, "replace", noted_move(replace))
        monkeypatch.setattr(os, "rename", noted_move(rename))
        monkeypatch.setattr(native, "sync_file_system", noted_sync_all)

    def survives(self, path: Path) -> bool:
        """Return whether a file with its present bytes, and all names on the way to it, are on the disk."""
        info = path.lstat()
        if stat.S_ISREG(info.st_mode) and (info.st_ino, info.st_size, info.st_mtime_ns) not in self._bytes:
            return False
        while path != self._root:
            if self._names.get(path.parent.stat().st_ino, {}).get(path.name) != path.lstat().st_ino:
                return False
            path = path.parent
        return True

    def _check(self, manifest: dict) -> None:  # type: ignore[type-arg]
        for output in manifest["outputs"]:
            for file in output["files"]:
                path = Path(output["path"], file["path"]) if file["path"] else Path(output["path"])
                self.checked.append(path.name)
                if not self.survives(path):
                    self.missing.append(path.name)

    def _keep_all(self) -> None:
        for folder, _, files in os.walk(self._root):
            self._keep(folder)
            for name in files:
                self._keep(os.path.join(folder, name))

    def _keep(self, path: str) -> None:
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            with os.scandir(path) as entries:
                self._names[info.st_ino] = {entry.name: entry.inode() for entry in entries}
        else:
            self._bytes.add((info.st_ino, info.st_size, info.st_mtime_ns))


@pytest.fixture
def trial(make, output, servers):
    arguments = (Argument("output", "one"), Argument("output", "two"))
    made = make(SCRIPT, arguments=arguments, outputs=(output("one"), output("two")))
    made.write_spec()
    return made


def test_what_a_manifest_names_is_on_disk_before_it(trial, tmp_path, monkeypatch):
    disk = Disk(tmp_path)
    disk.install(monkeypatch)
    assert run_attempt(trial.attempt) == "completed"
    assert sorted(disk.checked) == ["a", "b", "two"]
    assert disk.missing == []
    assert disk.survives(trial.files / "outputs" / "kept.txt")
    assert disk.survives(trial.folder / "manifest.json")


def test_the_disk_would_tell(trial, tmp_path, monkeypatch):
    disk = Disk(tmp_path, deaf=True)
    disk.install(monkeypatch)
    assert run_attempt(trial.attempt) == "completed"
    assert sorted(disk.missing) == ["a", "b", "two"]


def test_the_right_to_start_a_job_is_on_disk_when_it_is_given(trial, tmp_path, monkeypatch):
    disk = Disk(tmp_path)
    disk.install(monkeypatch)
    assert trial.attempt.claim_job()
    named = disk._names[trial.folder.stat().st_ino]  # who took it means nothing after a reboot, so the name will do
    assert named["job.claim"] == (trial.folder / "job.claim").stat().st_ino


def test_a_blob_that_was_taken_is_on_disk(tmp_path, monkeypatch):
    blobs = FolderBlobs(str(tmp_path / "blobs"))
    disk = Disk(tmp_path)
    disk.install(monkeypatch)
    digest = digest_bytes(b"source")
    blobs.put(digest, [b"source"])
    assert disk.survives(tmp_path / "blobs" / digest[:2] / digest[2:])
