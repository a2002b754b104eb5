"""`CondaDependencies`: the packages that an environment asks for."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterator, List, Optional

from azud.sdk.exceptions import UserErrorException
from azud.sdk.support import not_yet

_DEFAULT_PYTHON = "3.10.18"
_FIRST_PYTHON = "3.8.13"
_DEFAULTS = "azureml-defaults"
_OPTION = re.compile(r"^--?\S")


class CondaDependencies:
    """A conda specification: channels, conda packages, pip packages."""

    DEFAULT_NUMBER_OF_CONDA_PACKAGES = 0
    DEFAULT_NUMBER_OF_PIP_PACKAGES = 0

    def __init__(
        self, conda_dependencies_file_path: Optional[str] = None, _underlying_structure: Optional[Dict[str, Any]] = None
    ) -> None:
        """Read a specification; v1's default one without a path.

        Raises:
            UserErrorException: The file is missing or is no conda specification.
        """
        if conda_dependencies_file_path is not None:
            self._content = _read(conda_dependencies_file_path)
        elif _underlying_structure is not None:
            self._content = _checked(_underlying_structure, "the specification")
        else:
            self._content = {
                "name": "project_environment",
                "dependencies": [f"python={_FIRST_PYTHON}", {"pip": [_DEFAULTS]}],
                "channels": ["anaconda", "conda-forge"],
            }

    @staticmethod
    def create(
        pip_indexurl: Optional[str] = None,
        pip_packages: Optional[List[str]] = None,
        conda_packages: Optional[List[str]] = None,
        python_version: str = _DEFAULT_PYTHON,
        pin_sdk_version: bool = True,
    ) -> CondaDependencies:
        """Return a specification of these packages.

        Args:
            pip_indexurl: An index in place of PyPI.
            pip_packages: Requirements; they stand in place of `azureml-defaults`.
            conda_packages: Requirements in conda's words.
            python_version: Of Python.
            pin_sdk_version: Accepted as in v1; azud brings its own `azureml`.

        Raises:
            UserErrorException: Packages are no list of texts.
        """
        found = CondaDependencies()
        found.set_python_version(python_version)
        if pip_packages is not None:
            found._pip()[:] = []
            for package in _listed(pip_packages, "pip_packages"):
                found.add_pip_package(package)
        if pip_indexurl:
            found.set_pip_index_url(pip_indexurl)
        for package in _listed(conda_packages or [], "conda_packages"):
            found.add_conda_package(package)
        return found

    @staticmethod
    def merge_requirements(requirements: List[str]) -> List[str]:
        """Return the requirements with those of one package joined: `a>1` and `a<2` become `a>1,<2`."""
        merged: Dict[str, List[str]] = {}
        for text in requirements:
            name = _package_name(text)
            rest = re.sub(r"^[A-Za-z0-9._\-]+", "", text.strip()).strip()
            merged.setdefault(name, []).extend([rest] if rest else [])
        return [name + ",".join(dict.fromkeys(rests)) for name, rests in merged.items()]

    sdk_origin_url = staticmethod(not_yet("CondaDependencies.sdk_origin_url", "configuration"))

    @property
    def conda_channels(self) -> Iterator[str]:
        """The channels."""
        return iter(self._content.get("channels") or [])

    @property
    def conda_packages(self) -> Iterator[str]:
        """The conda packages, Python among them."""
        return (item for item in self._dependencies() if isinstance(item, str))

    @property
    def pip_packages(self) -> Iterator[str]:
        """The pip packages."""
        return (item for item in self._pip() if not _OPTION.match(item))

    @property
    def pip_options(self) -> Iterator[str]:
        """The options among the pip packages."""
        return (item for item in self._pip() if _OPTION.match(item))

    def get_default_number_of_packages(self) -> int:
        """Return how many packages the default specification has."""
        return self.DEFAULT_NUMBER_OF_CONDA_PACKAGES + self.DEFAULT_NUMBER_OF_PIP_PACKAGES

    def get_python_version(self) -> Optional[str]:
        """Return Python's version, or None if it is open."""
        for item in self.conda_packages:
            if _package_name(item) == "python":
                return item[len("python") :].lstrip("= ") or None
        return None

    def set_python_version(self, version: str) -> None:
        """Ask for this Python."""
        others = [
            item for item in self._dependencies() if not (isinstance(item, str) and _package_name(item) == "python")
        ]
        self._content["dependencies"] = [f"python={version}", *others]

    def add_channel(self, channel: str) -> None:
        """Add a channel."""
        channels = self._content.setdefault("channels", [])
        if channel not in channels:
            channels.append(channel)

    def remove_channel(self, channel: str) -> None:
        """Take a channel out."""
        self._content["channels"] = [item for item in self.conda_channels if item != channel]

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package; one that is there under another version stays, as in v1."""
        dependencies = self._dependencies()
        if _required(conda_package) not in dependencies:
            place = next((i for i, item in enumerate(dependencies) if isinstance(item, dict)), len(dependencies))
            dependencies.insert(place, conda_package)

    def remove_conda_package(self, conda_package: str) -> None:
        """Take a conda package out, whatever its version."""
        name = _package_name(conda_package)
        self._content["dependencies"] = [
            item for item in self._dependencies() if not (isinstance(item, str) and _package_name(item) == name)
        ]

    def add_pip_package(self, pip_package: str) -> None:
        """Add a pip package in place of the same package."""
        self.remove_pip_package(pip_package)
        self._pip().append(pip_package)

    def remove_pip_package(self, pip_package: str) -> None:
        """Take a pip package out, whatever its version."""
        name = _package_name(pip_package)
        packages = self._pip()
        packages[:] = [item for item in packages if _OPTION.match(item) or _package_name(item) != name]

    def set_pip_option(self, pip_option: str) -> None:
        """Add a pip option."""
        if pip_option not in self._pip():
            self._pip().insert(0, pip_option)

    def remove_pip_option(self, pip_option: str) -> None:
        """Take a pip option out."""
        packages = self._pip()
        word = pip_option.split(None, 1)[0]
        packages[:] = [item for item in packages if item.split(None, 1)[0] != word]

    def set_pip_index_url(self, index_url: str) -> None:
        """Use this index for the pip packages."""
        self.remove_pip_option("--index-url")
        self.set_pip_option(f"--index-url {index_url}" if not index_url.startswith("-") else index_url)

    def set_pip_requirements(self, pip_requirements: List[str]) -> None:
        """Replace the pip packages."""
        self._pip()[:] = list(_listed(pip_requirements, "pip_requirements"))

    def add_cntk_package(self, core_type: str = "cpu") -> None:
        """Add CNTK from pip: `cpu` or `gpu`."""
        self.add_pip_package("cntk-gpu" if core_type == "gpu" else "cntk")

    def add_tensorflow_pip_package(self, core_type: str = "cpu", version: Optional[str] = None) -> None:
        """Add tensorflow from pip."""
        name = "tensorflow-gpu" if core_type == "gpu" else "tensorflow"
        self.add_pip_package(f"{name}=={version}" if version else name)

    def add_tensorflow_conda_package(self, core_type: str = "cpu", version: Optional[str] = None) -> None:
        """Add tensorflow from conda."""
        name = "tensorflow-gpu" if core_type == "gpu" else "tensorflow"
        self.add_conda_package(f"{name}={version}" if version else name)

    def save_to_file(self, base_directory: str, conda_file_path: Optional[str] = None) -> str:
        """Write the specification below a folder and return its relative path."""
        relative = conda_file_path or "conda_dependencies.yml"
        self.save(os.path.join(base_directory, relative))
        return relative

    def save(self, path: Optional[str] = None) -> str:
        """Write the specification and return its path."""
        path = path or "conda_dependencies.yml"
        if os.path.isdir(path):
            path = os.path.join(path, "conda_dependencies.yml")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(self.serialize_to_string())
        return path

    def serialize_to_string(self) -> str:
        """Return the specification as YAML."""
        from azud.sdk import yaml

        return yaml.dump(self._content)

    def as_dict(self) -> Dict[str, Any]:
        """Return the specification as a dict."""
        return self._content

    @classmethod
    def _of_json(cls, content: Any) -> CondaDependencies:
        """Return the specification that stands inside an environment's file."""
        from azud.sdk import yaml

        return cls(_underlying_structure=yaml.texts(content))

    def _to_json(self) -> Dict[str, Any]:
        """Return a copy of the specification."""
        import copy

        return copy.deepcopy(self._content)

    def _dependencies(self) -> List[Any]:
        found: List[Any] = self._content.setdefault("dependencies", [])
        return found

    def _pip(self) -> List[str]:
        for item in self._dependencies():
            if isinstance(item, dict) and "pip" in item:
                packages: List[str] = item["pip"]
                return packages
        packages = []
        self._dependencies().append({"pip": packages})
        return packages


