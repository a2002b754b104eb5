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


def bytes_copied(
    context: RunContext, step: StepDefinition, copying: Copying, usual_bytes: Callable[[str], int | None]
) -> int | None:
    """Return how many bytes are copied when a step runs; None if that is not known before.

    Args:
        context: With what the step was found to read, and what the steps before it made or are assumed to make.
        step: The step.
        copying: Looks at the disks.
        usual_bytes: Returns the size of an output of earlier runs, by its name.
    """
    try:
        sizes = [_input(context, step, port, copying) for port in step.inputs if port.mode == "download"]
        for port in step.outputs:
            copies = _copies(context, step, port, copying)
            if copies:
                usual = usual_bytes(port.name)
                sizes.append(None if usual is None else copies * usual)
    except AzudError:  # what is wrong with the data is told as the step's own error, not here
        return None
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _input(context: RunContext, step: StepDefinition, port: InputPort, copying: Copying) -> int | None:
    if port.step is not None:
        made = context.sealed.get(port.step, {}).get(port.output or "")
        return None if made is None else made.size_bytes
    staged = next((item for item in context.staged.get(step.id, ()) if item.name == port.name), None)
    return None if staged is None else copying.size_bytes([path for path, *_name in staged.paths])


def _copies(context: RunContext, step: StepDefinition, port: OutputPort, copying: Copying) -> int:
    """Return how often an output is copied on its way."""
    datastore, _authority, published = output_place(context, step, port)
    gathered = port.mode == "upload" and os.path.isabs(port.path_on_compute or "")
    return sum((gathered, copying.is_elsewhere(context.datastores[datastore]), published is not None))
