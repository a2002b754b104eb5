"""The words and options of `azud runs …`; what they do lives in `runs` and `upkeep`."""

from __future__ import annotations

from typing import Annotated

import typer

from azud.cli.options import Follow, Json, Run, Workspace, group

app = group("See, follow and end runs. Without a command: ls.", invoke_without_command=True)


@app.callback()
def _default(context: typer.Context) -> int:
    if context.invoked_subcommand is None:
        return _ls()
    return 0


@app.command("ls")
def _ls(
    workspace: Workspace = None,
    experiment: Annotated[str | None, typer.Option(help="Only this experiment's.")] = None,
    status: Annotated[str | None, typer.Option(help="Only runs in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    json: Json = False,
) -> int:
    """List the newest runs."""
    from azud.cli import runs

    return runs.ls(workspace, experiment=experiment, status=status, limit=limit, as_json=json)


@app.command("show")
def _show(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """Show how a run stands: its steps, warnings and errors."""
    from azud.cli import runs

    return runs.show(workspace, run, as_json=json)


@app.command("wait")
def _wait(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """Wait until a run has ended. Exit code 0 if it completed, else 1."""
    from azud.cli import runs

    return runs.wait(workspace, run, as_json=json)


@app.command("logs")
def _logs(
    run: Run = "latest",
    follow: Follow = False,
    file: Annotated[str | None, typer.Option(metavar="PATH", help="Another of the run's files, by its path.")] = None,
    workspace: Workspace = None,
) -> int:
    """Print what a step, or every step of a run, wrote."""
    from azud.cli import runs

    return runs.logs(workspace, run, path=file, follow=follow)


@app.command("cancel")
def _cancel(run: Run, workspace: Workspace = None, json: Json = False) -> int:
    """End a run, or one step of it."""
    from azud.cli import runs

    return runs.cancel(workspace, run, as_json=json)


@app.command("outputs")
def _outputs(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """List what the steps made, and where it is."""
    from azud.cli import runs

    return runs.outputs(workspace, run, as_json=json)


@app.command("metrics")
def _metrics(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """List what a run and its steps measured."""
    from azud.cli import runs

    return runs.metrics(workspace, run, as_json=json)


@app.command("pin")
def _pin(run: Run, workspace: Workspace = None) -> int:
    """Keep a run, or the results of one step of it, whatever azud gc removes."""
    from azud.cli import upkeep

    return upkeep.pin(workspace, run)


@app.command("unpin")
def _unpin(run: Run, workspace: Workspace = None) -> int:
    """Let a pinned run go when its time has come."""
    from azud.cli import upkeep

    return upkeep.unpin(workspace, run)
