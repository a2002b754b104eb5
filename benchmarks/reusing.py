"""What reuse costs beside the system's own tools: sealing, looking up, looking at files again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from azud.adapters.datastores.digest_cache import DigestCache
from azud.adapters.datastores.digests import RACY_NS, FileDigests
from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.core.clock import now_text
from azud.core.digests import digest_value
from azud.core.durable import sync_files
from azud.job.attempt import Attempt
from azud.model.codec import to_json
from azud.model.jobs import JobSpec, SealedFile, SealedOutput, StagedOutput
from azud.runner.moving import Moves
from azud.runner.sealing import gather_outputs, list_outputs, move_outputs
from benchmarks.bench import Result, twins

LARGE_BYTES = 512 << 20
SMALL_FILES = 20_000


def sealing(quick: bool) -> list[Result]:
    """Sealing an output whose bytes are on disk, from the end of the job to its listing, beside `sha256sum`."""
    large, small = (LARGE_BYTES // 8, SMALL_FILES // 10) if quick else (LARGE_BYTES, SMALL_FILES)
    repeats = 1 if quick else 5
    return [
        _sealing(f"sealing one file of {large >> 20} MiB", 1.2, repeats, lambda folder: _large(folder, large)),
        _sealing(f"sealing {small:,} small files", 5.0, repeats, lambda folder: _small(folder, small)),
    ]


def lookup(quick: bool) -> list[Result]:
    """Looking 100 keys up among 1,000 and among 100,000 stored results."""
    many = 10_000 if quick else 100_000
    with tempfile.TemporaryDirectory(dir=os.environ["AZUD_BENCH_DIR"]) as folder:
        stores = [_filled(os.path.join(folder, f"{count}.db"), count) for count in (1_000, many)]
        many_s, few = twins(lambda: _timed(lambda: _look_up(*stores[1])), lambda: _look_up(*stores[0]), 40)
        for database, _ in stores:
            database.close()
    detail = f"{many_s * 1e6 / 100:.0f} µs a key beside {few * 1e6 / 100:.0f} µs among 1,000"
    return [Result(f"look-up among {many:,} results", many_s / few, "×", 1.5, detail)]


def rehash(quick: bool) -> list[Result]:
    """Looking again at an unchanged folder of 100,000 files, beside `os.scandir` and `stat` of the same."""
    folders = 10 if quick else 100
    with tempfile.TemporaryDirectory(dir=os.environ["AZUD_BENCH_DIR"]) as base:
        data, kept = os.path.join(base, "data"), os.path.join(base, "digests.db")
        for number in range(folders):
            _small(os.path.join(data, str(number)), 1000)
        _settle()
        digests = FileDigests(DigestCache(kept))
        digests.tree([(data, "")])
        results = [_looked_at(f"re-hash of {folders * 1000:,} files", digests, data, quick)]
        digests.close()
        again = FileDigests(DigestCache(kept))
        results.append(_looked_at("the same after a restart", again, data, quick))
        again.close()
    return results


def _looked_at(name: str, digests: FileDigests, data: str, quick: bool) -> Result:
    def look() -> None:
        if digests.tree([(data, "")]).entries is not None:
            raise RuntimeError("the files were listed anew")

    ours, bare = twins(lambda: _timed(look), lambda: _scan(data), 2 if quick else 7)
    return Result(name, ours / bare, "×", 1.5, f"{ours:.2f} s beside {bare:.2f} s scandir and stat")


def _scan(folder: str) -> None:
    """Do what cannot be avoided: read the folders, and ask for each file."""
    stack = [folder]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    entry.stat()


def _settle() -> None:
    """Wait until what was written counts as old."""
    time.sleep(RACY_NS / 1e9 + 0.1)


def _large(place: str, size_bytes: int) -> None:
    block = os.urandom(1 << 20)
    with open(place, "wb") as stream:
        for _ in range(size_bytes >> 20):
            stream.write(block)


def _small(place: str, count: int) -> None:
    os.makedirs(place)
    for number in range(count):
        with open(os.path.join(place, f"{number:05d}.txt"), "w") as stream:
            stream.write(f"the small file {number}\n")


def _sealing(name: str, limit: float, repeats: int, make: Callable[[str], None]) -> Result:
    base = tempfile.mkdtemp(dir=os.environ["AZUD_BENCH_DIR"])
    output = StagedOutput("out", "reference", "mount", os.path.join(base, "store", "out"))
    blank = dict.fromkeys(("run_id", "step_run_id", "step_name", "experiment", "interpreter", "library_path"), "")
    attempt = Attempt(os.path.join(base, "attempt"))
    gathered = attempt.path("out/out")
    spec = JobSpec(
        "attempt", **blank, launch="fork", blobs="", script="", artifacts_to="", workspace={}, outputs=(output,)
    )
    os.makedirs(os.path.dirname(gathered))
    make(gathered)
    subprocess.run(["sync"], check=True)

    def seal() -> float:
        """Seal, and put the output back for the next time."""
        start = time.perf_counter()
        moves = Moves(attempt)
        sync_files(gather_outputs(spec, attempt), folder=attempt.folder, point="runner.sync_bytes")
        move_outputs(spec, attempt, moves)
        list_outputs(spec, attempt, moves)
        moves.sync()
        seconds = time.perf_counter() - start
        os.rename(output.authority, gathered)
        return seconds

    listing = os.path.join(base, "names")
    with open(listing, "wb") as stream:
        stream.write(b"\0".join(sorted(_files(gathered))))

    def bare() -> None:
        with open(listing, "rb") as names:
            subprocess.run(["xargs", "-0", "sha256sum"], stdin=names, stdout=subprocess.DEVNULL, check=True)

    ours, others = twins(seal, bare, repeats)
    shutil.rmtree(base)
    return Result(name, ours / others, "×", limit, f"{ours:.2f} s beside {others:.2f} s sha256sum")


def _files(place: str) -> Iterator[bytes]:
    if os.path.isfile(place):
        yield os.fsencode(place)
    else:
        yield from (os.fsencode(entry.path) for entry in os.scandir(place))


def _filled(path: str, count: int) -> tuple[Database, list[str]]:
    """Return a store with so many results, and a hundred of their keys."""
    database, now = Database(path), now_text()
    keys = [digest_value(number) for number in range(count)]
    sealed = to_json(SealedOutput("out", "/x", "file", "d" * 64, 1, (SealedFile("", "d" * 64, 1, 1, 1, 1),)))
    blank = {"experiment": "e", "number": 1, "position": 0, "name": "s", "status": "Completed", "created_at": now}
    blank["submitted_by"] = "me"
    tables = {
        schema.runs: lambda number: {"id": f"s{number}", "type": "azureml.StepRun", **blank, "node_id": "n1"},
        schema.outputs: lambda number: {
            "step_run_id": f"s{number}",
            "name": "out",
            "run_id": "r",
            "datastore": "d",
            "path": "p",
            "sealed": sealed,
        },
        schema.reuse_entries: lambda number: {
            "action_key": keys[number],
            "run_id": "r",
            "step_run_id": f"s{number}",
            "created_at": now,
            "last_used_at": now,
        },
    }
    with database.write(point="store.apply") as connection:
        for table, row in tables.items():
            filled = {
                column.name: {} if column.name in ("tags", "properties") else []
                for column in table.columns
                if not column.nullable and isinstance(column.type, sa.JSON)
            }
            connection.execute(table.insert(), [{**filled, **row(number)} for number in range(count)])
    return database, keys[:: count // 100]


def _look_up(database: Database, keys: list[str]) -> None:
    if len(SqlRunStore(database).lookup(keys)) != len(keys):
        raise RuntimeError("not every result was found")


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
