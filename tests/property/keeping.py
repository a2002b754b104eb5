"""A workspace without a server: a real store, real folders, runs that nobody executed, and what must be true of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import pathlib
import threading

import sqlalchemy as sa

from azud.adapters.blobs.folder import FolderBlobs
from azud.adapters.folders.own import LocalOwnFolders
from azud.adapters.stores import schema
from azud.adapters.stores.asset_catalog import SqlAssetCatalog
from azud.adapters.stores.database import Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.retention_store import SqlRetention
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.core.clock import now_text, to_text, utc_now
from azud.core.ids import new_uuid
from azud.engine import events as ev
from azud.engine.context import open_context
from azud.engine.ports import AttemptEnd, ReuseDecision, ReuseEntry, RunOptions, RunUpdate
from azud.engine.retention import PIN
from azud.model.codec import to_json
from azud.model.data import DataLocation, DatasetDefinition, DatasetRecord, DatastoreRecord
from azud.model.definition import InputPort, OutputPort, PipelineDefinition, StepDefinition
from azud.model.jobs import Manifest, SealedFile, SealedOutput
from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.services.collecting import CollectionService
from azud.services.ports import NewRun, NewStep
from azud.services.tasks import Progress

STORE = "workspaceblobstore"


class World:
    """Makes runs by hand and knows who made what."""

    def __init__(self, folder: pathlib.Path, *, fresh: bool = True) -> None:
        self.home = folder / ".azud"
        self.data = self.home / "datastores" / STORE
        if fresh:
            for place in (self.data, self.home / "attempts", folder / "elsewhere"):
                place.mkdir(parents=True)
        self.ids = 0
        self.runs: dict[str, list[str]] = {}
        self.active: set[str] = set()
        self.content: dict[str, str] = {}
        self.reopen()
        if fresh:
            self._furnish(folder)

    def reopen(self) -> None:
        """Open the store, again after somebody else had it."""
        self.database = Database(str(self.home / "azud.db"))
        self.catalog, self.store = SqlRunCatalog(self.database), SqlRunStore(self.database)
        self.assets = SqlAssetCatalog(self.database)
        self.blobs = FolderBlobs(str(self.home / "blobs"))
        self.folders = LocalOwnFolders(str(self.home))
        self.retention = SqlRetention(self.database)
        self.token = self.store.acquire_lease("world")

    def _furnish(self, folder: pathlib.Path) -> None:
        self.assets.put_datastore(DatastoreRecord(STORE, "AzureBlob", "local", {"root": str(self.data)}, True))
        # A second name for the same folder, by which datasets may point into it as well.
        self.assets.put_datastore(DatastoreRecord("alias", "AzureBlob", "local", {"root": str(self.data / "azureml")}))
        self.strangers = {
            self.data / "in" / "mine": "a",
            self.data / "azureml" / "mine" / "x": "b",
            self.data / "dataset" / new_uuid() / "x": "c",
            self.data / "ExperimentRun" / "mine": "d",
            folder / "elsewhere" / "x": "e",
        }
        for path, text in self.strangers.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def new_id(self) -> str:
        """Return an id that is the same whenever the same things happen."""
        self.ids += 1
        return f"{self.ids:08x}-0000-4000-8000-000000000000"

    def close(self) -> None:
        self.database.close()

    # -- making ---------------------------------------------------------------------------------

    def snapshot(self, text: str) -> str:
        data = text.encode()
        digest = hashlib.sha256(data).hexdigest()
        if self.blobs.missing([digest]):
            self.blobs.put(digest, [data])
        return self.assets.put_snapshot(SourceSnapshot((SnapshotFile("main.py", digest, len(data)),)))

    def submit(self, experiment: str, sources: list[str], reads: str | None = None) -> str:
        """Make a run with a step for each source text; the first reads what another step run made, if told so."""
        steps = tuple(
            StepDefinition(
                f"n{index}",
                f"s{index}",
                "PythonScriptStep",
                "main.py",
                inputs=(InputPort("in", "reference", "mount", datastore=STORE, path=f"azureml/{reads}/out"),)
                if reads and not index
                else (),
                outputs=(OutputPort("out"),),
            )
            for index in range(len(sources))
        )
        definition = PipelineDefinition(steps)
        made = [self.new_id() for _ in sources]
        new = NewRun(
            id=self.new_id(),
            experiment=experiment,
            definition=definition,
            definition_json=to_json(definition),
            options=RunOptions("/usr/bin/python3", continue_on_step_failure=True),
            steps=tuple(
                NewStep(step_run, f"n{index}", f"s{index}", "PythonScriptStep", "local", self.snapshot(text), (), {})
                for index, (step_run, text) in enumerate(zip(made, sources, strict=True))
            ),
            idempotency_key=new_uuid(),
        )
        self.catalog.create_run(new)
        self.runs[new.id] = made
        self.active.add(new.id)
        return new.id

    def complete_step(self, run: str, index: int, key: str, size: int) -> None:
        """An attempt of the step ends well; its output is sealed and stored for reuse."""
        step_run = self.runs[run][index]
        attempt = f"{step_run}-1"
        place = self.data / "azureml" / step_run / "out"
        place.parent.mkdir(parents=True)
        text = f"{step_run}"[:1] * size
        place.write_text(text)
        self.content[step_run] = text
        log = self.data / "ExperimentRun" / f"dcid.{step_run}" / "log.txt"
        log.parent.mkdir(parents=True)
        log.write_text("log")
        (self.home / "attempts" / attempt).mkdir()
        (self.home / "attempts" / attempt / "manifest.json").write_text("{}")
        sealed = SealedOutput("out", str(place), "file", "d" * 64, size, (SealedFile("", "d" * 64, size, 1, 2, 3),))
        end = AttemptEnd(
            attempt,
            step_run,
            "sig",
            Manifest(attempt, "completed", outputs=(sealed,), ended_at=now_text()),
            outputs=((sealed, STORE, f"azureml/{step_run}/out", None, None),),
        )
        happened = [
            ev.AttemptIntended(now_text(), f"n{index}", attempt, 1),
            ev.AttemptEnded(now_text(), f"n{index}", attempt, "completed"),
        ]
        decision = ReuseDecision(step_run, "miss", "nothing stored", key, {"key": key})
        entry = ReuseEntry(key, run, step_run, (sealed,), f"n{index}")
        self._apply(run, happened, index, key, ends=[end], entries=[entry], decisions=[decision])

    def reuse(self, run: str, index: int, entry: ReuseEntry) -> None:
        """The step takes the result of an entry over; raises if that is gone."""
        step_run = self.runs[run][index]
        decision = ReuseDecision(step_run, "hit", "the same", entry.key, {"key": entry.key}, entry.step_run_id)
        event = ev.StepReused(now_text(), f"n{index}", entry.step_run_id)
        self._apply(run, [event], index, entry.key, source=entry.step_run_id, decisions=[decision])

    def fail_step(self, run: str, index: int) -> None:
        step_run = self.runs[run][index]
        attempt = f"{step_run}-1"
        (self.home / "attempts" / attempt / "work").mkdir(parents=True)
        manifest = Manifest(attempt, "failed", ended_at=now_text())
        happened = [
            ev.AttemptIntended(now_text(), f"n{index}", attempt, 1),
            ev.AttemptEnded(now_text(), f"n{index}", attempt, "failed"),
        ]
        self._apply(run, happened, index, None, ends=[AttemptEnd(attempt, step_run, "sig", manifest)])

    def _apply(self, run, happened, index, key, source=None, **update) -> None:
        context = open_context(self.store.load_run(run), {}, {})
        for event in happened:
            assert context.machine.accepts(event), event
            context.machine.handle(event)
        row = context.rows[f"n{index}"]
        state = context.machine.steps[f"n{index}"]
        row.status, row.attempt, row.reused_from, row.key = context.row_status(row.step), state.attempt, source, key
        before = len(self.catalog.events(run, -1)[0])
        self.store.apply(RunUpdate(run, before, happened, "Running", steps=[row], **update), self.token)

    def end(self, run: str, days_ago: float) -> None:
        """The run ends (its open steps fail before), so long ago."""
        for index, step_run in enumerate(self.runs[run]):
            if self.catalog.run(step_run).status == "NotStarted":
                self.fail_step(run, index)
        context = open_context(self.store.load_run(run), {}, {})
        status = "Failed" if any(step.state == "failed" for step in context.machine.steps.values()) else "Completed"
        update = RunUpdate(run, context.next_seq, [ev.RunEnded(now_text(), status)], status, ended_at=now_text())
        self.store.apply(update, self.token)
        self.active.discard(run)
        moment = days_before_now(days_ago)
        with self.database.write(point="store.test") as connection:
            connection.execute(
                schema.runs.update().where(schema.runs.c.id == run).values(created_at=moment, ended_at=moment)
            )

    def last_used(self, key: str, days_ago: float) -> None:
        table = schema.reuse_entries
        with self.database.write(point="store.test") as connection:
            connection.execute(
                table.update().where(table.c.action_key == key).values(last_used_at=days_before_now(days_ago))
            )

    def pin(self, run_or_step: str, *, on: bool = True) -> None:
        tags = {"set_tags": {PIN: None}, "remove_tags": []} if on else {"set_tags": {}, "remove_tags": [PIN]}
        self.catalog.patch(run_or_step, add_properties={}, display_name=None, **tags)

    def register(self, name: str, datastore: str, path: str) -> None:
        definition = DatasetDefinition("file", (DataLocation(datastore, path),))
        self.assets.register_dataset(
            DatasetRecord(definition.saved_id(), definition, name=name), create_new_version=True
        )

    def forget_dataset(self, name: str) -> None:
        table = schema.dataset_versions
        with self.database.write(point="store.test") as connection:
            connection.execute(table.delete().where(table.c.name == name))

    def make_blobs_old(self) -> None:
        for path in (self.home / "blobs").glob("??/*"):
            os.utime(path, (1, 1))

    # -- collecting -----------------------------------------------------------------------------

    def collector(self, policy, store=None) -> CollectionService:
        return CollectionService(store or self.retention, self.blobs, self.folders, policy)

    def collect(self, policy, store=None):
        return self.collector(policy, store).collect(Progress(threading.Event()))

    # -- what must be true ----------------------------------------------------------------------

    def exists(self, run_or_step: str) -> bool:
        with self.database.read() as connection:
            return connection.scalar(sa.select(schema.runs.c.id).where(schema.runs.c.id == run_or_step)) is not None

    def entries(self) -> dict[str, tuple[str, str]]:
        """Return step run and last use of every entry, by key."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(schema.reuse_entries))
            return {row.action_key: (row.step_run_id, row.last_used_at) for row in rows}

    def check_step(self, step_run: str) -> None:
        """Everything that a step run shows is there."""
        record = self.catalog.run(step_run)
        for output in self.catalog.outputs(step_run):
            source = record.reused_from or step_run
            assert pathlib.Path(output.sealed.path).read_text() == self.content[source]
            assert (self.data / "ExperimentRun" / f"dcid.{source}" / "log.txt").read_text() == "log"
        if record.status == "Completed":
            assert self.catalog.outputs(step_run), "a completed step lost its output"
        for file in self.store.snapshot(record.snapshot).files:
            assert self.blobs.examine(file.digest, file.size_bytes, read=True) is None
        decision = self.catalog.decision(step_run)
        assert decision is None or decision.preimage == {"key": decision.key}

    def check_run(self, run: str) -> None:
        """A run and all its step runs are whole."""
        context = open_context(self.store.load_run(run), {}, {})
        assert context.machine.terminal == (run not in self.active)
        assert self.catalog.definition(run).steps
        assert [step.id for step in context.stored.steps] == self.runs[run]
        for step_run in self.runs[run]:
            self.check_step(step_run)

    def check_strangers(self) -> None:
        for path, text in self.strangers.items():
            assert path.read_text() == text

    def check_nothing_dangles(self, outputs_of: str | None = None) -> None:
        """No row refers to what is not there; with a step run, only its bytes are looked at."""
        from azud.adapters.stores.inspection import SqlInspection

        assert list(SqlInspection(self.database).dangling()) == []
        for step_run, output in SqlInspection(self.database).sealed_outputs():
            assert outputs_of not in (None, step_run) or pathlib.Path(output.path).exists(), step_run


def days_before_now(days: float) -> str:
    return to_text(utc_now() - dt.timedelta(days=days))
