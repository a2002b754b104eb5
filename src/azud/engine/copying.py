"""How many bytes the local backend would copy for a step: `azud.runner.staging`, `sealing` and `moving` do it.

Mounted and direct inputs are links or the place itself, and outputs are renamed into their places, so nothing of them
is copied. Copied are downloads, outputs written to an absolute path, outputs for a datastore on another file system
than the one where steps run, and what goes to a fixed destination beside its own place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

from azud.core.errors import AzudError
from azud.engine.context import RunContext
from azud.engine.jobspecs import output_place
from azud.model.data import DatastoreRecord
from azud.model.definition import InputPort, OutputPort, StepDefinition


class Copying(Protocol):
    """What has to be known of this machine's disks. Reads only."""

    def size_bytes(self, paths: Sequence[str]) -> int:
        """Return the bytes of files, and of all files below folders.

        Raises:
            StorageError: Something is not there or cannot be read.
        """

    def is_elsewhere(self, datastore: DatastoreRecord) -> bool:
        """Return whether a datastore lies on another file system than the one where steps run.

        Raises:
            StorageError: It is of a kind whose bytes azud cannot reach.
        """


class CopiedBytes:
    """Says how many bytes are copied for each step of a run.

    Args:
        context: With what the steps were found to read, and what those before them made or are assumed to make.
        copying: Looks at the disks, at each datastore once.
        usual_bytes: Returns the size of an output of earlier runs, by step and name.
    """

    def __init__(self, context: RunContext, copying: Copying, usual_bytes: Callable[[str, str], int | None]) -> None:
        self._context = context
        self._copying = copying
        self._usual_bytes = usual_bytes
        self._elsewhere: dict[str, bool] = {}

    def of(self, step: StepDefinition) -> int | None:
        """Return how many bytes are copied when a step runs; None if that is not known before."""
        try:
            sizes = [self._input(step, port) for port in step.inputs if port.mode == "download"]
            sizes += [self._output(step, port) for port in step.outputs]
        except AzudError:  # what is wrong with the data is told as the step's own error, not here
            return None
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    def _input(self, step: StepDefinition, port: InputPort) -> int | None:
        if port.step is not None:
            made = self._context.sealed.get(port.step, {}).get(port.output or "")
            return None if made is None else made.size_bytes
        staged = next((item for item in self._context.staged.get(step.id, ()) if item.name == port.name), None)
        return None if staged is None else self._copying.size_bytes([path for path, *_name in staged.paths])

    def _output(self, step: StepDefinition, port: OutputPort) -> int | None:
        datastore, _authority, published = output_place(self._context, step, port)
        gathered = port.mode == "upload" and os.path.isabs(port.path_on_compute or "")
        copies = sum((gathered, self._is_elsewhere(datastore), published is not None))
        usual = self._usual_bytes(step.id, port.name) if copies else 0
        return None if usual is None else copies * usual

    def _is_elsewhere(self, name: str) -> bool:
        if name not in self._elsewhere:
            self._elsewhere[name] = self._copying.is_elsewhere(self._context.datastores[name])
        return self._elsewhere[name]
