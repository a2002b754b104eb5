"""The words and options of `azud datastore …`; what they do lives in `datastores`."""

from __future__ import annotations

from typing import Annotated

import typer

from azud.cli.options import Json, Workspace, group

datastore_app = group("Places for data: folders of this machine, and stores elsewhere.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a datastore.")]
Piped = Annotated[
    bool,
    typer.Option("--credential-stdin", help='Read what opens it from standard input, as JSON: {"account_key": …}.'),
]
Asked = Annotated[
    list[str] | None,
    typer.Option(
        "--secret", metavar="PART", help="Ask on the terminal for this part of what opens it; may be repeated."
    ),
]
Unchecked = Annotated[bool, typer.Option("--skip-check", help="Do not try now whether it opens.")]


@datastore_app.command("ls")
def _ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the datastores and where their files are."""
    from azud.cli import datastores

    return datastores.ls(workspace, as_json=json)


@datastore_app.command("show")
def _show(name: Name, workspace: Workspace = None, json: Json = False) -> int:
    """Show what is known of a datastore; never what opens it."""
    from azud.cli import datastores

    return datastores.show(workspace, name, as_json=json)


@datastore_app.command("add")
def _add(
    name: Name,
    driver: Annotated[
        str, typer.Argument(metavar="DRIVER", help="local, azure_blob, azure_file, s3, gcs, sftp or fsspec.")
    ],
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", metavar="KEY=VALUE", help="Where it is; may be repeated. See docs/how-to."),
    ] = None,
    secret: Asked = None,
    credential_stdin: Piped = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a datastore of this name.")] = False,
    create: Annotated[bool, typer.Option("--create", help="Make its container or folder.")] = False,
    skip_check: Unchecked = False,
    workspace: Workspace = None,
) -> int:
    """Register a datastore. What opens it is asked for or piped in, never an argument, and kept encrypted."""
    from azud.cli import datastores

    credential = datastores.asked_credential(secret or [], piped=credential_stdin)
    given = datastores.NewDatastore(name, driver, tuple(option or ()), overwrite, create, not skip_check)
    return datastores.add(workspace, given, credential)


@datastore_app.command("set-credential")
def _set_credential(
    name: Name,
    secret: Asked = None,
    credential_stdin: Piped = False,
    skip_check: Unchecked = False,
    workspace: Workspace = None,
) -> int:
    """Replace what opens a datastore."""
    from azud.cli import datastores

    credential = datastores.asked_credential(secret or [], piped=credential_stdin)
    return datastores.set_credential(workspace, name, credential, check=not skip_check)


@datastore_app.command("check")
def _check(name: Name, workspace: Workspace = None) -> int:
    """Look whether a datastore answers and lets us in."""
    from azud.cli import datastores

    return datastores.check(workspace, name)


@datastore_app.command("default")
def _default(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The new default; without it the present one.")
    ] = None,
    workspace: Workspace = None,
) -> int:
    """Show or choose the datastore for outputs that name none."""
    from azud.cli import datastores

    return datastores.default(workspace, name)


@datastore_app.command("bind")
def _bind(
    name: Annotated[str, typer.Argument(metavar="OWN", help="workspaceblobstore or workspacefilestore.")],
    target: Annotated[str | None, typer.Argument(metavar="NAME", help="A registered datastore.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Its own folder again.")] = False,
    workspace: Workspace = None,
) -> int:
    """Let one of the workspace's own two datastores be the place that a registered one names."""
    from azud.cli import datastores

    return datastores.bind(workspace, name, target, own=own)


@datastore_app.command("files")
def _files(
    name: Name,
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="Only files whose path starts with this.")] = "",
    workspace: Workspace = None,
    json: Json = False,
) -> int:
    """List the files on a datastore."""
    from azud.cli import datastores

    return datastores.files(workspace, name, prefix, as_json=json)


@datastore_app.command("rm")
def _rm(name: Name, workspace: Workspace = None) -> int:
    """Forget a datastore; its files stay."""
    from azud.cli import datastores

    return datastores.remove(workspace, name)
