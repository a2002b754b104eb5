"""After the job: its outputs become bytes that will not change any more.

The order is what makes a manifest trustworthy: gather, every byte on disk, the move to the authoritative place,
every name on disk, then what `stat` says there, then the manifest. Each part may run again after a runner died in
between: what has been moved already is listed where it lies.
"""

from __future__ import annotations

import dataclasses
import os
import stat

from azud.core import durable, paths
from azud.core.digests import digest_descriptor, digest_tree
from azud.core.errors import OutputMissing, StorageError
from azud.core.writers import has_writer
from azud.job.attempt import Attempt
from azud.model.attempt_files import OUTPUTS
from azud.model.jobs import JobSpec, SealedFile, SealedOutput, StagedOutput
from azud.runner.files import copy_file, copy_tree, remove, walk
from azud.runner.moving import Moves
from azud.runner.staging import output_place
from azud.runner.transferring import send

_TRIES = 5
_COPY_SUFFIX = ".azud-private-copy"


def gather_outputs(spec: JobSpec, attempt: Attempt) -> list[str]:
    """Bring every output to `out/<name>` in a form that can be sealed; returns the paths that have to be synced.

    Raises:
        OutputMissing: The job did not write one.
        StorageError: One holds a link to elsewhere, a device or a socket.
        OSError: The disk is full, or a file cannot be read.
    """
    pending = [output for output in spec.outputs if _gather(spec, attempt, output)]
    return [path for output in pending for path in make_plain(_gathered(attempt, output), output.name)]


def move_outputs(spec: JobSpec, attempt: Attempt, moves: Moves) -> None:
    """Move every gathered output, whose bytes are on disk, to its authority.

    The target is unique to the step run, so what may lie there is from an attempt that failed.
    """
    for output in spec.outputs:
        gathered = _gathered(attempt, output)
        if os.path.lexists(gathered):
            moves.move(gathered, output.authority, point="runner.seal_output")


def list_outputs(spec: JobSpec, attempt: Attempt, moves: Moves) -> tuple[SealedOutput, ...]:
    """Return what every output holds at its authority, after giving fixed destinations their copies.

    Raises:
        StorageError: A fixed destination is taken, or the store elsewhere does not answer.
        OSError: The disk is full, or a file cannot be read.
    """
    sealed = [(output, _list(output)) for output in spec.outputs]
    return tuple(_published(spec, attempt, output, item, moves) for output, item in sealed)


def _published(
    spec: JobSpec, attempt: Attempt, output: StagedOutput, sealed: SealedOutput, moves: Moves
) -> SealedOutput:
    if output.send is not None:
        send(spec, attempt, output)
        if output.send["own"]:
            return sealed
        return dataclasses.replace(sealed, published_to=f"{output.send['datastore']}/{output.send['path']}")
    return _publish(attempt, output, sealed, moves) if output.publish_to else sealed


def _gathered(attempt: Attempt, output: StagedOutput) -> str:
    return attempt.path(os.path.join(OUTPUTS, output.name))


def _gather(spec: JobSpec, attempt: Attempt, output: StagedOutput) -> bool:
    """Bring an output to `out/<name>`; returns False if an earlier runner has sealed it already."""
    gathered, place = _gathered(attempt, output), output_place(attempt, output)
    if not os.path.lexists(gathered) and os.path.lexists(place):
        if os.path.isabs(output.path_on_compute or ""):
            # Perhaps on another file system. A copy counts when it has its name: a runner may die over it.
            copy = gathered + _COPY_SUFFIX
            remove(copy)
            copy_tree(place, copy)
            durable.rename(copy, gathered, point="runner.gather_copy", sync=False)
        else:
            durable.rename(place, gathered, point="runner.gather_output", sync=False)
    if os.path.lexists(gathered):
        return True
    if os.path.lexists(output.authority):
        return False
    hint = "the script must create the file or folder at the path that it is given, for a folder with "
    hint += "os.makedirs(path, exist_ok=True)"
    if output.mode == "link":
        hint = f"the script must link a dataset: run.output_datasets[{output.name!r}].link(dataset)"
    raise OutputMissing(
        f"step {spec.step_name!r} ended without writing its output {output.name!r} at {place}",
        hint=hint,
        details={"output": output.name, "path": place},
    )


