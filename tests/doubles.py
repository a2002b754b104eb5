"""The engine's ports in memory: a store whose writes can fail, a backend whose attempts end when a test says so."""

from __future__ import annotations

import copy
import dataclasses
import threading

from azud.core.errors import NotFoundError, RecordUnreadable
from azud.engine import events as ev
from azud.engine.ports import (
    ABSENT,
    ENDED,
    FOUND,
    Capacity,
    ResolvedEnvironment,
    RunOptions,
    StepRow,
    StoredRun,
)
from azud.engine.retrying import NO_RULE
from azud.model.data import DatastoreRecord
from azud.model.definition import PipelineDefinition, StepDefinition
from azud.model.jobs import Manifest
from azud.model.snapshot import SourceSnapshot
from azud.planning.graph import build_plan

AT = "2026-01-01T00:00:00.000000Z"
STORE = "workspaceblobstore"


class Crash(Exception):
    """The server died here."""


def step(name, *after):
    return StepDefinition(name, name, "PythonScriptStep", f"{name}.py", run_after=after, snapshot="s" * 64)


@dataclasses.dataclass
class MemoryRun:
    """What the tables hold of one run."""

    definition: PipelineDefinition
    rows: dict
    events: list
    status: str = "NotStarted"
    error: object = None
    warnings: tuple = ()
    metrics: dict = dataclasses.field(default_factory=dict)
    spooled: dict = dataclasses.field(default_factory=dict)


class MemoryStore:
    """`azud.engine.ports.RunStore`. `crash` may be `before` or `after`: what happens at the next write."""

    def __init__(self):
        self.runs = {}
        self.crash = None
        self.unreadable = set()
        self.refused = set()
        self._lock = threading.Lock()

    def add(self, run_id, *steps, retry=NO_RULE, rules=None, go_on=False):
        definition = PipelineDefinition(tuple(steps), default_datastore=STORE)
        plan = build_plan(definition)
        needs = tuple(ev.StepNeeds(name, plan.predecessors[name], (rules or {}).get(name)) for name in plan.order)
        rows = {name: StepRow(f"{run_id}-{name}", name) for name in plan.order}
        self.runs[run_id] = MemoryRun(definition, rows, [ev.RunSubmitted(AT, needs, go_on, retry)])

    def acquire_lease(self, holder):
        return 1

    def active_runs(self):
        return [run_id for run_id, run in self.runs.items() if run.status not in ("Completed", "Failed", "Canceled")]

    def load_run(self, run_id):
        if run_id in self.unreadable:
            raise RecordUnreadable(f"what is stored of run {run_id} cannot be read", hint="submit it again")
        run = self.runs.get(run_id)
        if run is None:
            raise NotFoundError(f"there is no run {run_id}")
        with self._lock:
            return StoredRun(
                id=run_id,
                experiment="e",
                created_at=AT,
                definition=run.definition,
                options=RunOptions("/usr/bin/python3"),
                steps=tuple(copy.deepcopy(list(run.rows.values()))),
                events=tuple(run.events),
                sealed={},
                warnings=run.warnings,
            )

    def apply(self, update, token):
        crash, self.crash = self.crash, None
        if update.run_id in self.refused:
            raise RuntimeError("this run cannot be written")
        if crash == "before":
            raise Crash
        with self._lock:
            run = self.runs[update.run_id]
            assert update.first_seq == len(run.events), "an event is written twice or out of order"
            run.events += update.events
            run.status = update.status or run.status
            run.error = update.error or run.error
            run.warnings = run.warnings if update.warnings is None else update.warnings
            for row in update.steps:
                run.rows[row.step] = copy.deepcopy(row)
            for end in update.ends:
                run.metrics.setdefault(end.step_run_id, []).extend(point.value for point in end.metrics)
                if not end.spooled:
                    run.spooled.pop(end.step_run_id, None)
        if crash == "after":
            raise Crash

    def add_spooled(self, step_run_id, position, points, token):
        with self._lock:
            [run] = [run for run in self.runs.values() if any(row.id == step_run_id for row in run.rows.values())]
            if position == 0:
                run.spooled[step_run_id] = []
            run.spooled[step_run_id][position:] = [point.value for point in points]

    def give_up(self, run_id, error, token):
        run = self.runs[run_id]
        run.status, run.error = "Failed", error
        return [row.attempt for row in run.rows.values() if row.attempt]

    def lookup(self, keys):
        return {}

    def sealed_outputs(self, step_run_id):
        return {}

    def last_rss_bytes(self, signatures):
        return {}

    def registered_dataset(self, name, version):
        return None

    def dataset_version(self, name, version):
        return None

    def dataset_used(self, step_run_id, port):
        return None

    def snapshot(self, digest):
        return SourceSnapshot(())

    def datastores(self):
        return {STORE: DatastoreRecord(STORE, "AzureBlob", "local", {"root": "/nowhere"}, is_default=True)}

    def compute_targets(self):
        return {}


class NoData:
    """`azud.engine.ports.DataPort` for steps without data."""

    def locate(self, datastore, path):
        return f"/nowhere/{path}"

    def verify(self, output):
        return None


class OneEnvironment:
    """`azud.engine.ports.Environments` with one Python."""

    def resolve(self, spec, interpreter):
        return ResolvedEnvironment(interpreter, "e" * 64, {})

    def is_current(self, environment):
        return True


class ToldBackend:
    """`azud.engine.ports.ComputeBackend` whose attempts end when `end` says so."""

    def __init__(self, cores=2):
        self.cores = cores
        self.listener = None
        self.started, self.canceled = [], []
        self.manifests, self.left = {}, {}
        self.changed = threading.Condition()

    def capacity(self):
        return Capacity(self.cores, 1 << 30)

    def free_memory_bytes(self):
        return 1 << 30

    def start(self, spec):
        with self.changed:
            assert spec.attempt_id not in self.started, "an attempt is started twice"
            self.started.append(spec.attempt_id)
            self.changed.notify_all()

    def wait_for(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, 30), "it never came"

    def end(self, attempt, outcome="completed", **changes):
        self.manifests[attempt] = Manifest(attempt, outcome, **changes)
        self.listener("ended", attempt)

    def find(self, attempt_id):
        if attempt_id in self.manifests:
            return ENDED
        return FOUND if attempt_id in self.started else ABSENT

    def adopt(self, attempt_id):
        if attempt_id in self.manifests:
            self.listener("ended", attempt_id)

    def cancel(self, attempt_id):
        with self.changed:
            self.canceled.append(attempt_id)
            self.changed.notify_all()

    def manifest(self, attempt_id):
        return self.manifests.get(attempt_id)

    def survivors(self, attempt_id):
        return self.left.get(attempt_id, [])

    def spool(self, attempt_id, offset=0, most_bytes=-1):
        return [], offset

    def attempt_folder(self, attempt_id):
        return f"/nowhere/{attempt_id}"
