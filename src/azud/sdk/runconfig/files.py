"""Run configurations in files: YAML in v1's spelling, or JSON, and their packages in a conda file beside them."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, List, Optional, Tuple

from azud.sdk import yaml
from azud.sdk.conda import CondaDependencies
from azud.sdk.environment.sources import text_of
from azud.sdk.exceptions import RunConfigurationException, UserErrorException
from azud.sdk.runconfig.configuration import RunConfiguration
from azud.sdk.serialized import section_of_json, warn_of_unknown

FOLDER = ".azureml"
CONDA = "conda_dependencies.yml"
ENVIRONMENT = "environment.yml"
_FOLDERS = (FOLDER, "aml_config", "")
# A switch of v1's first files, which azud needs no longer.
_OBSOLETE = ("autoPrepareEnvironment",)


def save(config: RunConfiguration, project: str, name: Optional[str], *, is_environment_apart: bool) -> None:
    """Write a configuration's files; see `RunConfiguration.save`."""
    if not name:
        raise UserErrorException("RunConfiguration.save needs the name of a file", hint="save(path, 'name')")
    folder = os.path.join(project, FOLDER)
    content = config._to_json()
    texts: Dict[str, str] = {}
    environment = content.get("environment") or {}
    python = environment.get("python") or {}
    conda = python.pop("condaDependencies", None)
    if conda:
        texts[CONDA] = yaml.dump(conda)
        python["condaDependenciesFile"] = f"{FOLDER}/{CONDA}"
    if is_environment_apart and environment:
        texts[ENVIRONMENT] = yaml.dump(environment)
        content["environment"] = f"{FOLDER}/{ENVIRONMENT}"
    is_json = name.endswith(".json")
    texts[name] = json.dumps(content, indent=4) + "\n" if is_json else yaml.dump(content)
    os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
    for file, text in texts.items():
        _put(os.path.join(folder, file), text)


def load(path: str, name: Optional[str]) -> RunConfiguration:
    """Read a configuration's files; see `RunConfiguration.load`."""
    place, project = _find(path, name)
    unknown: List[str] = []
    try:
        content = _content(place)
        if not isinstance(content, dict):
            raise UserErrorException("it holds no fields with values")
        _gather(content, project, os.path.dirname(place))
        config = section_of_json(RunConfiguration, content, "", unknown)
    except UserErrorException as error:
        raise RunConfigurationException(
            f"the run configuration {place} cannot be read: {error.message}", inner_exception=error
        ) from error
    config._unknown = {key: value for key, value in config._unknown.items() if key not in _OBSOLETE}
    warn_of_unknown([key for key in unknown if key not in _OBSOLETE], place)
    config._origin = (project, os.path.basename(place))
    return config


def delete(path: str, name: str) -> None:
    """Remove a configuration's file; see `RunConfiguration.delete`."""
    place, _ = _find(path, name)
    os.unlink(place)


def _find(path: str, name: Optional[str]) -> Tuple[str, str]:
    """Return where a configuration lies, and the project's folder."""
    if name is None:
        if not os.path.isfile(path):
            raise RunConfigurationException(f"{path} is no file", hint="name the run configuration: load(path, 'name')")
        folder = os.path.dirname(os.path.abspath(path))
        inside = os.path.basename(folder) in _FOLDERS
        return path, os.path.dirname(folder) if inside else folder
    tried = list(_places(path, name))
    for place in tried:
        if os.path.isfile(place):
            return place, path
    raise RunConfigurationException(f"there is no run configuration {name!r}", hint=f"looked for {', '.join(tried)}")


def _places(path: str, name: str) -> Iterator[str]:
    for folder in _FOLDERS:
        for ending in ("", ".runconfig"):
            yield os.path.join(path, folder, name + ending)


def _content(place: str) -> Any:
    text = text_of(place)
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # a mapping in braces may be YAML as well
    return yaml.load(text)


def _gather(content: Dict[str, Any], project: str, folder: str) -> None:
    """Put what lies in files beside a configuration into its content.

    Raises:
        UserErrorException: Such a file cannot be read.
    """
    environment = content.get("environment")
    if isinstance(environment, str) and yaml.texts(environment):
        environment = content["environment"] = _content(_beside(environment, project, folder))
    python = environment.get("python") if isinstance(environment, dict) else None
    if not isinstance(python, dict):
        return
    named = yaml.texts(python.get("condaDependenciesFile"))
    if named:
        place = _beside(named, project, folder)
        python["condaDependencies"] = CondaDependencies(place).as_dict()
        python["condaDependenciesFile"] = None
    elif "condaDependenciesFile" in python:
        python.setdefault("condaDependencies", None)


def _beside(name: str, project: str, folder: str) -> str:
    """Return the path of a file that a configuration names: below the project, else beside the configuration."""
    places = [os.path.join(project, name), os.path.join(folder, name), os.path.join(folder, os.path.basename(name))]
    return next((place for place in places if os.path.isfile(place)), places[0])


def _put(path: str, text: str) -> None:
    from azud.core import durable

    durable.replace_file(path, text.encode(), point="sdk.runconfig.replace", mode=0o666, sync=False)