def make_plain(root: str, name: str) -> list[str]:
    """Make a path hold regular files and folders of its own only; returns the paths of all of them.

    A link to something inside becomes a copy of that; a file that has a second name elsewhere becomes a
    private copy, because a write through that name would change sealed bytes.

    Raises:
        StorageError: A link leads outside or nowhere, or something is a device, pipe or socket.
        OSError: Something cannot be read or written.
    """
    entries = _open_everything(root)
    if any(path.endswith(_COPY_SUFFIX) for path, _info in entries):
        _settle_copies(root, [path for path, _info in entries])
        entries = _open_everything(root)
    links = [path for path, info in entries if stat.S_ISLNK(info.st_mode)]
    targets = {path: _link_target(root, path, name) for path in links}
    plain, added = [], []
    for path, info in entries:
        full = os.path.join(root, path) if path else root
        if path in targets:
            _replace_by_copy(targets[path], full)
            added.append(full)
            continue
        if not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
            raise StorageError(
                f"output {name!r} holds {full}, which is neither a file nor a folder",
                hint="write regular files; remove sockets, pipes and devices before the script ends",
            )
        if stat.S_ISREG(info.st_mode):
            _make_own(full, info)
        plain.append(full)
    for full in added:
        plain.append(full)
        if os.path.isdir(full):
            plain.extend(os.path.join(full, path) for path, _info in walk(full))
    return plain


def _open_everything(root: str) -> list[tuple[str, os.stat_result]]:
    """Return `(relative path, lstat)` of a path and all below it, after letting us into every folder."""
    info = os.lstat(root)
    entries = [("", info)]
    if stat.S_ISDIR(info.st_mode):
        _open_folder(root, info)
        for path, below in walk(root):
            if stat.S_ISDIR(below.st_mode):
                _open_folder(os.path.join(root, path), below)
            entries.append((path, below))
    return entries


def _settle_copies(root: str, found: list[str]) -> None:
    """Deal with copies that a runner was making when it died: one whose original is gone is complete."""
    for path in found:
        temporary = os.path.join(root, path)
        if not path.endswith(_COPY_SUFFIX) or not os.path.lexists(temporary):
            continue
        place = temporary[: -len(_COPY_SUFFIX)]
        if os.path.lexists(place):
            remove(temporary)
        else:
            durable.rename(temporary, place, point="runner.own_copy", sync=False)


def _open_folder(path: str, info: os.stat_result) -> None:
    """Let us into a folder that the job closed; it is in a place that azud made."""
    if info.st_mode & 0o700 != 0o700:
        os.chmod(path, stat.S_IMODE(info.st_mode) | 0o700)


def _make_own(path: str, info: os.stat_result) -> None:
    if info.st_mode & 0o400 == 0:
        os.chmod(path, stat.S_IMODE(info.st_mode) | 0o400)
    if info.st_nlink > 1:
        _replace_by_copy(path, path)


def _link_target(root: str, path: str, name: str) -> str:
    """Return what a link stands for, if that is inside of the same output."""
    full = os.path.join(root, path) if path else root
    target, base = os.path.realpath(full), os.path.realpath(root)
    here = os.path.join(base, path)
    if not path or not paths.is_within(base, target) or not os.path.exists(target):
        raise StorageError(
            f"output {name!r} holds the link {full}, which leads to {os.readlink(full)}, outside of the output",
            hint="copy the data instead of linking to them",
        )
    if paths.is_within(target, here):
        raise StorageError(
            f"output {name!r} holds the link {full}, which leads to a folder above it", hint="remove the link"
        )
    return target


