"""Why a step ran or did not, as the API says it and people read it."""

from __future__ import annotations

import dataclasses
from typing import List, Optional, Tuple

from azud.model.runs import RunStatus

RAN, REUSED, BYPASSED, REFUSED, UNDECIDED = "ran", "reused", "bypassed", "refused", "undecided"


@dataclasses.dataclass(frozen=True)
class FileChange:
    """A file that is not what it was.

    Args:
        path: Relative, in the folder or input that changed.
        change: `changed`, `added` or `removed`.
        lines: Lines of the difference, each with `+`, `-`, ` ` or `@` in front; none where it is not known or too long.
        note: What there is to say instead, or besides.
    """

    path: str
    change: str
    lines: Tuple[str, ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Change:
    """One component of the action key that is not what it was.

    Args:
        component: `source`, `argument`, `parameter`, `input`, `output`, `environment`, `package`, `editable` (a source
            folder installed in the environment), `variable`, `setting`, `step`, `run_after` or `key_version`.
        name: Which of its kind; "" where there is one only.
        before: Its earlier value as text; None if it is new, or if the files say it.
        now: Its value as text; None if it is gone, or if the files say it.
        files: What changed in it, for components that are made of files.
        note: What there is to say besides.
    """

    component: str
    name: str = ""
    before: Optional[str] = None
    now: Optional[str] = None
    files: Tuple[FileChange, ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True)
class EarlierStep:
    """A step run that another one is compared with or reused from."""

    step_run_id: str
    run_id: str
    experiment: str
    number: int
    status: str
    created_at: str


@dataclasses.dataclass(frozen=True)
class Explanation:
    """Why a step ran, was reused, or was passed over.

    Args:
        step_run_id: Of the step run.
        run_id: Of its pipeline run.
        name: The step's.
        status: The step run's.
        outcome: `ran`, `reused`, `bypassed`, `refused` (it could not be started) or `undecided`.
        code: `hit`, `miss`, `disabled`, `regenerated`, `not_fingerprinted`, `retry`, or "" without a decision.
        reason: The decision in a sentence.
        source: Which step run it was reused from.
        compared_with: The earlier step run whose key is nearest; `changes` is the difference.
        changes: Empty if it was not compared, or if the keys are equal.
    """

    step_run_id: str
    run_id: str
    name: str
    status: str
    outcome: str
    code: str = ""
    reason: str = ""
    source: Optional[EarlierStep] = None
    compared_with: Optional[EarlierStep] = None
    changes: Tuple[Change, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> List[str]:
        """Return the explanation as text: a line of what happened, then what changed."""
        if self.source is not None:
            return [f"{self.name}: reused from {_describe(self.source)}"]
        word = self.outcome
        if self.outcome == RAN and self.status != RunStatus.COMPLETED:
            word = f"ran ({self.status})"
        found = [f"{self.name}: {word}, because {self.reason}" if self.reason else f"{self.name}: {word}"]
        if self.compared_with is not None:
            found.append(
                f"  compared with {_describe(self.compared_with)}" + (":" if self.changes else ", which is the same")
            )
        for change in self.changes:
            found.extend("    " + line for line in change_lines(change))
        return found


def _describe(step: EarlierStep) -> str:
    run = f"run {step.number} of {step.experiment} ({step.run_id[:8]}, {step.created_at[:19]}Z)"
    return f"step run {step.step_run_id[:8]} of {run}"


def change_lines(change: Change) -> List[str]:
    """Return a change as lines of text."""
    what = f"{change.component.replace('_', ' ')} {change.name}".rstrip()
    if change.files:
        head = what
    elif change.before == change.now:  # nothing to show, or hidden
        head = f"{what} changed"
    elif change.before is None:
        head = f"{what} is new: {change.now}"
    elif change.now is None:
        head = f"{what} is gone, it was {change.before}"
    else:
        head = f"{what}: {change.before} → {change.now}"
    found = [f"{head} ({change.note})" if change.note else head]
    for file in change.files:
        found.append(f"  {file.change} {file.path}" + (f" ({file.note})" if file.note else ""))
        found.extend(f"    {line}" for line in file.lines)
    return found
