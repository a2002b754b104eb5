"""`Run.restore_snapshot` and `Run.take_snapshot`: snapshots as ZIP archives, and of single files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional

from azud.core import durable
from azud.core.paths import clean_relative
from azud.sdk.exceptions import UserErrorException, translated

if TYPE_CHECKING:
    from azud.sdk.run import Run


def write_snapshot(run: Run, snapshot_id: Optional[str], path: Optional[str]) -> str:
    """Write a snapshot as a ZIP archive, which is there when it is complete; see `Run.restore_snapshot`."""
    import zipfile

    digest = snapshot_id or run.get_snapshot_id()
    if not digest:
        raise UserErrorException(f"run {run.id} has no snapshot", hint="pass snapshot_id")
    listing = run._api.get(f"/snapshots/{digest}")
    target = os.path.abspath(path or ".")
    if os.path.isdir(target):
        target = os.path.join(target, f"{digest}.zip")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    partial = f"{target}.{os.getpid()}.part"
    try:
        with translated(), zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in listing["files"]:
                # A fixed time: the same snapshot gives the same archive.
                entry = zipfile.ZipInfo(clean_relative(file["path"]), (1980, 1, 1, 0, 0, 0))
                entry.external_attr = (0o755 if file.get("executable") else 0o644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(entry, "w") as stream:
                    for chunk in run._api.client.download(f"/blobs/{file['digest']}"):
                        stream.write(chunk)
        durable.rename(partial, target, point="sdk.snapshot.rename")
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    return target


def take_path(run: Run, path: str) -> str:
    """Keep a file or folder as a snapshot and return its digest; see `Run.take_snapshot`."""
    from azud.sdk.interactive import take_snapshot

    if os.path.isfile(path):
        import shutil
        import tempfile

        with tempfile.TemporaryDirectory(prefix="azud-") as folder:
            shutil.copy2(path, folder)
            return take_snapshot(run.experiment, folder)
    if not os.path.isdir(path):
        raise UserErrorException(f"{path!r} is neither a file nor a folder")
    return take_snapshot(run.experiment, path)
