"""What an interpreter holds that can change a result: its version and everything installed in it.

Runs inside the interpreter in question (forked from its fork server, or as `python -m
azud.job.fingerprint`), because only it knows its own path. Distributions count with the digest of their
RECORD, which lists the digests of their files; editable installs and folders that a `.pth` file adds are
hashed as source.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import socket
import sys
import sysconfig
import time
from typing import AbstractSet, Any, Dict, Iterator, List, Optional, Tuple

from azud.core.digests import digest_file, digest_tree, digest_value
from azud.job.lines import send_line

_INFO = re.compile(r"^(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist-info|egg-info)$")
_SKIPPED_FOLDERS = frozenset(("__pycache__", ".git", ".hg", ".venv", "venv", "node_modules", ".tox", ".azud"))
_PLACES = ("folders", "paths", "files", "prefix")
"""What a fingerprint says about where things lie, which cannot change a result; of `paths`, the digests count."""
_OURS = ("azud", "azud_azureml")
"""Left out, however it is installed: what azud does to a result is the business of the key's version."""
_OUR_PATHS = (*(f"_{name}." for name in _OURS), "azud-last-resort.")
"""How the files begin by which they put folders on the path: editable installs, and the folder that comes last."""
MOST_LISTED = 5_000
_RACY_NS = 2_000_000_000
"""What changed so recently may change again within one tick of the coarsest clocks."""
_SOURCE_SUFFIXES = (".py", ".pyi", ".so", ".pyd", ".json", ".toml", ".cfg", ".txt", ".yaml", ".yml")


def entry(connection: socket.socket, args: Dict[str, Any]) -> bool:
    """Answer with the fingerprint of this interpreter and its state tokens; an entry of the fork server."""
    library_path = args.get("library_path")
    # The tokens first: whatever changes while its bytes are read is then not what they say.
    tokens = settled_tokens(library_path)
    send_line(connection, {"done": True, "fingerprint": fingerprint(library_path), "tokens": tokens})
    return False


def settled_tokens(library_path: Optional[str] = None) -> List[str]:
    """Return `[state_token, state_token(quick=True)]` of this interpreter, each "" if it cannot be relied on.

    That is so when something in it changed a moment ago: a second change might leave the same token.
    """
    folders, sources = _places(library_path)
    value = {"folders": folders, "paths": [[folder, ""] for folder in sources], "prefix": sys.prefix}
    now_ns, tokens = time.time_ns(), []
    for quick in (False, True):
        marks = _marks(value, quick)
        newest_ns = max((mark[2] for _, mark in marks if mark), default=0)
        tokens.append(digest_value(marks) if now_ns - newest_ns > _RACY_NS else "")
    return tokens


def fingerprint(library_path: Optional[str] = None) -> Dict[str, Any]:
    """Return what this interpreter is and holds.

    Args:
        library_path: azud's own folder on the path, which is left out.

    Returns:
        `{"implementation", "version", "platform", "distributions", "paths", "files", "conda", "folders", "prefix"}`:
        `distributions` are `[name, version, digest]`, `paths` are `[folder, tree digest]`, both sorted; `files` are
        what those trees are made of, `{folder: [[path, digest, size]]}`, where they are not too many; `conda` is the
        digest of the conda environment's own records, or None outside of one; `folders` are the site folders.
    """
    folders, sources = _places(library_path)
    distributions: List[Tuple[str, str, str]] = []
    for folder in folders:
        distributions.extend(_distributions(folder))
    trees = {folder: source_files(folder) for folder in sources}
    return {
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        "platform": sysconfig.get_platform(),
        "distributions": [list(item) for item in sorted(distributions)],
        "paths": [[folder, digest_tree(files)] for folder, files in trees.items()],
        "files": {
            folder: [list(file) for file in files] for folder, files in trees.items() if len(files) <= MOST_LISTED
        },
        "conda": _conda(),
        "folders": folders,
        "prefix": sys.prefix,
    }


def identity(fingerprint_value: Dict[str, Any]) -> str:
    """Return the digest of what can change a result; where the folders lie cannot."""
    counted = {name: value for name, value in fingerprint_value.items() if name not in _PLACES}
    return digest_value([counted, sorted(digest for _, digest in fingerprint_value["paths"])])


def state_token(fingerprint_value: Dict[str, Any], *, quick: bool = False) -> str:
    """Return what changes when packages come, go or are replaced: names, sizes and times in the site folders.

    Much cheaper than a fingerprint, and it can be asked for from outside of the interpreter.

    Args:
        fingerprint_value: An earlier fingerprint, for the folders that it names.
        quick: Trust the times of a site folder itself, which change when a package comes, goes or is replaced, and
            do not look at each package.
    """
    return digest_value(_marks(fingerprint_value, quick))


def site_token(fingerprint_value: Dict[str, Any]) -> str:
    """Return what changes when packages come, go or are replaced, but not with the source of editable ones.

    An interpreter that was started before such a change may have another `sys.path` than one that is started now.
    """
    return digest_value(_site_marks(fingerprint_value, quick=True))


def _marks(fingerprint_value: Dict[str, Any], quick: bool) -> List[Any]:
    marks = _site_marks(fingerprint_value, quick)
    for folder, _ in fingerprint_value.get("paths", []):
        marks.append([folder, _stat(folder)])  # a package may be installed where there was only source
        for path in sorted(_source_files(folder)):
            marks.append([path, _stat(os.path.join(folder, path) if path else folder)])
    conda = os.path.join(fingerprint_value.get("prefix") or sys.prefix, "conda-meta")
    marks.append([conda, _stat(conda)])
    return marks


