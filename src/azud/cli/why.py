"""`azud why`: what was decided about each step, and what changed since the nearest earlier one."""

from __future__ import annotations

from azud.cli import output, text
from azud.cli.workspace import find_run, is_step, open_workspace, pages, run_by_id
from azud.core.errors import UserError
from azud.model.codec import from_json, to_json
from azud.model.explanation import Explanation

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def why(folder: str | None, reference: str, step: str | None, *, as_json: bool) -> int:
    """Print why the steps of a run, or one step, ran or did not.

    Raises:
        UserError: A step run was given together with a step.
    """
    client = open_workspace(folder).client
    run = find_run(client, reference if step is None else f"{reference}/{step}")
    if step is not None and "/" in reference:
        raise UserError("the step is given twice", hint="say RUN STEP or RUN/STEP")
    found = [from_json(Explanation, item) for item in pages(client, f"/runs/{run.id}/explanations")]
    if as_json:
        output.as_json(to_json(found))
        return 0
    parent = run_by_id(client, run.parent_id) if is_step(run) and run.parent_id else run
    output.line(f"run {parent.number} of {parent.experiment} ({parent.id[:8]}), {parent.status}")
    for explanation in found:
        output.line()
        for line in explanation.lines():
            _print(line)
    return 0


def _print(line: str) -> None:
    shown = text.visible(line)
    mark = line.lstrip()[:1]
    style = _STYLES.get(mark) if line.startswith("        ") else None
    if style is None or not output.is_terminal():
        output.line(line)
        return
    from rich.text import Text

    output.console().print(Text(shown, style=style))
