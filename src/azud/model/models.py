"""Registered models: names and versions of files that never change."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Iterable, List, Optional, Tuple

from azud.core.digests import digest_value


@dataclasses.dataclass(frozen=True)
class DatasetUse:
    """A saved dataset that a model refers to, and what it was used for."""

    purpose: str
    dataset_id: str


@dataclasses.dataclass(frozen=True)
class Label:
    """A tag or property that is looked for; None: with any value."""

    name: str
    value: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class ModelRecord:
    """A version of a model.

    Args:
        name: Letters, digits, `-`, `_` and `.`.
        version: Counts the versions of a name from 1; that of a removed one is not given out again.
        snapshot: Digest of its files' listing (see `azud.model.snapshot`): one file, or one folder with all below it.
        size_bytes: Of all files.
        run_id: The run that registered it, or None.
        framework: v1's word (`ScikitLearn`), or "".
        details: What v1 keeps beside: sample datasets, resource configuration.
    """

    name: str
    version: int
    snapshot: str
    size_bytes: int = 0
    description: str = ""
    tags: Dict[str, Optional[str]] = dataclasses.field(default_factory=dict)
    properties: Dict[str, str] = dataclasses.field(default_factory=dict)
    framework: str = ""
    framework_version: str = ""
    run_id: Optional[str] = None
    experiment: Optional[str] = None
    datasets: Tuple[DatasetUse, ...] = ()
    created_by: str = ""
    created_at: str = ""
    modified_at: str = ""
    details: Dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def id(self) -> str:
        """`name:version`."""
        return f"{self.name}:{self.version}"


@dataclasses.dataclass(frozen=True)
class ModelQuery:
    """Which models are meant: those that have everything that is said.

    Args:
        latest: Of each name only the newest of those that match.
    """

    name: Optional[str] = None
    version: Optional[int] = None
    run_id: Optional[str] = None
    framework: Optional[str] = None
    dataset_id: Optional[str] = None
    tags: Tuple[Label, ...] = ()
    properties: Tuple[Label, ...] = ()
    latest: bool = False

    def matching(self, records: Iterable[ModelRecord]) -> List[ModelRecord]:
        """Return the models that match, newest first."""
        found = sorted(
            (record for record in records if self._matches(record)),
            key=lambda record: (record.created_at, record.name, record.version),
            reverse=True,
        )
        if not self.latest:
            return found
        newest: Dict[str, int] = {}
        for record in found:
            newest[record.name] = max(record.version, newest.get(record.name, 0))
        return [record for record in found if newest[record.name] == record.version]

    def _matches(self, record: ModelRecord) -> bool:
        asked = (
            (self.name, record.name),
            (self.version, record.version),
            (self.run_id, record.run_id),
            (self.framework, record.framework),
        )
        if any(wanted is not None and wanted != have for wanted, have in asked):
            return False
        if self.dataset_id is not None and self.dataset_id not in [use.dataset_id for use in record.datasets]:
            return False
        return _has(record.tags, self.tags) and _has(record.properties, self.properties)


def _has(labels: Dict[str, Any], wanted: Tuple[Label, ...]) -> bool:
    return all(each.name in labels and (each.value is None or labels[each.name] == each.value) for each in wanted)


def seen_models(records: Iterable[ModelRecord]) -> str:
    """Return what a job sees that is given these models: their names, versions, content and labels."""
    return digest_value(
        [[record.name, record.version, record.snapshot, dict(record.tags), record.properties] for record in records]
    )
