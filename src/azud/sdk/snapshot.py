"""Taking a source folder: which files belong to it, and their digests.

Nothing is uploaded here. Digests come from a cache per folder where a file's size, times and inode are what they
were when it was hashed; a file that changed less than two seconds before it was looked at is hashed again, because its
times cannot tell a second change from the first.
"""

from __future__ import annotations

import json
import os
import stat
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from azud.client.places import cache_folder
from azud.core.digests import digest_file, digest_value
from azud.core.paths import is_within
from azud.sdk.exceptions import SnapshotException, UserErrorException
from azud.sdk.ignore import IgnoreRules
from azud.sdk.support import warn

WARN_FROM_BYTES = 300 * 1000 * 1000
_NEVER = frozenset((".git", ".azud", ".azud.deleted", "__pycache__"))
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")
_SETTLED_NS = 2_000_000_000
_CACHE_FORMAT = 1


class SourceFile(NamedTuple):
    """A file of a source folder: its path in the snapshot, where it lies, and what `stat` says."""

    path: str
    absolute: str
    facts: os.stat_result


class TakenFile(NamedTuple):
    """A file with its digest."""

    path: str
    absolute: str
    digest: str
    size_bytes: int
    executable: bool


class Taken(NamedTuple):
    """A source folder as it was taken; `warnings` are for the run's reader."""

    folder: str
    files: Tuple[TakenFile, ...]
    warnings: Tuple[str, ...]

    def file_rows(self) -> List[Dict[str, Any]]:
        """Return the files as the API wants them (`azud.model.snapshot.SnapshotFile`)."""
        return [
            {
                "path": item.path,
                "digest": item.digest,
                "size_bytes": item.size_bytes,
                "executable": item.executable,
            }
            for item in self.files
        ]


def take(folder: str) -> Taken:
    """Return the files of a source folder with their digests, sorted by path.

    The root's `.amlignore`, else its `.gitignore`, leaves files out; `.git`, `.azud`, `.azud.deleted` and `__pycache__`
    never belong to it. A link is followed if it leads to something inside of the folder. Empty folders are not kept.

    Raises:
        UserErrorException: A file cannot be read (the message names it), or there is no such folder.
        SnapshotException: A file changed while it was read.
    """
    root = os.path.realpath(folder)
    if not os.path.isdir(root):
        raise UserErrorException(f"the source folder {folder!r} does not exist")
    warnings: List[str] = []
    # Before any file is looked at: a large one may change again, within the same tick, while it is read.
    started_ns = time.time_ns()
    found = sorted(_walk(root, _rules(root), warnings))
    total = sum(item.facts.st_size for item in found)
    if total >= WARN_FROM_BYTES:
        warnings.append(
            f"the source folder {root} holds {total / 1e6:.0f} MB; put data on a datastore, or list what the step "
            "does not need in .amlignore"
        )
    files = _digested(root, found, started_ns)
    for text in warnings:
        warn(text)
    return Taken(root, tuple(files), tuple(warnings))


def _rules(root: str) -> IgnoreRules:
    for name in (".amlignore", ".gitignore"):
        path = os.path.join(root, name)
        if os.path.isfile(path):
            try:
                with open(path, encoding="utf-8", errors="surrogateescape") as stream:
                    return IgnoreRules(stream.read())
            except OSError as error:
                raise _unreadable(path, error) from error
    return IgnoreRules("")


def _walk(root: str, rules: IgnoreRules, warnings: List[str]) -> Iterator[SourceFile]:
    waiting: List[Tuple[str, str, Tuple[str, ...]]] = [(root, "", (root,))]
    while waiting:
        folder, prefix, trail = waiting.pop()
        for entry in _entries(folder):
            path = prefix + entry.name
            place = _place(root, entry, path, trail, warnings)
            if entry.name in _NEVER or place is None:
                continue
            absolute, facts = place
            is_folder = stat.S_ISDIR(facts.st_mode)
            if rules.ignores(path, is_folder=is_folder):
                continue
            if is_folder:
                _notice_environment(absolute, path, warnings)
                waiting.append((absolute, path + "/", (*trail, absolute)))
            elif stat.S_ISREG(facts.st_mode):
                yield SourceFile(path, absolute, facts)


def _entries(folder: str) -> List[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise _unreadable(folder, error) from error


def _place(
    root: str, entry: os.DirEntry[str], path: str, trail: Tuple[str, ...], warnings: List[str]
) -> Optional[Tuple[str, os.stat_result]]:
    """Return where an entry's bytes are, links followed; None for a link that is left out."""
    if not entry.is_symlink():
        return entry.path, entry.stat(follow_symlinks=False)
    target = os.path.realpath(entry.path)
    if not is_within(root, target):
        warnings.append(f"the link {path} leads out of the source folder and was left out of the snapshot")
        return None
    if target in trail or not os.path.exists(target):
        return None  # a circle, or a link to nothing
    return target, os.stat(target)


def _notice_environment(folder: str, path: str, warnings: List[str]) -> None:
    if any(os.path.exists(os.path.join(folder, mark)) for mark in _ENVIRONMENT_MARKS):
        warnings.append(
            f"the source folder holds an environment, {path}/, which is copied with it; list it in .amlignore"
        )


def _digested(root: str, files: List[SourceFile], started_ns: int) -> List[TakenFile]:
    cache_path = cache_folder("stat", digest_value(root)[:32] + ".json")
    known = _read_cache(cache_path)
    entries: Dict[str, List[Any]] = {}
    taken = []
    for item in files:
        facts = _fingerprint(item.facts)
        entry = known.get(item.path)
        if entry is not None and entry[:-1] == facts:
            digest = str(entry[-1])
        else:
            digest = _hash(item)
        if started_ns - max(item.facts.st_mtime_ns, item.facts.st_ctime_ns) > _SETTLED_NS:
            entries[item.path] = [*facts, digest]
        executable = bool(item.facts.st_mode & stat.S_IXUSR)
        taken.append(TakenFile(item.path, item.absolute, digest, item.facts.st_size, executable))
    if entries != known:
        _write_cache(cache_path, entries)
    return taken


def _fingerprint(facts: os.stat_result) -> List[int]:
    return [facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino]


def _hash(item: SourceFile) -> str:
    try:
        digest = digest_file(item.absolute)
        after = os.stat(item.absolute)
    except OSError as error:
        raise _unreadable(item.absolute, error) from error
    if _fingerprint(after) != _fingerprint(item.facts):
        raise SnapshotException(
            f"{item.absolute} changed while the source folder was read", hint="submit again when it is at rest"
        )
    return digest


def _unreadable(path: str, error: OSError) -> UserErrorException:
    return UserErrorException(
        f"{path} cannot be read: {error.strerror or error}",
        inner_exception=error,
        hint="make it readable, or list it in .amlignore",
    )


def _read_cache(path: str) -> Dict[str, List[Any]]:
    try:
        with open(path, encoding="utf-8") as stream:
            data = json.load(stream)
    except (OSError, ValueError):
        return {}  # nothing is lost but time
    if not isinstance(data, dict) or data.get("format") != _CACHE_FORMAT:
        return {}
    files = data.get("files")
    return files if isinstance(files, dict) else {}


def _write_cache(path: str, entries: Dict[str, List[Any]]) -> None:
    from azud.core import durable

    data = json.dumps({"format": _CACHE_FORMAT, "files": entries}).encode("utf-8", "surrogatepass")
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        durable.replace_file(path, data, point="sdk.statcache.replace", sync=False)
    except OSError as error:
        warn(f"the cache of digests cannot be written, so files are hashed at every submit: {error}")