def _package_name(text: str) -> str:
    found = re.match(r"^\s*(?:[^\s:]+::)?([A-Za-z0-9._\-]+)", _required(text))
    return re.sub(r"[-_.]+", "-", found.group(1)).lower() if found else text.strip()


def _required(package: Any) -> str:
    if not isinstance(package, str) or not package.strip():
        raise UserErrorException(f"a package is a text such as 'numpy==1.26', not {package!r}")
    return package


def _listed(packages: Any, name: str) -> List[str]:
    # Of a text, each character would become a package.
    if isinstance(packages, str) or not hasattr(packages, "__iter__"):
        raise UserErrorException(f"{name} is {packages!r}, not a list of packages")
    return [_required(package) for package in packages]


def _read(path: str) -> Dict[str, Any]:
    from azud.sdk import yaml

    try:
        with open(path, encoding="utf-8") as stream:
            content = yaml.texts(yaml.load(stream.read()))
    except OSError as error:
        raise UserErrorException(f"{path} cannot be read: {error.strerror}", inner_exception=error) from error
    except UnicodeDecodeError as error:
        raise UserErrorException(f"{path} is no text in UTF-8", inner_exception=error) from error
    except UserErrorException as error:
        raise UserErrorException(f"{path}, {error.message}", inner_exception=error) from error
    return _checked(content, path)


def _checked(content: Any, place: str) -> Dict[str, Any]:
    """Return a specification whose lists are lists, an empty one where nothing stands.

    Raises:
        UserErrorException: It is something else.
    """
    if not isinstance(content, dict):
        raise UserErrorException(f"{place} is no conda specification")
    for key in ("channels", "dependencies"):
        if key in content:
            content[key] = _list_of(content[key], place, key)
    for item in content.get("dependencies", []):
        if isinstance(item, dict) and "pip" in item:
            item["pip"] = _list_of(item["pip"], place, "pip")
    return content


def _list_of(value: Any, place: str, key: str) -> List[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise UserErrorException(f"{place}: {key} is {value!r}, not a list")
    return value
