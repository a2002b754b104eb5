"""The words and options of the commands for what a workspace holds beside runs; what they do lives in `resources`."""

from __future__ import annotations

from typing import Annotated

import typer

from azud.cli.options import Json, Workspace, group

experiments_app = group("Names under which runs are kept together.")
models_app = group("Registered models.")
compute_app = group("Where steps run.")
secrets_app = group("Secrets: kept encrypted, for programs and steps that ask for them by name.")
data_app = group("Registered datasets.")
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A model's name, or NAME:VERSION; without a version the newest.")
]

Dataset = Annotated[
    str, typer.Argument(metavar="NAME", help="A dataset's name, or NAME:VERSION; without a version the newest.")
]
Version = Annotated[int | None, typer.Option("--version", help="Of the dataset; as NAME:VERSION.")]


@experiments_app.command("ls")
def _experiments_ls(
    archived: Annotated[bool, typer.Option("--all", help="Archived ones, too.")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> int:
    """List the experiments."""
    from azud.cli import resources

    return resources.experiments(workspace, archived=archived, as_json=json)


@models_app.command("ls")
def _models_ls(
    name: Annotated[str | None, typer.Option(help="Only this model's versions.")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> int:
    """List the registered models, newest first."""
    from azud.cli import models

    return models.ls(workspace, name=name, as_json=json)


@models_app.command("show")
def _models_show(name: Name, workspace: Workspace = None, json: Json = False) -> int:
    """Show what is known of a model, and its files."""
    from azud.cli import models

    return models.show(workspace, name, as_json=json)


@models_app.command("download")
def _models_download(
    name: Name,
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Where its file or folder is written.")] = ".",
    workspace: Workspace = None,
) -> int:
    """Write a model's file or folder into a local folder."""
    from azud.cli import models

    return models.download(workspace, name, directory)


@models_app.command("rm")
def _models_rm(name: Name, workspace: Workspace = None) -> int:
    """Forget a version of a model; azud gc removes its files."""
    from azud.cli import models

    return models.remove(workspace, name)


@secrets_app.command("ls")
def _secrets_ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the names of the secrets."""
    from azud.cli import secrets

    return secrets.ls(workspace, as_json=json)


@secrets_app.command("set")
def _secrets_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits and '-'.")], workspace: Workspace = None
) -> int:
    """Keep a secret: its value is asked for, or read from standard input."""
    from azud.cli import secrets

    return secrets.put(workspace, name)


@secrets_app.command("rm")
def _secrets_rm(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a secret.")], workspace: Workspace = None
) -> int:
    """Forget a secret."""
    from azud.cli import secrets

    return secrets.remove(workspace, name)


@compute_app.command("ls")
def _compute_ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the compute targets and the nodes each holds."""
    from azud.cli import resources

    return resources.compute(workspace, as_json=json)


@data_app.command("ls")
def _data_ls(workspace: Workspace = None, json: Json = False) -> int:
    """List the registered datasets."""
    from azud.cli import data

    return data.ls(workspace, as_json=json)


@data_app.command("show")
def _data_show(name: Dataset, version: Version = None, workspace: Workspace = None, json: Json = False) -> int:
    """Look at a dataset's files, and show whether they are what they were."""
    from azud.cli import data

    return data.show(workspace, name, version, as_json=json)


@data_app.command("lineage")
def _data_lineage(name: Dataset, version: Version = None, workspace: Workspace = None, json: Json = False) -> int:
    """Show what a dataset was made from and what was made of it."""
    from azud.cli import data

    return data.lineage(workspace, name, version, as_json=json)


@data_app.command("tag")
def _data_tag(
    name: Dataset,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[TAG=VALUE]...", help="Tags to set.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="TAG", help="A tag to remove; may be repeated.")] = None,
    version: Version = None,
    workspace: Workspace = None,
) -> int:
    """Set or remove tags of a dataset's version, and print those that it has then."""
    from azud.cli import data

    return data.tag(workspace, name, version, tags or (), remove or ())


@data_app.command("unregister")
def _data_unregister(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a dataset.")], workspace: Workspace = None
) -> int:
    """Forget all versions of a dataset; its files stay."""
    from azud.cli import data

    return data.unregister(workspace, name)
