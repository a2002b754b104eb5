"""Where a run's metrics, tags, properties and files go: the job's own spool and folder, or the API."""

from __future__ import annotations

import os

from azud.core.clock import now_text
from azud.core.paths import clean_relative, safe_join
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.support import Api, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from azud.job.spool import Spool


class ApiSink:
    """A run's record on the server."""

    def __init__(self, api: Api, run_id: str) -> None:
        """Keep both."""
        self._api, self._run_id = api, run_id

    def metric(self, name: str, kind: str, value: Any, step: Optional[int]) -> None:
        """Store a metric point."""
        from azud.core.ids import new_token
        from azud.job.spool import without_nan

        point = {"name": name, "kind": kind, "value": without_nan(value), "step": step, "at": now_text()}
        self._note("metrics")
        self._api.send("POST", f"/runs/{self._run_id}/metrics", {"points": [point]}, key=new_token())

    def tags(self, tags: Mapping[str, Optional[str]]) -> None:
        """Set tags."""
        self._note("tags")
        self._api.send("PATCH", f"/runs/{self._run_id}", {"set_tags": dict(tags)})

    def properties(self, properties: Mapping[str, str]) -> None:
        """Add properties."""
        self._note("properties")
        self._api.send("PATCH", f"/runs/{self._run_id}", {"add_properties": dict(properties)})

    def file(self, name: str, local_path: str) -> None:
        """Store a file under a name that is new."""
        with translated():
            name = clean_relative(name)
        self._note("files")
        self._api.upload_file(f"/runs/{self._run_id}/files/{name}", local_path)

    def _note(self, what: str) -> None:
        """Note it with the job that does it, which then has an effect that a reused step would not repeat."""
        from azud.sdk.observing import note_write

        note_write("run", run=self._run_id, changed=what)


class JobSink:
    """A job's own attempt folder: microseconds a call, no server, and nothing that can fail the job."""

    def __init__(self, folder: str) -> None:
        """Write below the attempt folder `folder`."""
        self._folder = folder
        self._spool: Optional[Spool] = None

    def metric(self, name: str, kind: str, value: Any, step: Optional[int]) -> None:
        """Append a metric point to the spool."""
        self.record({"t": "metric", "name": name, "kind": kind, "value": value, "step": step, "at": now_text()})

    def tags(self, tags: Mapping[str, Optional[str]]) -> None:
        """Append tags to the spool."""
        for key, value in tags.items():
            self.record({"t": "tag", "key": key, "value": value})

    def properties(self, properties: Mapping[str, str]) -> None:
        """Append properties to the spool."""
        for key, value in properties.items():
            self.record({"t": "property", "key": key, "value": value})

    def file(self, name: str, local_path: str) -> None:
        """Copy a file to the run's files.

        Raises:
            UserErrorException: The run has a file of this name, or the name leaves the run's folder.
        """
        import shutil

        with translated():
            target = safe_join(os.path.join(self._folder, "artifacts"), name)
        if os.path.exists(target):
            raise UserErrorException(f"the run already has a file {name!r}", hint="choose another name")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(local_path, target)

    def record(self, record: Dict[str, Any]) -> None:
        """Append a record to the spool; see `azud.job.spool`."""
        try:
            if self._spool is None:
                from azud.job.spool import Spool

                self._spool = Spool.open(self._folder)
            self._spool.write(record)
        except OSError as error:
            # A full disk must not end the user's training; the driver log says what was lost.
            warn(f"what this job logs could not be kept: {error}")


def local_path_of(path_or_stream: Any, leftovers: List[str]) -> str:
    """Return a local path that holds what was given: a path, or a stream whose bytes are written to a file.

    Args:
        path_or_stream: Path or readable binary or text stream.
        leftovers: Receives the path of a file that the caller removes.

    Raises:
        UserErrorException: The path is no file.
    """
    if isinstance(path_or_stream, (str, os.PathLike)):
        path = os.fspath(path_or_stream)
        if not os.path.isfile(path):
            raise UserErrorException(f"{path!r} is not a file")
        return path
    import tempfile

    data = path_or_stream.read()
    descriptor, path = tempfile.mkstemp(prefix="azud-")
    leftovers.append(path)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data.encode() if isinstance(data, str) else data)
    return path
