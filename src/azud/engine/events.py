"""What happened to a run: the append-only record from which its state is rebuilt.

Events are facts, written once. Every event carries `at`, the moment in `azud.core.clock`'s text form.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from azud.engine.retrying import NO_RULE, RetryRule
from azud.model.codec import from_json, to_json


@dataclasses.dataclass(frozen=True)
class StepNeeds:
    """A step as the machine knows it: its id, the ids it waits for, and its retries if they are not the run's."""

    step: str
    predecessors: tuple[str, ...] = ()
    retry: RetryRule | None = None


@dataclasses.dataclass(frozen=True)
class RunSubmitted:
    """The run exists; `steps` are in topological order, `retry` holds for those that have no rule of their own."""

    at: str
    steps: tuple[StepNeeds, ...]
    continue_on_step_failure: bool = False
    retry: RetryRule = NO_RULE


@dataclasses.dataclass(frozen=True)
class StepReused:
    """An earlier step run's results stand for this step."""

    at: str
    step: str
    source: str


@dataclasses.dataclass(frozen=True)
class StepRefused:
    """The step cannot be started at all (a missing input, say); `code` is an error's code."""

    at: str
    step: str
    code: str


@dataclasses.dataclass(frozen=True)
class AttemptIntended:
    """From now on, and never before, a backend may start this attempt."""

    at: str
    step: str
    attempt: str
    number: int


@dataclasses.dataclass(frozen=True)
class AttemptStarted:
    """A runner has the attempt."""

    at: str
    step: str
    attempt: str


@dataclasses.dataclass(frozen=True)
class AttemptEnded:
    """The attempt is over: `completed`, `failed`, `timed_out`, `canceled` or `lost`."""

    at: str
    step: str
    attempt: str
    outcome: str


@dataclasses.dataclass(frozen=True)
class StepCancelRequested:
    """Somebody wants this step to end."""

    at: str
    step: str


@dataclasses.dataclass(frozen=True)
class CancelRequested:
    """The whole run is to end.

    `cause` is `user`, `timeout` (its own time limit) or `defect` (azud cannot go on with it).
    """

    at: str
    cause: str = "user"


@dataclasses.dataclass(frozen=True)
class RunEnded:
    """The run is terminal."""

    at: str
    status: str


Event = (
    RunSubmitted
    | StepReused
    | StepRefused
    | AttemptIntended
    | AttemptStarted
    | AttemptEnded
    | StepCancelRequested
    | CancelRequested
    | RunEnded
)

_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        RunSubmitted,
        StepReused,
        StepRefused,
        AttemptIntended,
        AttemptStarted,
        AttemptEnded,
        StepCancelRequested,
        CancelRequested,
        RunEnded,
    )
}


def event_type(event: Event) -> str:
    """Return the name under which an event of this kind is stored."""
    return type(event).__name__


def event_body(event: Event) -> dict[str, Any]:
    """Return the JSON form of an event without its type."""
    body: dict[str, Any] = to_json(event)
    return body


def read_event(kind: str, body: dict[str, Any]) -> Event:
    """Return the event that was stored.

    Raises:
        KeyError: This version knows no such event.
    """
    event: Event = from_json(_KINDS[kind], body)
    return event
