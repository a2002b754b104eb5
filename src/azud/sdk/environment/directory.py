"""An environment as v1's folder: `azureml_environment.json`, `conda_dependencies.yml`, `BaseDockerfile`."""

from __future__ import annotations

import json
import os
from typing import Any, Dict

from azud.sdk.conda import CondaDependencies
from azud.sdk.environment.sources import text_of
from azud.sdk.exceptions import UserErrorException

DEFINITION = "azureml_environment.json"
CONDA = "conda_dependencies.yml"
DOCKERFILE = "BaseDockerfile"


def save(content: Dict[str, Any], path: str, *, overwrite: bool) -> None:
    """Write an environment's JSON as a folder.

    Raises:
        UserErrorException: The folder holds something already, and `overwrite` is not set.
    """
    if os.path.isdir(path) and os.listdir(path) and not overwrite:
        raise UserErrorException(f"the folder {path} is not empty", hint="overwrite=True replaces what is in it")
    os.makedirs(path, exist_ok=True)
    conda = (content["python"] or {}).pop("condaDependencies", None)
    dockerfile = (content["docker"] or {}).pop("baseDockerfile", None)
    texts = {
        DEFINITION: json.dumps(content, indent=4, sort_keys=True) + "\n",
        CONDA: CondaDependencies(_underlying_structure=conda).serialize_to_string() if conda else None,
        DOCKERFILE: dockerfile,
    }
    for name, text in texts.items():
        _put(os.path.join(path, name), text)


def load(path: str) -> Dict[str, Any]:
    """Return the JSON of the environment in a folder, its packages and Dockerfile included.

    Raises:
        UserErrorException: There is no environment in it, or one that cannot be read.
    """
    if not os.path.isdir(path):
        raise UserErrorException(f"there is no folder {path}")
    name = os.path.join(path, DEFINITION)
    try:
        content = json.loads(text_of(name))
    except ValueError as error:
        raise UserErrorException(f"{name} is not JSON: {error}", inner_exception=error) from error
    if not isinstance(content, dict):
        raise UserErrorException(f"{name} holds no environment")
    for part, key, file in (("python", "condaDependencies", CONDA), ("docker", "baseDockerfile", DOCKERFILE)):
        place = os.path.join(path, file)
        section = content.setdefault(part, {})
        if os.path.isfile(place) and isinstance(section, dict):
            section[key] = CondaDependencies(place).as_dict() if part == "python" else text_of(place)
        elif part == "python" and isinstance(section, dict):
            section.setdefault(key, None)
    return content


def _put(path: str, text: Any) -> None:
    """Write a file, or take an earlier one away."""
    if text is None:
        if os.path.exists(path):
            os.unlink(path)
        return
    from azud.core import durable

    durable.replace_file(path, text.encode(), point="sdk.environment.replace", mode=0o666, sync=False)
