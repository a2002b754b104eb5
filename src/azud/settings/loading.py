"""Reads the settings: arguments, then the environment, then the workspace's file, then the user's."""

from __future__ import annotations

import difflib
import os
import tomllib
from typing import Any

from pydantic import ValidationError

from azud.core.errors import SettingsError
from azud.settings.table import ENVIRONMENT_PREFIX, Settings

_FILE_NAME = "settings.toml"


def settings_files(home: str | None) -> list[str]:
    """Return the files that are looked at, the strongest first, whether or not they exist.

    Args:
        home: A workspace home (`…/.azud`), or None where there is none yet.
    """
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    files = [os.path.join(config, "azud", _FILE_NAME)]
    if home is not None:
        files.insert(0, os.path.join(home, _FILE_NAME))
    return files


def load_settings(home: str | None = None, **arguments: Any) -> Settings:
    """Return the settings that hold for a workspace.

    Args:
        home: The workspace home (`…/.azud`), or None for the user's settings alone.
        arguments: Values that beat every other source; None means "not given".

    Raises:
        SettingsError: A file is not TOML, or a setting is unknown or has a value it cannot have; says
            which, and where it was set.
    """
    merged, origins = _sources(home)
    for name, value in arguments.items():
        if value is not None:
            merged[name], origins[name] = value, "argument"
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise _explain(error, origins) from error


def setting_origins(home: str | None = None) -> dict[str, str]:
    """Return where each setting's value comes from: a variable, a file, or `default`.

    Raises:
        SettingsError: A file is not TOML or holds an unknown setting.
    """
    return dict.fromkeys(Settings.model_fields, "default") | _sources(home)[1]


def _sources(home: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that files hold, and where every value that is not a default comes from."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for path in reversed(settings_files(home)):
        for name, value in _read_file(path).items():
            values[name], origins[name] = value, path
    for name in Settings.model_fields:
        variable = f"{ENVIRONMENT_PREFIX}{name.upper()}"
        if os.environ.get(variable):
            # pydantic-settings reads the variable itself: it must only not be hidden by a file's value.
            values.pop(name, None)
            origins[name] = variable
    return values, origins


def _read_file(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as stream:
            values = tomllib.load(stream)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}", hint="write lines such as: slots = 4") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text", hint="save the file as UTF-8") from error
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", hint="mend the file's permissions or remove it"
        ) from error
    for name in values:
        if name not in Settings.model_fields:
            raise _unknown(name, path)
    return values


def _unknown(name: str, origin: str) -> SettingsError:
    close = difflib.get_close_matches(name, Settings.model_fields, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"the settings are: {', '.join(Settings.model_fields)}"
    return SettingsError(f"{origin}: there is no setting {name!r}", hint=hint)


def _explain(error: ValidationError, origins: dict[str, str]) -> SettingsError:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "?"
    origin = origins.get(name, "argument")
    if first["type"] == "extra_forbidden":
        return _unknown(name, origin)
    reason = first["msg"].removeprefix("Value error, ")
    return SettingsError(
        f"{origin}: setting {name!r} cannot be {first['input']!r}: {reason}",
        hint="azud doctor lists every setting and where it comes from",
    )
