"""The generated folder that user programs and jobs get on their path: `azureml`, and azud's packages.

It holds links only, to the standard-library packages of this installation of azud, so that nothing else that
is installed beside azud becomes visible to the user's interpreter.
"""

from __future__ import annotations

import os

from azud.client.places import cache_folder
from azud.core import durable
from azud.core.digests import digest_value
from azud.core.errors import SettingsError
from azud.core.ids import new_token

PACKAGES = ("core", "model", "planning", "client", "sdk", "job")
FILES = ("__init__.py", "__init__.pyi", "py.typed")  # stubs, for editors that look into the folder
NAMES_OF_V1 = {
    "azureml": "azureml",
    "azureml_user": "azureml_user",
    "msrest": os.path.join("azureml", "_last_resort", "msrest"),
}
"""Top-level packages that v1's programs import, with the place of each beside `azureml`."""


def library_path() -> str:
    """Return the folder to put first on a program's `PYTHONPATH`, making it if it is missing.

    Idempotent: by a digest of what the links lead to; processes may call it at the same time.

    Raises:
        SettingsError: The cache folder cannot be written, or this installation of azud is incomplete.
    """
    links = _links()
    folder = cache_folder("lib", digest_value(["library/1", sorted(links.items())])[:32])
    if os.path.isdir(folder):
        return folder
    temporary = f"{folder}.{os.getpid()}.{new_token()[:8]}.tmp"
    try:
        os.makedirs(os.path.join(temporary, "azud"), mode=0o700)
        for name, target in links.items():
            os.symlink(target, os.path.join(temporary, name))
        try:
            durable.rename(temporary, folder, point="client.library.rename")
        except OSError:
            if not os.path.isdir(folder):
                raise
            _remove(temporary, links)  # somebody else was quicker
    except OSError as error:
        raise SettingsError(
            f"the library folder {folder} cannot be made: {error}",
            hint="check free space, or set XDG_CACHE_HOME to a folder you can write",
        ) from error
    return folder


def _links() -> "dict[str, str]":
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    checkout = os.path.dirname(os.path.dirname(package))
    for compat in (os.path.join(package, "_compat"), os.path.join(checkout, "compat", "src")):
        if os.path.isdir(os.path.join(compat, "azureml")):
            break
    else:
        raise SettingsError(
            f"the azureml package is missing beside {package}", hint="reinstall azud: its wheel carries it"
        )
    links = {os.path.join("azud", name): os.path.join(package, name) for name in PACKAGES}
    links.update((os.path.join("azud", name), os.path.join(package, name)) for name in FILES)
    links.update((name, os.path.join(compat, place)) for name, place in NAMES_OF_V1.items())
    return links


def _remove(folder: str, links: "dict[str, str]") -> None:
    for name in links:
        os.unlink(os.path.join(folder, name))
    os.rmdir(os.path.join(folder, "azud"))
    os.rmdir(folder)
