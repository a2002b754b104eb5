"""The commands other than `azud run`: their words, options and help. What they do lives in the other modules.

Every function imports its module when it is called, so that help and completion stay quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from azud.core.errors import UserError

# Typer publishes only the leaves of its usage errors; their root tells usage errors from everything else.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def _group(help_text: str, **options: Any) -> typer.Typer:
    return typer.Typer(
        help=help_text,
        context_settings=_SETTINGS,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        **options,
    )


app = _group("Azure Machine Learning pipelines (SDK v1) on your own machine.")
runs_app = _group("See, follow and end runs. Without a command: ls.", invoke_without_command=True)
compute_app = _group("Where steps run.")
data_app = _group("Registered datasets.")
datastore_app = _group("Places for data.")
kernel_app = _group("Kernels for Jupyter and VS Code in which notebooks find the package azureml.")
migrate_app = _group("Bring code that was written for Azure.")
server_app = _group("The process behind a workspace, which starts by itself.")
app.add_typer(runs_app, name="runs")
app.add_typer(compute_app, name="compute")
app.add_typer(data_app, name="data")
app.add_typer(datastore_app, name="datastore")
app.add_typer(server_app, name="server")
app.add_typer(migrate_app, name="migrate")
app.add_typer(kernel_app, name="kernel")

Workspace = Annotated[
    str | None,
    typer.Option("--workspace", "-w", metavar="DIR", help="Folder of the workspace, if not the current one."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Prefix = Annotated[
    str | None, typer.Option(metavar="DIR", help="An environment's folder; without it, the user's own kernels.")
]
User = Annotated[bool, typer.Option("--user", help="The user's own kernels: the default.")]
Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help="'latest', an id or its beginning; RUN/STEP names a step of it."),
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on as more comes.")]


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


@app.command("compat")
def _compat(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A class, function or module of v1, or Class.member.")
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only what is not there yet.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/compatibility.md.")] = False,
    json: Json = False,
) -> int:
    """Say what of the Azure ML SDK v1 works here, what differs, and what is not there yet."""
    from azud.cli import compat

    return compat.main(name, missing=missing, markdown=markdown, as_json=json)


@migrate_app.command("scan")
def _migrate_scan(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The folder of your code, or one file.")] = ".",
    json: Json = False,
) -> int:
    """Read Python files and notebooks, without running them, and say what they use of the Azure ML SDK v1."""
    from azud.cli import migrate

    return migrate.main(directory, as_json=json)


@kernel_app.command("install")
def _kernel_install(
    name: Annotated[str, typer.Option(help="The kernel's name.")] = "azud",
    user: User = False,
    prefix: Prefix = None,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="The Python, or environment, of the kernel.")
    ] = None,
) -> int:
    """Make a kernel of the Python that azud run would take."""
    from azud.cli import kernel

    return kernel.install(name=name, prefix=_one_place(user, prefix), python=python)


@kernel_app.command("uninstall")
def _kernel_uninstall(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The kernel's name.")] = "azud",
    user: User = False,
    prefix: Prefix = None,
) -> int:
    """Remove a kernel that azud made."""
    from azud.cli import kernel

    return kernel.uninstall(name, prefix=_one_place(user, prefix))


@kernel_app.command("ls")
def _kernel_ls(user: User = False, prefix: Prefix = None, json: Json = False) -> int:
    """List the kernels that azud made, and what keeps one from starting."""
    from azud.cli import kernel

    return kernel.ls(prefix=_one_place(user, prefix), as_json=json)


def _one_place(user: bool, prefix: str | None) -> str | None:
    if user and prefix is not None:
        raise UserError("--user and --prefix name two places", hint="give one of them")
    return prefix


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


@runs_app.callback()
def _runs(context: typer.Context) -> int:
    if context.invoked_subcommand is None:
        return _runs_ls()
    return 0


@runs_app.command("ls")
def _runs_ls(
    workspace: Workspace = None,
    experiment: Annotated[str | None, typer.Option(help="Only this experiment's.")] = None,
    status: Annotated[str | None, typer.Option(help="Only runs in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    json: Json = False,
) -> int:
    """List the newest runs."""
    from azud.cli import runs

    return runs.ls(workspace, experiment=experiment, status=status, limit=limit, as_json=json)


@runs_app.command("show")
def _runs_show(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """Show how a run stands: its steps, warnings and errors."""
    from azud.cli import runs

    return runs.show(workspace, run, as_json=json)


@runs_app.command("wait")
def _runs_wait(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """Wait until a run has ended. Exit code 0 if it completed, else 1."""
    from azud.cli import runs

    return runs.wait(workspace, run, as_json=json)


@runs_app.command("logs")
def _runs_logs(
    run: Run = "latest",
    follow: Follow = False,
    file: Annotated[str | None, typer.Option(metavar="PATH", help="Another of the run's files, by its path.")] = None,
    workspace: Workspace = None,
) -> int:
    """Print what a step, or every step of a run, wrote."""
    from azud.cli import runs

    return runs.logs(workspace, run, path=file, follow=follow)


@runs_app.command("cancel")
def _runs_cancel(run: Run, workspace: Workspace = None, json: Json = False) -> int:
    """End a run, or one step of it."""
    from azud.cli import runs

    return runs.cancel(workspace, run, as_json=json)


@runs_app.command("outputs")
def _runs_outputs(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """List what the steps made, and where it is."""
    from azud.cli import runs

    return runs.outputs(workspace, run, as_json=json)


@runs_app.command("metrics")
def _runs_metrics(run: Run = "latest", workspace: Workspace = None, json: Json = False) -> int:
    """List what a run and its steps measured."""
    from azud.cli import runs

    return runs.metrics(workspace, run, as_json=json)


@runs_app.command("pin")
def _runs_pin(run: Run, workspace: Workspace = None) -> int:
    """Keep a run, or the results of one step of it, whatever azud gc removes."""
    from azud.cli import upkeep

    return upkeep.pin(workspace, run)


@runs_app.command("unpin")
def _runs_unpin(run: Run, workspace: Workspace = None) -> int:
    """Let a pinned run go when its time has come."""
    from azud.cli import upkeep

    return upkeep.unpin(workspace, run)


@compute_app.command("ls")
def _compute_ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the compute targets and the nodes each holds."""
    from azud.cli import resources

    return resources.compute(workspace, as_json=json)


@data_app.command("ls")
def _data_ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the registered datasets."""
    from azud.cli import resources

    return resources.data(workspace, as_json=json)


@datastore_app.command("ls")
def _datastore_ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the datastores and where their files are."""
    from azud.cli import resources

    return resources.datastores(workspace, as_json=json)


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
