"""What an environment asks for, held against what an interpreter has."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

_WHEEL = re.compile(r"(?:^|[/\\\\])([A-Za-z0-9._]+)-([A-Za-z0-9._!+]+)(?:-[A-Za-z0-9_.]+){3,4}\.whl$")
_ADDRESS = re.compile(r"^\s*(?:[a-z0-9+]+://|\.{0,2}/)")
_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$")
# Brought by azud itself, or words of conda for what every interpreter is.
_OURS = re.compile(r"^(azureml[-_].*|azureml|python|pip|setuptools|wheel)$")


def normalise(name: str) -> str:
    """Return a package name in the form that indexes compare."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_packages(definition: Optional[Mapping[str, Any]]) -> Dict[str, str]:
    """Return the packages that a v1 environment definition names: `{name: pin text}`.

    Reads conda dependencies and the pip list inside them; `azureml-*`, `python`, `pip` are left out. A definition
    with user-managed dependencies asks for nothing.
    """
    python = (definition or {}).get("python") or {}
    if python.get("userManagedDependencies"):
        return {}
    conda = python.get("condaDependencies") or {}
    asked: Dict[str, str] = {}
    for item in conda.get("dependencies") or []:
        for requirement in item.get("pip") or [] if isinstance(item, dict) else [item]:
            name, pin = _parts(str(requirement))
            if name and not _OURS.match(name):
                asked[normalise(name)] = pin
    return asked


def _parts(requirement: str) -> Tuple[str, str]:
    """Return a requirement's name, empty where it has none, and its pin; the name of a wheel's file holds both."""
    wheel = _WHEEL.search(requirement.strip())
    if wheel:
        return wheel.group(1), f"=={wheel.group(2)}"
    found = None if _ADDRESS.match(requirement) else _NAME.match(requirement.rsplit("::", maxsplit=1)[-1].strip())
    return (found.group(1), found.group(2).strip()) if found else ("", "")


def differences(definition: Optional[Mapping[str, Any]], distributions: Mapping[str, str]) -> List[str]:
    """Return one phrase for each asked package that the interpreter lacks or has in another exact version.

    Args:
        definition: v1's environment definition, or None.
        distributions: Installed versions by normalised name.
    """
    phrases = []
    for name, pin in sorted(asked_packages(definition).items()):
        have = distributions.get(name)
        exact = re.match(r"^={1,2}\s*([^\s,;=]+)", pin)
        if have is None:
            phrases.append(f"{name}{pin} is not installed")
        elif exact and not _is_version(have, exact.group(1)):
            phrases.append(f"{name} is {have}, asked for {exact.group(1)}")
    return phrases


def _is_version(have: str, asked: str) -> bool:
    """Return whether an installed version is the one asked for, which may end in `.*`."""
    return f"{have}.".startswith(asked[:-1]) if asked.endswith(".*") else have == asked
