"""`azud backup` and `azud restore`: a workspace as one file."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from azud.bootstrap import backup as backing_up
from azud.bootstrap import restore as restoring
from azud.cli import output, text
from azud.client.homes import find_home


def back_up(folder: str | None, file: str, *, as_json: bool) -> int:
    """Write a workspace into a file and say what is in it."""
    home = find_home(folder)
    with _progress(f"backing up {home.names.workspace_name}") as watch:
        done = backing_up.back_up(home, file, watch)
    if as_json:
        output.as_json(done)
        return 0
    files, runs = _count(done["files"], "file"), _count(done["runs"], "run")
    output.line(f"{done['file']}: workspace {done['workspace']}, {files}, {runs}, {text.size(done['size_bytes'])}")
    if done["active_runs"]:
        _tell_of_active(len(done["active_runs"]))
    for path in done["left_out"]:
        output.note(f"  left out, because it is neither a file nor a folder: {path}")
    return 0


def restore(file: str, directory: str, *, force: bool, as_json: bool) -> int:
    """Make a backup's workspace in a folder and say where it is."""
    with _progress(f"restoring {os.path.basename(file)}") as watch:
        done = restoring.restore(file, directory, force=force, watch=watch)
    if as_json:
        output.as_json(done)
        return 0
    place, made_at = os.path.dirname(done["home"]), text.local_time(done["made_at"])
    output.line(f"workspace {done['workspace']} in {place}: {_count(done['files'], 'file')}, as of {made_at}")
    if done["kept"]:
        output.note(
            f"  the workspace that was there lies in {done['kept']}; remove it when you do not need it any more"
        )
    if not done["registered"]:
        output.note("  hint: its names still belong to another folder of yours; Workspace.get(...) finds that one")
    if done["active_runs"]:
        _tell_of_active(len(done["active_runs"]))
    return 0


def _tell_of_active(number: int) -> None:
    what = "1 run had" if number == 1 else f"{number} runs had"
    output.note(f"  {what} not ended: a server of the restored workspace starts the steps that were running again")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


@contextlib.contextmanager
def _progress(what: str) -> Iterator[backing_up.Watcher]:
    """Show a bar on a terminal, a line elsewhere; both on standard error, beside the answer."""
    if not sys.stderr.isatty():
        output.note(what)
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False), transient=True) as bar:
        task = bar.add_task(text.one_line(what), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
