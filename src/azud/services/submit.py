"""Submitting a pipeline: everything that can be known to be wrong is said now, then one transaction."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from azud.core.errors import DefinitionError, NotFoundError
from azud.core.ids import check_experiment_name, new_uuid
from azud.engine.ports import RunOptions, StoredRun
from azud.engine.retrying import RetryRule
from azud.model.codec import from_json
from azud.model.compute import ComputeTargetRecord
from azud.model.definition import PipelineDefinition, StepDefinition
from azud.model.places import WEB
from azud.model.runs import RunRecord, RunType
from azud.planning import validation
from azud.planning.binding import effective_parameters
from azud.planning.graph import ExecutionPlan, build_plan
from azud.planning.machines import MachineSize, shortfall
from azud.services.compute_targets import check_runs_steps
from azud.services.new_runs import first_state
from azud.services.ports import AssetCatalog, NewRun, NewStep, RunCatalog
from azud.services.upkeep_ports import places_in

LOCAL = "local"


@dataclasses.dataclass(frozen=True)
class Submission:
    """The body of `POST /runs`.

    Args:
        experiment: Made if it does not exist.
        definition: The pipeline.
        interpreter: Absolute path of the Python that its steps run in.
        parameters: Values of pipeline parameters that differ from their defaults.
        launch: `fork` or `exec`; the server's setting if empty.
        type: `azureml.PipelineRun`, or `azureml.scriptrun`: one step, which people see as the run itself.
        parent_run_id: The run of the same experiment under which it is shown.
    """

    experiment: str
    definition: PipelineDefinition
    interpreter: str
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    continue_on_step_failure: bool = False
    regenerate_outputs: bool = False
    submitted_by: str = ""
    parent_run_id: str | None = None
    timeout_s: float | None = None
    launch: str = ""
    type: str = RunType.PIPELINE


@dataclasses.dataclass(frozen=True)
class Checked:
    """A submission that can run as it is written, and the warnings that its run gets."""

    submission: Submission
    plan: ExecutionPlan
    options: RunOptions
    warnings: tuple[str, ...]


class SubmitService:
    """Checks submissions and makes runs of them.

    Args:
        runs: Where runs are made.
        assets: Where datastores, compute targets and snapshots are looked up.
        machine: What this machine has.
        launch: How jobs start when the submission does not say.
        retry: How steps are tried again that do not say it.
        submitted: Called with the id of a run that is stored, and with the run if it is new.
    """

    def __init__(
        self,
        runs: RunCatalog,
        assets: AssetCatalog,
        machine: MachineSize,
        launch: str,
        retry: RetryRule,
        submitted: Callable[[str, StoredRun | None], None],
    ) -> None:
        self._runs = runs
        self._assets = assets
        self._machine = machine
        self._launch = launch
        self._retry = retry
        self._submitted = submitted

    def check(self, body: Mapping[str, Any]) -> Checked:
        """Return a submission that can run as it is written, as far as can be told without its source files.

        Raises:
            DefinitionError: The pipeline cannot run as it is written.
            NotFoundError: It names a datastore, compute target or parameter that does not exist.
        """
        submission = from_json(Submission, dict(body), "body")
        check_experiment_name(submission.experiment)
        definition = submission.definition
        validation.check(definition)
        _check_type(submission)
        plan = build_plan(definition)
        parameters = effective_parameters(definition, submission.parameters)
        self._check_datastores(definition, parameters)
        warnings = [
            *self._check_compute(definition),
            *_step_warnings(definition),
            *self._missing_datasets(definition, parameters),
        ]
        options = RunOptions(
            interpreter=submission.interpreter,
            parameters=submission.parameters,
            continue_on_step_failure=submission.continue_on_step_failure,
            regenerate_outputs=submission.regenerate_outputs,
            timeout_s=submission.timeout_s,
            launch=submission.launch or self._launch,
        )
        return Checked(submission, plan, options, tuple(dict.fromkeys(warnings)))

    def submit(self, body: Mapping[str, Any], idempotency_key: str | None) -> RunRecord:
        """Make a run.

        Effects: The rows of the run, its step runs and `RunSubmitted`, in one transaction.
        Idempotent: by `idempotency_key`.

        Raises:
            DefinitionError: The pipeline cannot run as it is written.
            NotFoundError: It names a datastore, compute target or parameter that does not exist.
        """
        checked = self.check(body)
        submission, definition = checked.submission, checked.submission.definition
        self._check_snapshots(definition)
        self._check_parent(submission)
        new = NewRun(
            id=_new_id(submission),
            type=submission.type,
            submitted_under=submission.parent_run_id,
            experiment=submission.experiment,
            definition=definition,
            definition_json=body["definition"],
            options=checked.options,
            steps=_new_steps(definition, checked.plan, self._retry),
            retry=self._retry,
            submitted_by=submission.submitted_by,
            tags=submission.tags,
            properties={"azureml.runsource": submission.type, **submission.properties},
            warnings=checked.warnings,
            idempotency_key=idempotency_key,
        )
        record = self._runs.create_run(new)
        self._submitted(record.id, first_state(new, record.created_at) if record.id == new.id else None)
        return record

    def _check_parent(self, submission: Submission) -> None:
        if submission.parent_run_id is None:
            return
        parent = self._runs.run(submission.parent_run_id)
        if parent.experiment != submission.experiment:
            raise DefinitionError(
                f"run {parent.id} belongs to experiment {parent.experiment!r}, not to {submission.experiment!r}",
                hint="submit to the experiment of the parent run",
            )

    def _check_datastores(self, definition: PipelineDefinition, parameters: Mapping[str, Any]) -> None:
        known = {WEB, *(record.name for record in self._assets.datastores())}
        for parameter, value in parameters.items():
            for name, _ in places_in(value):
                if name not in known:
                    raise NotFoundError(
                        f"parameter {parameter!r} names datastore {name!r}, which this workspace does not have",
                        hint=f"known datastores: {', '.join(sorted(known - {WEB}))}",
                    )
        for step in definition.steps:
            for name in _datastores_of(step, definition):
                if name not in known:
                    raise NotFoundError(
                        f"step {step.name!r} uses datastore {name!r}, which this workspace does not have",
                        hint=f"known datastores: {', '.join(sorted(known - {WEB}))}",
                    )

    def _missing_datasets(self, definition: PipelineDefinition, parameters: Mapping[str, Any]) -> Iterator[str]:
        """Yield a warning for each dataset that is to be looked up and is not there: a script may register it."""
        outputs = [port for step in definition.steps for port in step.outputs]
        to_come = {port.register_as.get("name") for port in outputs if port.register_as is not None}
        for step in definition.steps:
            for port in step.inputs:
                value = parameters.get(port.parameter or "")
                asked = value if isinstance(value, dict) else {}
                name = port.registered or asked.get("registered")
                version = asked.get("version") if port.registered is None else port.registered_version
                if name and name not in to_come and self._assets.registered_id(name, version) is None:
                    which = f"{name!r}" + ("" if version is None else f" version {version}")
                    yield f"step {step.name!r} reads dataset {which}, which is not registered yet"

    def _check_snapshots(self, definition: PipelineDefinition) -> None:
        missing = self._assets.missing_snapshots([step.snapshot for step in definition.steps])
        if missing:
            raise DefinitionError(
                f"the source snapshot {missing[0]} of a step was not uploaded", hint="POST it to /snapshots first"
            )

    def _check_compute(self, definition: PipelineDefinition) -> list[str]:
        """Check compute targets; return a warning for each that asks for more than this machine has."""
        targets = {target.name: target for target in self._assets.compute_targets()}
        warnings = []
        for step in definition.steps:
            target = targets.get(step.compute or LOCAL)
            if target is None:
                raise NotFoundError(
                    f"step {step.name!r} runs on compute target {step.compute!r}, which does not exist",
                    hint=f"known compute targets: {', '.join(sorted(targets))}; create it with ComputeTarget.create",
                )
            check_runs_steps(step.name, target)
            _check_nodes(step, target)
            size = str(target.properties.get("vm_size") or "")
            gap = shortfall(size, self._machine)
            if gap is not None:
                warnings.append(
                    f"compute target {target.name!r} ({size}) asks for {gap}; its steps run with what there is"
                )
        return list(dict.fromkeys(warnings))


def _check_type(submission: Submission) -> None:
    if submission.type not in (RunType.PIPELINE, RunType.SCRIPT):
        raise DefinitionError(f"a run of type {submission.type!r} cannot be submitted")
    if submission.type == RunType.SCRIPT and len(submission.definition.steps) != 1:
        raise DefinitionError(f"a script run has one step, not {len(submission.definition.steps)}")


def _new_id(submission: Submission) -> str:
    if submission.type == RunType.PIPELINE:
        return new_uuid()
    return f"{submission.experiment}_{int(time.time())}_{new_uuid()[:8]}"  # as v1's clients make them


def _check_nodes(step: StepDefinition, target: ComputeTargetRecord) -> None:
    most = target.properties.get("max_nodes")
    if most is not None and step.settings.node_count > int(most):
        raise DefinitionError(
            f"step {step.name!r} asks for {step.settings.node_count} nodes, compute target {target.name!r} has {most}",
            hint="raise max_nodes of the target, or ask for fewer nodes",
        )


def _datastores_of(step: StepDefinition, definition: PipelineDefinition) -> list[str]:
    names = [port.datastore for port in step.inputs]
    names += [location.datastore for port in step.inputs if port.dataset for location in port.dataset.locations]
    names += [port.datastore or definition.default_datastore for port in step.outputs]
    return list(dict.fromkeys(name for name in names if name is not None))


def _new_steps(definition: PipelineDefinition, plan: ExecutionPlan, retry: RetryRule) -> tuple[NewStep, ...]:
    steps = {step.id: step for step in definition.steps}
    made, common = [], dict[str, str]()
    for step in (steps[step_id] for step_id in plan.order):
        properties = {
            "azureml.runsource": "azureml.StepRun",
            "StepType": step.type,
            "ContentSnapshotId": step.snapshot,
            **step.properties,
        }
        if properties != common:  # steps of one source share them: nobody changes them in place
            common = properties
        made.append(
            NewStep(
                id=new_uuid(),
                node_id=step.id,
                name=step.name,
                type=step.type,
                compute=step.compute or LOCAL,
                snapshot=step.snapshot,
                predecessors=plan.predecessors[step.id],
                properties=common,
                retry=_own_rule(step, retry),
            )
        )
    return tuple(made)


def _own_rule(step: StepDefinition, common: RetryRule) -> RetryRule | None:
    """Return how a step is tried again, or None if it says nothing of its own."""
    if step.retries is None and step.retry_delay_s is None:
        return None
    return dataclasses.replace(
        common,
        retries=common.retries if step.retries is None else step.retries,
        delay_s=common.delay_s if step.retry_delay_s is None else step.retry_delay_s,
    )


def _step_warnings(definition: PipelineDefinition) -> list[str]:
    return [warning for step in definition.steps for warning in step.warnings]
