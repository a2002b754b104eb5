"""Where an environment's packages can come from: requirement files, and conda environments that exist."""

from __future__ import annotations

import os
from typing import Any, List

from azud.sdk.conda import CondaDependencies
from azud.sdk.exceptions import UserErrorException

_TIMEOUT_S = 120.0


def requirements_of(path: str) -> List[str]:
    """Return the requirements and options in a pip requirements file, without comments, long lines joined.

    Raises:
        UserErrorException: The file cannot be read.
    """
    text = text_of(path).replace("\\\n", " ")
    lines = [line.split(" #", 1)[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def text_of(path: str) -> str:
    """Return a text file's content.

    Raises:
        UserErrorException: The file cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except OSError as error:
        raise UserErrorException(f"{path} cannot be read: {error.strerror}", inner_exception=error) from error
    except UnicodeDecodeError as error:
        raise UserErrorException(f"{path} is no text in UTF-8", inner_exception=error) from error


def export_conda(name: str) -> CondaDependencies:
    """Return the packages of a conda environment on this machine.

    Raises:
        FileNotFoundError: There is no conda here.
        UserErrorException: conda does not know the environment, or cannot tell what is in it.
    """
    import shutil

    from azud.sdk import yaml

    program = os.environ.get("CONDA_EXE") or shutil.which("conda")
    if program is None or not os.path.exists(program):
        raise FileNotFoundError("conda is not installed here, or not on PATH: its environments cannot be read")
    text = _output([program, "env", "export", "--no-builds", "--name", name])
    content = yaml.texts(yaml.load(text))
    if not isinstance(content, dict):
        raise UserErrorException(f"conda says nothing of its environment {name!r}")
    content.pop("prefix", None)
    return CondaDependencies(_underlying_structure=content)


def _output(command: List[str]) -> str:
    import subprocess

    from azud.core import durable

    process: Any = durable.spawn(
        command,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        point="sdk.conda.spawn",
    )
    try:
        output, trouble = process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise UserErrorException(f"conda took longer than {_TIMEOUT_S:g} s", inner_exception=error) from error
    if process.returncode:
        raise UserErrorException(f"conda cannot tell: {trouble.decode('utf-8', 'replace').strip()}")
    return str(output.decode("utf-8", "replace"))
