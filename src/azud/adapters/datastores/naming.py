"""The names that a dataset's files get below its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from azud.core.errors import NotFoundError, UserError
from azud.core.paths import clean_relative
from azud.model.data import WEB_DRIVER, DatastoreRecord
from azud.model.places import WEB
from azud.planning.globs import fixed_folder, is_glob

T = TypeVar("T")
_WEB = DatastoreRecord(WEB, "Web", WEB_DRIVER)


def named(matches: Sequence[tuple[T, str]], locations: Sequence[str]) -> Iterator[tuple[T, str]]:
    """Yield each match with its name below the folder that all locations have in common.

    A lone file or folder is named "". What files there are does not change the names of the others.

    Args:
        matches: What the locations named, with its path on its datastore.
        locations: Paths and patterns.

    Raises:
        UserError: Two have the same name.
    """
    if len(matches) == 1 and len(locations) == 1 and not is_glob(locations[0]):
        yield matches[0][0], ""
        return
    base = _common_folder([fixed_folder(clean_relative(location)) for location in locations])
    seen = set()
    for found, path in matches:
        name = path[len(base) :].lstrip("/")
        if name in seen:
            raise UserError(
                f"two files of the dataset have the same name {name!r}",
                hint="give the locations different folders below one common folder",
            )
        seen.add(name)
        yield found, name


def datastore_of(datastores: Mapping[str, DatastoreRecord], name: str) -> DatastoreRecord:
    """Return the datastore of a location.

    Raises:
        NotFoundError: The workspace has none of this name.
    """
    found = _WEB if name == WEB else datastores.get(name)
    if found is None:
        raise NotFoundError(
            f"the dataset lies on datastore {name!r}, which this workspace does not have",
            hint="register the datastore, or list them with: azud datastore ls",
        )
    return found


def _common_folder(folders: Sequence[str]) -> str:
    common: list[str] = []
    for parts in zip(*(folder.split("/") for folder in folders), strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return "/".join(common)
