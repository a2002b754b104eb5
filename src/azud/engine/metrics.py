"""What a job logged, read from its spool: metric points, tags, properties, and what it read and wrote undeclared."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from azud.model.runs import MetricPoint

SPOOL_PART_BYTES = 1 << 20
"""So much of a long spool is read, and stored, at a time: others write, and the API answers, in between."""


@dataclasses.dataclass
class Spooled:
    """What a spool holds.

    `stored` says that its points are in the store already, and not here. `reads` have `source` and `seen` (see
    `azud.engine.observed`), `writes` have `what` and facts about it.
    """

    points: list[MetricPoint] = dataclasses.field(default_factory=list)
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    reads: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    writes: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    stored: bool = False

    def take_labels(self, part: Spooled) -> None:
        """Add what a later part of the same spool holds beside metric points."""
        self.tags.update(part.tags)
        self.properties.update(part.properties)
        self.reads += part.reads
        self.writes += part.writes


def spool_parts(
    spool: Callable[[str, int, int], tuple[Sequence[Mapping[str, Any]], int]], attempt: str, offset: int
) -> Iterator[tuple[Spooled, int]]:
    """Yield what an attempt's job has logged from an offset on, part by part, and the offset after each part.

    Args:
        spool: `ComputeBackend.spool`.
        attempt: Whose.
        offset: 0, or where an earlier call ended.
    """
    while True:
        records, after = spool(attempt, offset, SPOOL_PART_BYTES)
        if after == offset:
            return
        yield split_records(records), after
        offset = after


def split_records(records: Iterable[Mapping[str, Any]]) -> Spooled:
    """Sort spool records: metric points in order, the last value of each tag.

    Records of a kind that this version does not know are passed over, so that a newer job may log more.
    """
    found = Spooled()
    for record in records:
        kind = record.get("t")
        if kind == "metric":
            found.points.append(
                MetricPoint(
                    name=str(record["name"]),
                    kind=str(record["kind"]),
                    value=record.get("value"),
                    step=record.get("step"),
                    at=str(record.get("at") or ""),
                )
            )
        elif kind == "tag":
            found.tags[str(record["key"])] = record.get("value")
        elif kind == "property":
            found.properties[str(record["key"])] = str(record.get("value"))
        elif kind == "read":
            found.reads.append({"source": record.get("source") or {}, "seen": record.get("seen")})
        elif kind == "write":
            found.writes.append({key: value for key, value in record.items() if key != "t"})
    return found
