"""`azud plan PROGRAM [ARGS]`: run the user's program up to what it submits, and show what that would do."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence

from azud.cli import output, text
from azud.cli.run import (
    cannot_start,
    checked_program,
    parse_words,
    program_argv,
    program_environment,
    resolve_interpreter,
)
from azud.client.library import library_path
from azud.core import durable
from azud.core.errors import UserError
from azud.model.codec import from_json
from azud.model.plans import PlannedAction, PlanTotals, RunPlan, StepPlan

PLAN_FILE_VARIABLE = "AZUD_PLAN_FILE"  # read by azud.sdk.submitting

HELP = """\
Usage: azud plan [--python PATH] [--json] PROGRAM [ARGS]...

  Show what a program that submits a pipeline would do: which steps would run, which would be reused, and why.
  Nothing runs.

  The program itself runs, with everything that it does before it submits (uploads, registrations), and is
  ended where it submits its first pipeline. What it prints goes to standard error.

Options:
  --python PATH  The interpreter, or the folder of an environment, to run the program with.
  --json         Print JSON.
  --help         Show this message and exit.
"""

_STANDARD_ERROR = 2
_WORDS = {PlannedAction.DEPENDS_ON: "depends", PlannedAction.CANNOT_RUN: "cannot run"}


def main(arguments: Sequence[str]) -> int:
    """Run the program, print its plan, and return 0; 1 if a step could not run; the program's own code if it failed.

    Raises:
        UserError: No program, no such file, an interpreter that cannot be run, or nothing was submitted.
    """
    options, rest = parse_words("plan", arguments, flags={"--json": ("json", "yes")})
    if options.get("help"):
        sys.stdout.write(HELP)
        return 0
    program = checked_program("plan", rest)
    interpreter = resolve_interpreter(options.get("python"), os.environ)
    with tempfile.TemporaryDirectory(prefix="azud-plan-") as folder:
        place = os.path.join(folder, "plan.json")
        code = _run(program_argv(interpreter, [program, *rest[1:]]), place)
        try:
            with open(place, encoding="utf-8") as stream:
                body = json.load(stream)
        except FileNotFoundError:
            if code:
                return 128 - code if code < 0 else code
            raise UserError(
                f"{program} ended without submitting a pipeline",
                hint="azud plan needs what azud run would submit; does the program need other arguments?",
            ) from None
    plan = from_json(RunPlan, body)
    if "json" in options:
        output.as_json(body)
    else:
        show(plan)
    return 1 if plan.totals.cannot_run else 0


def _run(argv: list[str], place: str) -> int:
    env = program_environment(os.environ, library_path())
    env[PLAN_FILE_VARIABLE] = place
    sys.stdout.flush()
    try:
        child = durable.spawn(argv, env=env, stdout=_STANDARD_ERROR, point="cli.plan.child")
    except OSError as error:
        raise cannot_start(argv[0], error) from error
    return child.wait()


def show(plan: RunPlan) -> None:
    """Print a plan: a line for each step, the errors, the warnings, and a line for the whole."""
    columns = ("step", "plan", "why", "took before", "bytes")
    output.table(columns, map(_row, plan.steps), cut=("step", "plan", "bytes"))
    for step in plan.steps:
        if step.error is not None and step.error.hint:
            output.note(f"{step.name}: {step.error.message}\n  hint: {step.error.hint}")
    for warning in plan.warnings:
        output.note(f"warning: {text.one_line(warning)}")
    output.line(summary(plan.totals))


def _row(step: StepPlan) -> tuple[str, ...]:
    may_run = step.action in (PlannedAction.RUN, PlannedAction.DEPENDS_ON)
    return (
        step.name,
        _WORDS.get(step.action, step.action),
        step.reason,
        _took(step),
        ("not known" if step.bytes_to_move is None else text.size(step.bytes_to_move)) if may_run else "",
    )


def _took(step: StepPlan) -> str:
    """Return `12 s (10 s to 15 s, 7 runs)`."""
    before = step.before
    if before is None:
        return "not run before" if step.action != PlannedAction.CANNOT_RUN else ""
    median = text.duration(before.median_s)
    if before.count == 1:
        return median
    low, high = text.duration(before.low_s), text.duration(before.high_s)
    spread = low if low == high else f"{low} to {high}"
    return f"{median} ({spread}, {before.count} runs)"


def summary(totals: PlanTotals) -> str:
    """Return one line about the whole."""
    counts = {
        "would run": totals.run,
        "depend on these": totals.depends_on,
        "reused": totals.reuse,
        "cannot run": totals.cannot_run,
    }
    parts = [f"{count} {word}" for word, count in counts.items() if count]
    if totals.run or totals.depends_on:
        parts.append(f"{text.size(totals.bytes_to_move)} to copy")
    return f"{', '.join(parts)}; {expected(totals)}"


def expected(totals: PlanTotals) -> str:
    """Return how long the run would take, in words."""
    if totals.expected_s is None or totals.low_s is None or totals.high_s is None:
        return "how long that takes is not known"
    took = text.duration(totals.expected_s)
    low, high = text.duration(totals.low_s), text.duration(totals.high_s)
    spread = "" if low == high else f" ({low} to {high})"
    if totals.unknown:
        return f"at least {took}{spread}: {totals.unknown} have not run before"
    return f"about {took}{spread}"
