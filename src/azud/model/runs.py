"""Runs, step runs and attempts as the API shows them, and the words for their states."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple


class RunStatus:
    """The states of runs and step runs, in the run history's words.

    A pipeline run passes NotStarted → Running → Completed | Failed | Canceled; a step run
    NotStarted → Queued → Running → Completed | Failed | Canceled, or NotStarted → Completed (reused) or
    NotStarted → Bypassed (a step it needs did not succeed). `CancelRequested` stands between a cancel
    and its effect.
    """

    NOT_STARTED = "NotStarted"
    QUEUED = "Queued"
    RUNNING = "Running"
    CANCEL_REQUESTED = "CancelRequested"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"
    BYPASSED = "Bypassed"

    TERMINAL = frozenset((COMPLETED, FAILED, CANCELED, BYPASSED))


class RunType:
    """What kinds of runs there are, in v1's words where it has one.

    The engine drives pipeline runs, their step runs, and script runs, which are pipeline runs of one step: what their
    job logs and writes is that step run's. An interactive run is driven by the program that began it.
    """

    PIPELINE = "azureml.PipelineRun"
    STEP = "azureml.StepRun"
    SCRIPT = "azureml.scriptrun"
    INTERACTIVE = "azureml.interactive"


def pipeline_word(status: str) -> str:
    """Return the word that v1's `get_status()` of a pipeline or step run uses for this state."""
    return {"Completed": "Finished", "CancelRequested": "Running"}.get(status, status)


@dataclasses.dataclass(frozen=True)
class RunError:
    """Why a run or step run failed; `log` is the artifact path of the log to read."""

    code: str
    message: str
    hint: Optional[str] = None
    exit_code: Optional[int] = None
    signal: Optional[str] = None
    traceback_tail: Tuple[str, ...] = ()
    log: Optional[str] = None
    step: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """A run; `type` is one of `RunType`.

    Args:
        id: uuid; a script run's is `<experiment>_<seconds since 1970>_<8 hexadecimal characters>`, as in v1.
        number: Counts the runs of an experiment from 1; 0 for runs below another one.
        parent_id: The pipeline run of a step run, or the run that an interactive run was begun below.
        submitted_under: The run that a pipeline or script run was submitted under.
        node_id: The step's id in the definition, for step runs.
        attempt: The number of a step run's newest attempt; 0 before there is one, and for pipeline runs.
        reused_from: For a reused step run, the step run whose results it shows.
        warnings: What the reader should know.
        properties: Can be added, never changed.
    """

    id: str
    type: str
    experiment: str
    status: str
    name: str = ""
    number: int = 0
    parent_id: Optional[str] = None
    node_id: Optional[str] = None
    step_type: Optional[str] = None
    compute: Optional[str] = None
    attempt: int = 0
    reused_from: Optional[str] = None
    created_at: str = ""
    started_at: Optional[str] = None
    ended_at: Optional[str] = None
    error: Optional[RunError] = None
    tags: Dict[str, Optional[str]] = dataclasses.field(default_factory=dict)
    properties: Dict[str, str] = dataclasses.field(default_factory=dict)
    warnings: Tuple[str, ...] = ()
    submitted_by: str = ""
    snapshot: Optional[str] = None
    progress: Dict[str, int] = dataclasses.field(default_factory=dict)
    submitted_under: Optional[str] = None

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a pipeline run."""
        return self.type == RunType.STEP


@dataclasses.dataclass(frozen=True)
class MetricPoint:
    """One logged value.

    `kind` is `scalar`, `list`, `row`, `table`, or `image`, `confusion_matrix`, `accuracy_table`, `residuals` or
    `predictions`; `value` a JSON scalar, a list, a `{column: scalar}` object, a `{column: list}` object, or for the
    last five the address of an artifact.
    """

    name: str
    kind: str
    value: Any
    step: Optional[int] = None
    at: str = ""


@dataclasses.dataclass(frozen=True)
class OutputRecord:
    """A sealed output of a step run: where its bytes are and what they were."""

    name: str
    datastore: str
    path: str
    kind: str
    digest: str
    size_bytes: int
    file_count: int
    data_type: Optional[str] = None
    pipeline_output_name: Optional[str] = None
    local_path: Optional[str] = None
