"""Which commit a source folder is at: v1's Git properties of runs and steps.

`git` is asked while files are hashed and uploaded: `start` begins, `Question.answer` collects. Without git, outside
of a repository, or when git takes too long, there are no properties; submitting never fails here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, List, Optional

if TYPE_CHECKING:
    import subprocess

_TIMEOUT_S = 10.0
_OVERRIDES = {
    "AZUREML_GIT_REPOSITORY_URI": ("azureml.git.repository_uri", "mlflow.source.git.repoURL"),
    "AZUREML_GIT_BRANCH": ("azureml.git.branch", "mlflow.source.git.branch"),
    "AZUREML_GIT_COMMIT": ("azureml.git.commit", "mlflow.source.git.commit"),
    "AZUREML_GIT_DIRTY": ("azureml.git.dirty",),
    "AZUREML_GIT_BUILD_ID": ("azureml.git.build_id",),
    "AZUREML_GIT_BUILD_URI": ("azureml.git.build_uri",),
}


class Question:
    """Git's answer about one repository, on its way."""

    def __init__(self, root: Optional[str]) -> None:
        """Ask about the repository at `root`; None asks nothing."""
        self._status = _git(root, "status", "--porcelain=v2", "--branch", "--untracked-files=normal")
        self._remote = _git(root, "ls-remote", "--get-url")

    def answer(self) -> Dict[str, str]:
        """Return the properties, those set by variables included."""
        properties = dict(_from_status(_output(self._status)))
        remote = _output(self._remote).strip()
        # Without a remote, git answers with the name that it would have used.
        if remote and remote != "origin" and properties:
            properties.update(dict.fromkeys(_OVERRIDES["AZUREML_GIT_REPOSITORY_URI"], _without_secret(remote)))
        for variable, names in _OVERRIDES.items():
            if os.environ.get(variable):
                properties.update(dict.fromkeys(names, os.environ[variable]))
        return properties


def repository_of(folder: str) -> Optional[str]:
    """Return the root of the repository that a folder lies in, or None."""
    folder = os.path.realpath(folder)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def start(root: Optional[str]) -> Question:
    """Begin to ask git about a repository."""
    return Question(root)


def _git(root: Optional[str], *arguments: str) -> Optional[subprocess.Popen[bytes]]:
    if root is None:
        return None
    import shutil
    import subprocess

    from azud.core import durable

    program = shutil.which("git")
    if program is None:
        return None
    environment = dict(os.environ, GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", LC_ALL="C")
    try:
        return durable.spawn(
            [program, "-C", root, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            point="sdk.git.spawn",
        )
    except OSError:
        return None  # a git that cannot be started is no git


def _output(process: Optional[subprocess.Popen[bytes]]) -> str:
    if process is None:
        return ""
    import subprocess

    try:
        output, _ = process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ""
    return output.decode("utf-8", "replace") if process.returncode == 0 else ""


def _from_status(text: str) -> Dict[str, str]:
    properties: Dict[str, str] = {}
    changes: List[str] = []
    for line in text.splitlines():
        if line.startswith("# branch.oid ") and not line.endswith("(initial)"):
            properties.update(dict.fromkeys(_OVERRIDES["AZUREML_GIT_COMMIT"], line.split(" ", 2)[2]))
        elif line.startswith("# branch.head ") and not line.endswith("(detached)"):
            properties.update(dict.fromkeys(_OVERRIDES["AZUREML_GIT_BRANCH"], line.split(" ", 2)[2]))
        elif not line.startswith("#"):
            changes.append(line)
    if properties:
        properties["azureml.git.dirty"] = str(bool(changes))
    return properties


def _without_secret(address: str) -> str:
    """Return a remote's address without the user name and password that it may carry."""
    scheme, mark, rest = address.partition("://")
    if not mark or "@" not in rest.split("/", 1)[0]:
        return address
    return f"{scheme}://{rest.split('@', 1)[1]}"
