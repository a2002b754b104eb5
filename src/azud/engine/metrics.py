"""What a job logged, read from its spool: metric points, tags and properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from azud.model.runs import MetricPoint


def split_records(
    records: Iterable[Mapping[str, Any]],
) -> tuple[tuple[MetricPoint, ...], dict[str, str | None], dict[str, str]]:
    """Return the metric points in order, the last value of each tag, and the properties of spool records.

    Records of a kind that this version does not know are passed over, so that a newer job may log more.
    """
    points: list[MetricPoint] = []
    tags: dict[str, str | None] = {}
    properties: dict[str, str] = {}
    for record in records:
        kind = record.get("t")
        if kind == "metric":
            points.append(
                MetricPoint(
                    name=str(record["name"]),
                    kind=str(record["kind"]),
                    value=record.get("value"),
                    step=record.get("step"),
                    at=str(record.get("at") or ""),
                )
            )
        elif kind == "tag":
            tags[str(record["key"])] = record.get("value")
        elif kind == "property":
            properties[str(record["key"])] = str(record.get("value"))
    return tuple(points), tags, properties
