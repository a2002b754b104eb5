"""Runs, and what the engine writes about them, as the store's tests need them."""

from __future__ import annotations

import dataclasses

from azud.engine import events as ev
from azud.engine.context import open_context
from azud.engine.ports import AttemptEnd, ReuseDecision, ReuseEntry, RunOptions, RunUpdate
from azud.model.codec import to_json
from azud.model.definition import OutputPort, PipelineDefinition, StepDefinition
from azud.model.jobs import JobExit, Manifest, SealedFile, SealedOutput
from azud.model.runs import MetricPoint
from azud.services.ports import NewRun, NewStep

AT = "2026-01-01T00:00:00.000000Z"
DEFINITION = PipelineDefinition(
    (
        StepDefinition("n1", "first", "PythonScriptStep", "a.py", outputs=(OutputPort("out"),)),
        StepDefinition("n2", "second", "PythonScriptStep", "b.py", run_after=("n1",)),
    )
)
SEALED = SealedOutput("out", "/x/out", "file", "d" * 64, 3, (SealedFile("", "d" * 64, 3, 1, 2, 3),))
ENTRY = ReuseEntry("k1", "run-1", "run-1-a", (SEALED,), "n1")
DECISION = ReuseDecision("run-1-a", "miss", "nothing stored", "k1", {"version": 1})


def new_run(run_id="run-1", key=None):
    """Return a pipeline of two steps, the second after the first."""
    return NewRun(
        id=run_id,
        experiment="e",
        definition=DEFINITION,
        definition_json=to_json(DEFINITION),
        options=RunOptions("/usr/bin/python3"),
        steps=(
            NewStep(f"{run_id}-a", "n1", "first", "PythonScriptStep", "local", "", (), {"k": "v"}),
            NewStep(f"{run_id}-b", "n2", "second", "PythonScriptStep", "local", "", ("n1",), {}),
        ),
        tags={"t": "1"},
        idempotency_key=key,
    )


def first_step_done(runs, registrations=()):
    """Return the update of `run-1` whose first step has completed: it writes something of every kind."""
    context = open_context(runs.load_run("run-1"), {}, {})
    events = [ev.AttemptIntended(AT, "n1", "run-1-a-1", 1), ev.AttemptEnded(AT, "n1", "run-1-a-1", "completed")]
    row = dataclasses.replace(context.rows["n1"], status="Completed", attempt="run-1-a-1", key="k1")
    end = AttemptEnd(
        "run-1-a-1",
        "run-1-a",
        "sig",
        Manifest("run-1-a-1", "completed", JobExit(0, None, "exited", AT, AT, 77), outputs=(SEALED,)),
        outputs=((SEALED, "store", "azureml/x/out", None, "final"),),
        metrics=(MetricPoint("m", "scalar", 1.5, None, AT),),
        tags={"seen": "yes"},
        properties={"k": "other", "new": "1"},
        registrations=registrations,
    )
    return RunUpdate("run-1", 1, events, "Running", AT, steps=[row], ends=[end], entries=[ENTRY], decisions=[DECISION])


def everything_about(stores, run_id="run-1"):
    """Return all that can be read of a run and of what its steps left."""
    catalog, runs = stores.catalog, stores.runs
    step = f"{run_id}-a"
    return {
        "run": catalog.run(run_id),
        "step": catalog.run(step),
        "events": catalog.events(run_id, -1),
        "metrics": catalog.metrics(step)[0],
        "outputs": catalog.outputs(step),
        "decision": catalog.decision(step),
        "entries": runs.lookup(["k1"]),
        "usage": runs.last_rss_bytes(["sig"]),
        "dataset": runs.registered_dataset("made", None),
        "stored": runs.load_run(run_id),
    }
