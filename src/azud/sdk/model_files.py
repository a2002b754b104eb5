"""The files of a model: a local file or folder as the server keeps it, and back."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional

from azud.client.downloading import download_snapshot
from azud.core.paths import safe_join
from azud.sdk.exceptions import UserErrorException, WebserviceException, translated

if TYPE_CHECKING:
    from azud.sdk.snapshot import Taken
    from azud.sdk.support import Api


def upload_content(api: Api, path: str, child_paths: Optional[Iterable[str]] = None) -> str:
    """Keep a file, or a folder with all below it, on the server, and return the digest of its listing.

    Args:
        api: Of the workspace.
        path: Local file or folder.
        child_paths: Of a folder only these files and folders, relative to it.

    Raises:
        UserErrorException: There is no such file or folder, it holds no file, or one cannot be read.
    """
    from azud.sdk.submitting import store_snapshot, upload_missing

    taken = _take(path, child_paths)
    upload_missing(api, [taken])
    return store_snapshot(api, taken)


def _take(path: str, child_paths: Optional[Iterable[str]]) -> Taken:
    from azud.core.digests import digest_file
    from azud.sdk.snapshot import Taken, TakenFile

    base = os.path.abspath(path)
    if not os.path.exists(base):
        raise UserErrorException(f"there is no file or folder {path!r}", hint="model_path is a local path here")
    folder, entry = os.path.split(base)
    files = []
    for absolute in sorted(_files(base, child_paths)):
        facts = os.stat(absolute)
        name = entry + absolute[len(base) :].replace(os.sep, "/")
        try:
            digest = digest_file(absolute)
        except OSError as error:
            raise UserErrorException(
                f"{absolute} cannot be read: {error.strerror or error}", inner_exception=error
            ) from error
        files.append(TakenFile(name, absolute, digest, facts.st_size, bool(facts.st_mode & stat.S_IXUSR)))
    if not files:
        raise UserErrorException(f"{path!r} holds no files")
    return Taken(folder, tuple(files), ())


def _files(base: str, child_paths: Optional[Iterable[str]]) -> Iterator[str]:
    from azud.sdk.datastore_files import files_below

    if os.path.isfile(base):
        yield base
        return
    if child_paths is None:
        yield from files_below(base)
        return
    for child in child_paths:
        with translated():
            place = safe_join(base, str(child))
        if not os.path.exists(place):
            raise UserErrorException(f"child_paths: there is no {child!r} in {base}")
        yield from [place] if os.path.isfile(place) else files_below(place)


def entry_of(listing: Dict[str, Any]) -> str:
    """Return the name of the one file or folder that a model consists of."""
    return str(listing["files"][0]["path"]).partition("/")[0]


def download_content(api: Api, digest: str, target_dir: str, *, exist_ok: bool) -> str:
    """Write a model's files below a local folder and return the path of its file or folder.

    Raises:
        WebserviceException: It is there already, and `exist_ok` is not said.
        UserErrorException: The folder cannot be written.
    """
    listing = api.get(f"/snapshots/{digest}")
    folder = os.path.abspath(target_dir)
    target = os.path.join(folder, entry_of(listing))
    if os.path.lexists(target) and not exist_ok:
        raise WebserviceException(
            f"{target} exists already", hint="pass exist_ok=True, or another target_dir", code="exists"
        )
    with translated():
        download_snapshot(api.client, listing["files"], folder)
    return target


def cached_versions(folder: str) -> List[int]:
    """Return the versions of which `azureml-models/<name>` holds a folder, ascending."""
    try:
        return sorted(int(name) for name in os.listdir(folder) if name.isdecimal())
    except OSError:
        return []


def only_entry(folder: str) -> str:
    """Return the one file or folder in a version's folder.

    Raises:
        WebserviceException: There is none, or several.
    """
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    if len(names) != 1:
        raise WebserviceException(f"{folder} holds {len(names)} files and folders instead of one")
    return os.path.join(folder, names[0])
