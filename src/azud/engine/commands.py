"""What the machine wants done. Commands are not stored: rebuilding a machine from its events gives them again."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Decide:
    """Reuse, start or refuse the step; answer with `StepReused`, `AttemptIntended` or `StepRefused`.

    `number` counts attempts from 1; above 1 it is a retry and nothing is looked up.
    """

    step: str
    number: int


@dataclasses.dataclass(frozen=True)
class Wait:
    """Ask for `Decide(step, number)` when `not_before` has come.

    `wait_s` is the whole wait: a clock that was set back in the meantime must not make it longer.
    """

    step: str
    number: int
    not_before: str
    wait_s: float


@dataclasses.dataclass(frozen=True)
class StartAttempt:
    """Start this attempt unless it exists; answer with `AttemptStarted` and `AttemptEnded`."""

    step: str
    attempt: str


@dataclasses.dataclass(frozen=True)
class CancelAttempt:
    """End this attempt; answer with `AttemptEnded`."""

    step: str
    attempt: str


@dataclasses.dataclass(frozen=True)
class ConcludeRun:
    """Nothing is left to do; answer with `RunEnded`."""

    status: str


Command = Decide | Wait | StartAttempt | CancelAttempt | ConcludeRun
