"""Replaying past steps elsewhere: the job of a step as it was, for somebody who runs it by hand."""

from __future__ import annotations

import dataclasses

from azud.core.errors import AzudError, ConflictError, UserError
from azud.core.ids import attempt_id
from azud.engine.jobspecs import Places, build_spec
from azud.engine.ports import DataPort, ResolvedEnvironment, RunStore
from azud.model.verifications import ReplayPlan
from azud.services.past_steps import PastSteps
from azud.services.ports import RunCatalog


class ReplayService:
    """Makes plans.

    Args:
        past: Looks at past steps.
        catalog: Runs.
        store: Snapshots.
        data: Places of data.
        places: What every job of the workspace shares.
    """

    def __init__(self, past: PastSteps, catalog: RunCatalog, store: RunStore, data: DataPort, places: Places) -> None:
        self._past = past
        self._catalog = catalog
        self._store = store
        self._data = data
        self._places = places

    def plan(self, step_run_id: str) -> ReplayPlan:
        """Return what a step run ran with; it holds no token.

        Raises:
            NotFoundError: There is no such step run, or its pipeline run is gone.
            UserError: It is a pipeline run.
            ConflictError: What it read is not there any more.
        """
        record = self._catalog.subject(step_run_id)
        if not record.is_step or record.parent_id is None:
            raise UserError(f"run {step_run_id} is a pipeline run", hint="name one of its steps: RUN/STEP")
        context = self._past.open(record.parent_id)
        step = context.steps[record.node_id or ""]
        try:
            past = self._past.look(context, step)
        except AzudError as error:
            raise ConflictError(
                f"what step {step.name!r} read cannot be given again: {error.message}", hint=error.hint
            ) from error
        interpreter = context.stored.options.interpreter
        context.staged[step.id] = past.staged
        context.environments[step.id] = ResolvedEnvironment(interpreter, "", {})
        number = record.attempt or 1
        spec = build_spec(
            context,
            step,
            attempt_id(record.id, number),
            places=self._places,
            data=self._data,
            snapshot=self._store.snapshot(step.snapshot),
            gpu=None,
        )
        return ReplayPlan(
            step_run_id=record.id,
            run_id=context.id,
            status=record.status,
            reused_from=record.reused_from,
            spec=dataclasses.replace(spec, run_token="", endpoint="", library_path="", blobs="", artifacts_to=""),
            changes=past.changes,
        )
