"""The commands other than `azud run`: their words, options and help. What they do lives in the other modules.

Every function imports its module when it is called, so that help and completion stay quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from azud.cli import datastore_commands, porting_commands, run_commands, thing_commands
from azud.cli.options import Follow, Json, Run, Workspace, group
from azud.core.errors import UserError

# Typer publishes only the leaves of its usage errors; their root tells usage errors from everything else.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = group("Azure Machine Learning pipelines (SDK v1) on your own machine.")
server_app = group("The process behind a workspace, which starts by itself.")
app.add_typer(run_commands.app, name="runs")
app.add_typer(thing_commands.experiments_app, name="experiments")
app.add_typer(thing_commands.models_app, name="models")
app.add_typer(thing_commands.secrets_app, name="secrets")
app.add_typer(thing_commands.compute_app, name="compute")
app.add_typer(thing_commands.data_app, name="data")
app.add_typer(datastore_commands.datastore_app, name="datastore")
app.add_typer(server_app, name="server")
app.command("compat")(porting_commands.compat)
app.add_typer(porting_commands.migrate_app, name="migrate")
app.add_typer(porting_commands.kernel_app, name="kernel")


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        AzudError: What the command could not do; a wrong command line is a `UserError`.
    """
    arguments = list(arguments) or ["--help"]
    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="azud", standalone_mode=False)
    except _UsageError as error:
        raise _usage_error(error) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


def _usage_error(error: Any) -> UserError:
    path = error.ctx.command_path if getattr(error, "ctx", None) is not None else "azud"
    message = error.format_message()
    return UserError(message[0].lower() + message[1:].rstrip("."), hint=f"see: {path} --help")


def _version(wanted: bool) -> None:
    if wanted:
        from azud import __version__

        typer.echo(f"azud {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Azure Machine Learning pipelines (SDK v1) on your own machine."""


@app.command("new")
def _new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which project: hello.")],
    directory: Annotated[str | None, typer.Argument(metavar="DIR", help="Where; NAME by default.")] = None,
) -> int:
    """Make a small working project."""
    from azud.cli import scaffold

    return scaffold.new(name, directory)


@app.command("init")
def _init(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The project's folder.")] = ".",
    name: Annotated[str | None, typer.Option(help="The workspace's name; the folder's by default.")] = None,
) -> int:
    """Make a workspace in a project's folder."""
    from azud.cli import scaffold

    return scaffold.init(directory, name)


@app.command("run", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def _run(context: typer.Context) -> int:
    """Run a Python program that uses the Azure ML SDK v1, or azud's own."""
    from azud.cli import run

    return run.main(context.args)


@app.command("plan", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def _plan(context: typer.Context) -> int:
    """Show what such a program would do: which steps would run, which would be reused, and why."""
    from azud.cli import plan

    return plan.main(context.args)


@app.command("doctor")
def _doctor(
    workspace: Workspace = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The Python that your programs run with.")] = None,
    json: Json = False,
) -> int:
    """Look for what could stop azud here, and say what to do about it."""
    from azud.cli import doctor

    return doctor.main(workspace, python=python, as_json=json)


@app.command("backup")
def _backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where; compressed if it ends in .gz or .tgz.")],
    workspace: Workspace = None,
    json: Json = False,
) -> int:
    """Write a workspace into one file, while its server goes on."""
    from azud.cli import backup

    return backup.back_up(workspace, file, as_json=json)


@app.command("restore")
def _restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What azud backup wrote.")],
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The project's folder.")] = ".",
    force: Annotated[
        bool, typer.Option("--force", help="Put it in the place of the workspace that is there, which is kept.")
    ] = False,
    json: Json = False,
) -> int:
    """Make the workspace of a backup, in its old folder or in another one."""
    from azud.cli import backup

    return backup.restore(file, directory, force=force, as_json=json)


@app.command("gc")
def _gc(
    workspace: Workspace = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove it, without asking.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Name everything.")] = False,
    json: Json = False,
) -> int:
    """Show what is not kept any more, and remove it: old runs, their outputs and logs, what steps left."""
    from azud.cli import upkeep

    return upkeep.gc(workspace, yes=yes, listed=listed, as_json=json)


@app.command("why")
def _why(
    run: Run = "latest",
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="Only this step.")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> int:
    """Say why each step ran or was reused, and what changed since the nearest earlier one."""
    from azud.cli import why

    return why.why(workspace, run, step, as_json=json)


@app.command("verify")
def _verify(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="Run its steps again: 'latest', an id or its beginning, RUN/STEP."),
    ] = None,
    steps: Annotated[list[str] | None, typer.Argument(metavar="[STEP]...", help="Only these steps of RUN.")] = None,
    workspace: Workspace = None,
    everything: Annotated[
        bool, typer.Option("--all", help="With RUN: steps that also write elsewhere than into their outputs, too.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="With RUN: wait for the result.")] = True,
    storage: Annotated[
        bool, typer.Option("--storage", help="Read every stored byte; else existence and sizes are compared.")
    ] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Have what is damaged made anew when it is needed.")] = False,
    json: Json = False,
) -> int:
    """Run a run's steps again and compare what they make; without RUN, compare what is stored with what was stored.

    Exit code 1 if something differs.
    """
    if run is not None:
        if storage or repair:
            raise UserError("--storage and --repair are about everything that is stored", hint="leave RUN out")
        from azud.cli import verifying

        return verifying.main(workspace, run, steps or (), everything=everything, wait=wait, as_json=json)
    if everything or not wait:
        raise UserError("--all and --no-wait are about the steps of a run", hint="say which: azud verify RUN")
    from azud.cli import upkeep

    return upkeep.verify(workspace, storage=storage, repair=repair, as_json=json)


@app.command("replay")
def _replay(
    run: Run,
    arguments: Annotated[
        list[str], typer.Argument(metavar="[STEP] DIR", help="The step, unless RUN/STEP or the only one; a new folder.")
    ],
    workspace: Workspace = None,
    link: Annotated[
        bool, typer.Option("--link", help="Link to the inputs instead of copying them; then do not write to them.")
    ] = False,
    json: Json = False,
) -> int:
    """Lay a past step out in a folder, with its source, inputs and parameters, to run and debug it there."""
    if len(arguments) > 2:
        raise UserError(f"too many arguments: {' '.join(arguments)}", hint="azud replay RUN STEP DIR")
    from azud.cli import replay

    step = arguments[0] if len(arguments) == 2 else None
    return replay.main(workspace, run, step, arguments[-1], link=link, as_json=json)


@server_app.command("status")
def _server_status(workspace: Workspace = None, json: Json = False) -> int:
    """Say whether the server runs and what it does. Never starts it."""
    from azud.cli import server

    return server.status(workspace, as_json=json)


@server_app.command("stop")
def _server_stop(
    workspace: Workspace = None,
    drain: Annotated[bool, typer.Option("--drain", help="First let the active runs end.")] = False,
) -> int:
    """Stop the server. Running jobs go on, and the next command starts it again."""
    from azud.cli import server

    return server.stop(workspace, drain=drain)


@server_app.command("logs")
def _server_logs(
    workspace: Workspace = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
    follow: Follow = False,
) -> int:
    """Print the end of the server's log."""
    from azud.cli import server

    return server.logs(workspace, lines=lines, follow=follow)
