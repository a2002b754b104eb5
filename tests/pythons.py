"""The CPythons of this machine that people's programs and steps may run in."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
"""Every version that azud promises its standard-library packages for."""


@cache
def find(version: str) -> str | None:
    """Return the path of an interpreter of this version: this one, one on the path, or one that pyenv installed."""
    if version == "{}.{}".format(*sys.version_info):
        return sys.executable
    for candidate in _candidates(version):
        code = "import sys; print('{}.{}'.format(*sys.version_info), sys.executable)"
        done = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
        said, _, path = done.stdout.strip().partition(" ")
        if said == version and path:
            return path
    return None


def _candidates(version: str) -> Iterator[str]:
    # Installed versions first: a shim of pyenv's is on the path for each of them, and may refuse.
    yield from sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python")))
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path


def interpreters(*, but_this: bool = False) -> list[object]:
    """Return a parameter for each version; one that is not found skips its tests and says so.

    Args:
        but_this: Leave out the version that the tests run in.
    """
    own = "{}.{}".format(*sys.version_info)
    return [_parameter(version) for version in VERSIONS if not (but_this and version == own)]


def _parameter(version: str) -> object:
    path = find(version)
    skip = pytest.mark.skip(reason=f"no CPython {version} on this machine")
    return pytest.param(path, id=version, marks=[] if path else [skip])