def _replace_by_copy(source: str, place: str) -> None:
    temporary = place + _COPY_SUFFIX
    copy_tree(source, temporary)
    if os.path.islink(place):
        os.unlink(place)  # a folder cannot be renamed over a link
    durable.rename(temporary, place, point="runner.own_copy", sync=False)


def _list(output: StagedOutput) -> SealedOutput:
    """Return what lies at an output's authority."""
    root = output.authority
    if os.path.isdir(root):
        found = list(walk(root))
        if any(path.endswith(_COPY_SUFFIX) for path, _info in found):
            _settle_copies(root, [path for path, _info in found])  # a runner died over one, see `_seal_file`
            found = list(walk(root))
        files = [_seal_file(os.path.join(root, path), path) for path, info in found if stat.S_ISREG(info.st_mode)]
        digest = digest_tree((file.path, file.digest, file.size_bytes) for file in files)
        kind = "directory"
    else:
        files = [_seal_file(root, "")]
        digest, kind = files[0].digest, "file"
    return SealedOutput(
        name=output.name,
        path=root,
        kind=kind,
        digest=digest,
        size_bytes=sum(file.size_bytes for file in files),
        files=tuple(files),
    )


def _seal_file(path: str, relative: str) -> SealedFile:
    """Return what a file holds, which must not be able to change without leaving a mark.

    A process out of our reach may hold the file open that the job wrote. What it writes through a mapping leaves no
    mark, so the file is replaced by a copy that nobody has open; the other one is that process's own from then on.

    Raises:
        StorageError: The file does not come to rest.
        OSError: It cannot be read, or not be copied.
    """
    for _ in range(_TRIES):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            before = os.fstat(descriptor)
            if not has_writer(descriptor):
                digest = digest_descriptor(descriptor, before.st_size)
                if _marks(os.fstat(descriptor)) == _marks(before) and not has_writer(descriptor):
                    return SealedFile(relative, digest, *_marks(before))
        finally:
            os.close(descriptor)
        remove(path + _COPY_SUFFIX)
        _replace_by_copy(path, path)
        folder = os.path.dirname(path)
        durable.sync_files([path, folder], folder=folder, point="runner.sync_own_copy")
    raise StorageError(
        f"{path} is written to while it is sealed", hint="end what the script started before the script ends"
    )


def _marks(info: os.stat_result) -> tuple[int, int, int, int]:
    return info.st_size, info.st_ino, info.st_mtime_ns, info.st_ctime_ns


def _publish(attempt: Attempt, output: StagedOutput, sealed: SealedOutput, moves: Moves) -> SealedOutput:
    """Give the user's fixed destination a writable copy; files that were there and are not ours stay."""
    target = str(output.publish_to)
    if sealed.kind == "directory":
        durable.make_dirs(target, point="runner.make_published")
    copies = {}
    for file in sealed.files:
        place = os.path.join(target, file.path) if file.path else target
        source = os.path.join(sealed.path, file.path) if file.path else sealed.path
        copies[place] = _copy_beside(source, place, attempt)
    if copies:
        durable.sync_files(list(copies.values()), folder=os.path.dirname(target), point="runner.sync_published")
    for place, temporary in copies.items():
        moves.move(temporary, place, point="runner.publish")
    return dataclasses.replace(sealed, published_to=target)


def _copy_beside(source: str, target: str, attempt: Attempt) -> str:
    """Copy a file to a temporary name beside its destination."""
    parent, name = os.path.split(target)
    durable.make_dirs(parent, point="runner.make_published")
    if os.path.isdir(target) and not os.path.islink(target):
        raise StorageError(
            f"the destination {target} is a folder, and the step wrote a file",
            hint="remove the folder or choose another destination",
        )
    temporary = os.path.join(parent, f".{name}.{os.path.basename(attempt.folder)}")
    remove(temporary)
    copy_file(source, temporary, mode=0o644 | (os.stat(source).st_mode & 0o111))
    return temporary