def _site_marks(fingerprint_value: Dict[str, Any], quick: bool) -> List[Any]:
    marks: List[Any] = []
    for folder in fingerprint_value.get("folders", []):
        marks.append([folder, _stat(folder)])
        for name in _names(folder):
            if name.endswith((".pth", ".egg-link") if quick else (".dist-info", ".egg-info", ".pth", ".egg-link")):
                path = os.path.join(folder, name)
                marks.append([name, _stat(path)])
                marks.append([name, _stat(os.path.join(path, "RECORD"))])
    return marks


def _places(library_path: Optional[str]) -> Tuple[List[str], List[str]]:
    """Return the folders of `sys.path` that packages are installed in, and the other places whose source counts.

    Neither has azud's own folders or the standard library. What a `.pth` file adds is on `sys.path` as well, and so is
    what `PYTHONPATH` names: a folder where nothing was installed is source.
    """
    standard = {os.path.realpath(path) for path in sysconfig.get_paths().values() if "site-packages" not in path}
    standard -= {os.path.realpath(sysconfig.get_path("scripts") or "")}
    skip = os.path.realpath(library_path) if library_path else None
    found: List[str] = []
    for path in filter(None, sys.path):  # "" is where the process happens to be
        real = os.path.realpath(path)
        if real != skip and real not in found and os.path.exists(real) and not _is_standard(real, standard):
            found.append(real)
    sites = [path for path in found if _is_site(path)]
    own = {target for site in sites for target in _targets(site, ours=True)}
    added = {target for site in sites for target in _targets(site, ours=False)}
    return sites, sorted(added.union(found).difference(sites, own))


def _is_site(folder: str) -> bool:
    """Return whether packages are installed in a folder; `.egg-info` lies in the source of a package as well."""
    if folder in (os.path.realpath(sysconfig.get_path(name) or "") for name in ("purelib", "platlib")):
        return True
    return any(name.endswith((".dist-info", ".pth", ".egg-link")) for name in _names(folder))


def _is_standard(path: str, standard: AbstractSet[str]) -> bool:
    return path in standard or os.path.basename(path) == "lib-dynload"


def _distributions(folder: str) -> Iterator[Tuple[str, str, str]]:
    for name in _names(folder):
        found = _INFO.match(name)
        if found is None or found.group("name") in _OURS:
            continue
        path = os.path.join(folder, name)
        yield found.group("name").lower().replace("_", "-"), found.group("version"), _record_digest(path)


def _record_digest(path: str) -> str:
    for record in ("RECORD", "installed-files.txt", "PKG-INFO"):
        candidate = os.path.join(path, record)
        if os.path.isfile(candidate):
            return digest_file(candidate)
    if os.path.isfile(path):
        return digest_file(path)
    return digest_value([[name, _stat(os.path.join(path, name))[:1]] for name in sorted(_names(path))])


def _targets(folder: str, *, ours: bool) -> Iterator[str]:
    """Yield the folders that `.pth` and `.egg-link` files, and other editable installs, put on the path.

    Args:
        folder: Where packages are installed.
        ours: Only those of azud's own editable install; else all others.
    """
    names = _names(folder)
    for name in names:
        if name.startswith(_OUR_PATHS) != ours:
            continue
        path = os.path.join(folder, name)
        if name.endswith((".pth", ".egg-link")):
            with open(path, encoding="utf-8", errors="replace") as stream:
                for line in stream:
                    target = os.path.join(folder, line.strip())
                    if line.strip() and not line.startswith(("#", "import ", "import\t")) and os.path.isdir(target):
                        yield os.path.realpath(target)
        elif name.startswith("__editable___") and name.endswith("_finder.py"):
            # The finder names its folders in code; the project's folder, which is larger, is known without running it.
            yield from _projects(folder, names)


def _projects(folder: str, names: List[str]) -> Iterator[str]:
    for name in names:
        if name.endswith(".dist-info"):
            yield from _editable(os.path.join(folder, name, "direct_url.json"))


def _editable(direct_url: str) -> Iterator[str]:
    try:
        with open(direct_url, encoding="utf-8") as stream:
            data = json.load(stream)
    except (FileNotFoundError, ValueError):
        return
    url = str(data.get("url") or "")
    if (data.get("dir_info") or {}).get("editable") and url.startswith("file://"):
        from urllib.parse import unquote  # only editable installs need it

        folder = unquote(url[len("file://") :])
        if os.path.isdir(folder):
            yield os.path.realpath(folder)


def source_files(folder: str) -> List[Tuple[str, str, int]]:
    """Return path, digest and size in bytes of the source files in a folder, sorted; of a file (a zip), its own."""
    entries = []
    for path in _source_files(folder):
        place = os.path.join(folder, path) if path else folder
        try:
            entries.append((path, digest_file(place), os.path.getsize(place)))
        except FileNotFoundError:  # an editor replaced it while we looked; its successor counts next time
            continue
    return sorted(entries)


def _source_files(folder: str) -> Iterator[str]:
    if os.path.isfile(folder):
        yield ""
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith(".")]
        below = os.path.relpath(base, folder).replace(os.sep, "/") + "/"
        prefix = "" if below == "./" else below
        for name in names:
            if name.endswith(_SOURCE_SUFFIXES):
                yield prefix + name


def _conda() -> Optional[str]:
    folder = os.path.join(sys.prefix, "conda-meta")
    if not os.path.isdir(folder):
        return None
    state = hashlib.sha256()
    for name in sorted(_names(folder)):
        if name.endswith(".json"):
            state.update(digest_file(os.path.join(folder, name)).encode())
    return state.hexdigest()


def _names(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _stat(path: str) -> List[int]:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def main() -> None:
    """Print the fingerprint of the running interpreter as JSON."""
    json.dump(fingerprint(sys.argv[1] if len(sys.argv) > 1 else None), sys.stdout)


if __name__ == "__main__":
    main()
