"""Plans: what a pipeline would do if it were submitted now."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, NoReturn, Optional

from azud.core.ids import check_experiment_name
from azud.model.codec import from_json
from azud.model.plans import PlannedAction, PlanTotals, RunPlan, StepPlan
from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.sdk.compiling import Source, compile_pipeline, source_folders
from azud.sdk.exceptions import translated
from azud.sdk.snapshot import take
from azud.sdk.submitting import PLAN_FILE_VARIABLE, refuse_cycles, submission_body

if TYPE_CHECKING:
    from azud.model.definition import PipelineDefinition
    from azud.sdk.pipeline import Pipeline
    from azud.sdk.workspace import Workspace

UNNAMED = "plan"
"""Stands for the experiment of a plan that names none; it is not made."""


class PipelinePlan:
    """What a pipeline would do if it were submitted now, as the server foresees it."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Take the server's answer (`azud.model.plans.RunPlan` as JSON)."""
        self._body = dict(body)
        self._plan = from_json(RunPlan, self._body)

    @property
    def steps(self) -> List[StepPlan]:
        """What would become of each step, in an order in which each comes after those it needs."""
        return list(self._plan.steps)

    @property
    def totals(self) -> PlanTotals:
        """Counts by action, bytes to move, and the expected wall time."""
        return self._plan.totals

    @property
    def warnings(self) -> List[str]:
        """The warnings that the run would have."""
        return list(self._plan.warnings)

    def to_dict(self) -> Dict[str, Any]:
        """Return the whole plan as the API gives it: JSON values only."""
        copied: Dict[str, Any] = json.loads(json.dumps(self._body))
        return copied

    def __repr__(self) -> str:
        """Return a line for each step and one for the whole."""
        totals = self._plan.totals
        counts = [f"{count} {word}" for word, count in _counts(totals).items() if count]
        return "\n".join([*map(_line, self._plan.steps), ", ".join(counts) + _expected(totals)])


def _counts(totals: PlanTotals) -> Dict[str, int]:
    return {
        "run": totals.run,
        "reused": totals.reuse,
        "depend on others": totals.depends_on,
        "cannot run": totals.cannot_run,
    }


def _line(step: StepPlan) -> str:
    line = f"{step.name}: {step.action.replace('_', ' ')}: {step.reason}"
    if step.action in (PlannedAction.REUSE, PlannedAction.CANNOT_RUN):
        return line
    return f"{line} ({f'took {step.before.median_s:.1f} s before' if step.before else 'not run before'})"


def _expected(totals: PlanTotals) -> str:
    if totals.expected_s is None:
        return "; how long that takes is not known"
    return f"; {'at least' if totals.unknown else 'about'} {totals.expected_s:.1f} s"


def plan_pipeline(
    pipeline: Pipeline,
    *,
    experiment_name: Optional[str] = None,
    parameters: Optional[Mapping[str, Any]] = None,
    continue_on_step_failure: bool = False,
    regenerate_outputs: bool = False,
    parent_run_id: Optional[str] = None,
) -> PipelinePlan:
    """Return what submitting the pipeline would do. Source files are read and not uploaded.

    Raises:
        UserErrorException: As `submit_pipeline`.
    """
    refuse_cycles(pipeline)
    with translated():
        name = check_experiment_name(experiment_name or UNNAMED)
    sources = {folder: _source(folder) for folder in source_folders(pipeline)}
    return plan_definition(
        pipeline.workspace,
        name,
        compile_pipeline(pipeline, sources),
        parameters=parameters,
        continue_on_step_failure=continue_on_step_failure,
        regenerate_outputs=regenerate_outputs,
        parent_run_id=parent_run_id,
    )


def plan_definition(
    workspace: Workspace, experiment_name: str, definition: PipelineDefinition, **options: Any
) -> PipelinePlan:
    """Return what submitting a definition would do.

    Args:
        workspace: Where.
        experiment_name: To which experiment.
        definition: Compiled, or of an earlier run.
        **options: As `azud.sdk.submitting.submission_body`.

    Raises:
        UserErrorException: As `submit_pipeline`.
    """
    body = submission_body(experiment_name, definition, **options)
    return PipelinePlan(workspace._api.send("POST", "/plans", body, repeat=True))


def _source(folder: str) -> Source:
    """Return a source folder under the digest that its snapshot will have."""
    taken = take(folder)
    files = (SnapshotFile(file.path, file.digest, file.size_bytes, file.executable) for file in taken.files)
    return Source(SourceSnapshot(tuple(files)).digest(), {}, taken.warnings)


def plan_instead(make_plan: Callable[[], PipelinePlan]) -> NoReturn:
    """Plan what a program wanted to submit, hand the plan to `azud plan`, and end the program.

    A program that catches `SystemExit` and submits again comes here again; the first plan stays.

    Effects: The file that the variable names is made.

    Raises:
        SystemExit: With code 0, after the plan was written.
        UserErrorException: As `submit_pipeline`.
    """
    from azud.core import durable

    place = os.environ[PLAN_FILE_VARIABLE]
    if not os.path.exists(place):
        data = json.dumps(make_plan().to_dict()).encode("utf-8", "surrogatepass")
        durable.replace_file(place, data, point="sdk.plan", sync=False)
    raise SystemExit(0)
