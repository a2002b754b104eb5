"""The engine's ports for somebody who only looks: the decider works with them and nothing comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azud.engine.ports import DataFingerprint, DataPort
from azud.engine.reuse import InFlight, Looks
from azud.model.data import DatasetDefinition, DatastoreRecord
from azud.model.jobs import SealedOutput


class AssumedOutput(SealedOutput):
    """What a step made when it last ran, taken for what it will make; whether those bytes are still there is nothing
    to whoever asks what would follow."""


class OneMoment:
    """A `DataPort` for which the time stands still: each thing is looked at once, however many steps read it.

    Args:
        data: Looks.
    """

    def __init__(self, data: DataPort) -> None:
        self._data = data
        self._looks = Looks(data)
        self._prefixes: dict[tuple[str, str], str] = {}
        self._flaws: dict[tuple[str, str, str], str | None] = {}

    def locate(self, datastore: DatastoreRecord, path: str) -> str:
        """`DataPort.locate`."""
        return self._data.locate(datastore, path)

    def fingerprint_reference(self, datastore: DatastoreRecord, path: str) -> DataFingerprint:
        """`DataPort.fingerprint_reference`."""
        return self._looks.reference(datastore, path)

    def fingerprint_dataset(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition
    ) -> DataFingerprint:
        """`DataPort.fingerprint_dataset`."""
        return self._looks.dataset(datastores, dataset)

    def fingerprint_prefix(self, datastore: DatastoreRecord, prefix: str) -> str:
        """`DataPort.fingerprint_prefix`."""
        known = self._prefixes.get((datastore.name, prefix))
        if known is None:
            known = self._prefixes[datastore.name, prefix] = self._data.fingerprint_prefix(datastore, prefix)
        return known

    def verify(self, output: SealedOutput) -> str | None:
        """`DataPort.verify`; what is assumed is sound."""
        if isinstance(output, AssumedOutput):
            return None
        mark = (output.path, output.digest, output.name)
        if mark not in self._flaws:
            self._flaws[mark] = self._data.verify(output)
        return self._flaws[mark]


class Onlooker(InFlight):
    """Says whether a step would wait for another run's, and puts nobody on a list.

    Args:
        seen: Who leads.
    """

    def __init__(self, seen: InFlight) -> None:
        super().__init__()
        self._seen = seen
        self.would_wait: dict[str, tuple[str, str]] = {}

    def lead_or_follow(self, key: str, run_id: str, step: str) -> bool:
        """Return whether the step would run; `would_wait` says which run and step it would wait for if not."""
        leader = self._seen.leader(key)
        if leader is None:
            return True
        self.would_wait[step] = leader
        return False


def assumed(output: SealedOutput) -> AssumedOutput:
    """Return an output as one that is assumed."""
    values: dict[str, Any] = vars(output)
    return AssumedOutput(**values)
