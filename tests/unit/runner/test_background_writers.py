"""Processes out of our reach that hold an output open: they cannot alter what was sealed and stay unnoticed.

They are no children of the job, whose own are ended with it: here they are the test's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from azud.adapters.datastores.local import LocalData
from azud.core.digests import digest_file
from azud.core.errors import StorageError
from azud.model.definition import Argument
from azud.model.jobs import SealedOutput, StagedOutput
from azud.runner import sealing
from azud.runner.main import read_manifest

SCRIPT = """
import os, sys, time
place = sys.argv[1]
if sys.argv[2] == "folder":
    os.makedirs(place)
    place = os.path.join(place, "x")
with open(place, "w") as stream:
    stream.write("sealed" * 100)
with open("place.tmp", "w") as stream:
    stream.write(place)
os.rename("place.tmp", "ready")
deadline = time.monotonic() + 20
while not os.path.exists("go"):
    assert time.monotonic() < deadline
    time.sleep(0.005)
"""
WRITER = """
import mmap, os, sys
how, place = sys.argv[1:]
if how == "folder":
    os.chdir(os.path.dirname(place))
else:
    stream = open(place, "r+b", buffering=0)
    if how == "mapping":
        mapped = mmap.mmap(stream.fileno(), 0)
        stream.close()
        mapped[0:1] = b"S"  # dirty from now on: no later write leaves a mark
print("open", flush=True)
for line in sys.stdin:
    if how == "descriptor":
        os.pwrite(stream.fileno(), b"altered", 0)
    elif how == "mapping":
        mapped[0:7] = b"altered"
    else:
        with open("x", "r+b") as stream:
            stream.write(b"altered")
    print("written", flush=True)
"""


class Writer:
    """A process that holds an output open, or its folder, and writes when it is told to."""

    def __init__(self, how: str, place: str) -> None:
        command = [sys.executable, "-c", WRITER, how, place]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "open\n"

    def write(self) -> None:
        self._process.stdin.write("now\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "written\n"

    def close(self) -> None:
        self._process.stdin.close()
        assert self._process.wait(20) == 0
        self._process.stdout.close()


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    found: list[Writer] = []
    yield found
    for writer in found:
        writer.close()


def sealed_under(how: str, kind: str, make, output, writers: list[Writer]) -> SealedOutput:
    trial = make(SCRIPT, arguments=(Argument("output", "out"), Argument("literal", kind)), outputs=(output(),)).start()
    place = trial.until("ready").read_text()
    writers.append(Writer(how, place))
    (trial.folder / "work" / "go").touch()
    assert trial.report() == {"done": True, "outcome": "completed"}
    manifest = read_manifest(trial.attempt)
    assert manifest is not None
    (found,) = manifest.outputs
    return found


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("how", ["descriptor", "mapping"])
def test_who_holds_an_output_open_writes_to_a_file_of_its_own(how: str, kind: str, make, output, writers) -> None:
    sealed = sealed_under(how, kind, make, output, writers)
    place = os.path.join(sealed.path, sealed.files[0].path).rstrip("/")
    for _ in range(3):
        assert LocalData().verify(sealed) is None
        assert digest_file(place) == sealed.files[0].digest
        writers[0].write()
    assert os.listdir(os.path.dirname(place)) == [os.path.basename(place)], "the other file is left beside it"


def test_who_comes_back_later_is_noticed(make, output, writers) -> None:
    sealed = sealed_under("folder", "folder", make, output, writers)
    assert LocalData().verify(sealed) is None
    writers[0].write()
    assert "altered after it was sealed" in str(LocalData().verify(sealed))


def test_a_copy_that_a_dead_runner_left_is_not_sealed(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "x").write_text("whole")
    (place / ("x" + sealing._COPY_SUFFIX)).write_text("who")
    sealed = sealing._list(StagedOutput("out", "reference", "mount", str(place)))
    assert [file.path for file in sealed.files] == ["x"]
    assert os.listdir(place) == ["x"]


def test_a_file_that_does_not_come_to_rest_fails_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text("text")
    monkeypatch.setattr(sealing, "has_writer", lambda descriptor: True)
    with pytest.raises(StorageError, match="is written to while it is sealed"):
        sealing._seal_file(str(tmp_path / "x"), "x")
    assert os.listdir(tmp_path) == ["x"]
