"""What a run that is about to be made begins with: its store writes it, and the engine takes it up as it is."""

from __future__ import annotations

from azud.engine.events import RunSubmitted, StepNeeds
from azud.engine.ports import StepRow, StoredRun
from azud.services.ports import NewRun


def first_state(new: NewRun, at: str) -> StoredRun:
    """Return what `RunStore.load_run` returns of a run that was made at this moment and not touched since.

    The engine is handed this instead of reading back what was written a moment ago. Each call makes rows of its own,
    because the engine changes them.
    """
    submitted = RunSubmitted(
        at,
        tuple(StepNeeds(step.node_id, step.predecessors, step.retry) for step in new.steps),
        new.options.continue_on_step_failure,
        new.retry,
    )
    return StoredRun(
        id=new.id,
        experiment=new.experiment,
        created_at=at,
        definition=new.definition,
        options=new.options,
        steps=tuple(
            StepRow(
                id=step.id,
                step=step.node_id,
                tags={"azureml.nodeid": step.node_id, "azureml.pipeline": new.id},
                properties=step.properties,
                warnings=step.warnings,
            )
            for step in new.steps
        ),
        events=(submitted,),
        sealed={},
        warnings=new.warnings,
        type=new.type,
    )
