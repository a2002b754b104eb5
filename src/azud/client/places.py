"""Where sockets and caches of this user lie."""

from __future__ import annotations

import os
import stat

from azud.core.errors import SettingsError

SOCKET_NAME = "server.sock"
TOKEN_FILE = "token"  # noqa: S105 - a file's name
"""The file of a workspace home that holds its token for TCP."""
_LONGEST_SOCKET_PATH = 100


def runtime_folder(home: str) -> str:
    """Return the private folder for the sockets of the workspace home, making it if need be.

    It is `$XDG_RUNTIME_DIR/azud/<digest>`, or `/tmp/azud-<uid>/<digest>` where that is unset, missing or too long
    for a socket's path; the digest is of the home's real path.

    Raises:
        SettingsError: The folder belongs to somebody else or is a link.
    """
    from azud.core.digests import digest_bytes  # hashlib: 3 ms

    name = digest_bytes(os.fsencode(os.path.realpath(home)))[:16]
    base = os.environ.get("XDG_RUNTIME_DIR") or ""
    parent = os.path.join(base, "azud") if base and os.path.isdir(base) else ""
    if not parent or len(os.path.join(parent, name, SOCKET_NAME)) > _LONGEST_SOCKET_PATH:
        parent = f"/tmp/azud-{os.getuid()}"  # noqa: S108 - private: mode and owner are checked
    _private_folder(parent)
    folder = os.path.join(parent, name)
    _private_folder(folder)
    return folder


def socket_path(home: str) -> str:
    """Return the path of the workspace server's socket; see `runtime_folder`."""
    return os.path.join(runtime_folder(home), SOCKET_NAME)


def cache_folder(*parts: str) -> str:
    """Return a folder below `$XDG_CACHE_HOME/azud` (default `~/.cache/azud`); it may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "azud", *parts)


def _private_folder(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(
            f"the folder {path} for sockets cannot be made: {error}",
            hint="set XDG_RUNTIME_DIR to a folder of your own",
        ) from error
    facts = os.lstat(path)
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise SettingsError(
            f"{path} is not a folder of yours, so sockets in it would not be private",
            hint="remove it, or set XDG_RUNTIME_DIR to a folder of your own",
        )
    if stat.S_IMODE(facts.st_mode) != 0o700:
        os.chmod(path, 0o700)
