"""Earlier runs of steps, found by their names."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.reading import chunks, sealed_outputs
from azud.engine.history import PastStep
from azud.model.jobs import SealedOutput
from azud.model.runs import RunStatus

_KNOWN_DEFINITIONS = 64

# One walk along the index for each name: a window over all step runs would read every row of every name.
_NEWEST_BY_NAME = sa.text(
    """
    SELECT step.name, step.id, step.node_id, step.step_type, step.reused_from, step.started_at, step.ended_at,
           parent.definition
    FROM json_each(:names) AS asked
    JOIN runs AS step ON step.id IN (
        SELECT id FROM runs WHERE name = asked.value AND parent_id IS NOT NULL ORDER BY created_at DESC LIMIT :most
    )
    JOIN runs AS parent ON parent.id = step.parent_id
    WHERE step.status = :completed
    ORDER BY step.created_at DESC, step.id DESC
    """
)


class SqlHistory:
    """`azud.engine.history.History` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._scripts: dict[str, Mapping[str, str]] = {}

    def past_steps(self, names: Sequence[str], most: int) -> Mapping[str, Sequence[PastStep]]:
        values = {"names": json.dumps(list(dict.fromkeys(names))), "most": most, "completed": RunStatus.COMPLETED}
        with self._database.read() as connection:
            rows = [tuple(row) for row in connection.execute(_NEWEST_BY_NAME, values).all()]
            known = {step_run: (start, end) for _, step_run, _, _, _, start, end, _ in rows}
            reused = {source for _, _, _, _, source, _, _, _ in rows if source} - set(known)
            known.update(self._times(connection, reused))
            scripts = {digest: self._scripts_of(connection, digest) for digest in {row[-1] for row in rows}}
        found: dict[str, list[PastStep]] = {}
        for name, step_run, node_id, kind, source, _start, _end, definition in rows:
            made_by = source or step_run
            script = scripts[definition].get(node_id)
            if script is not None:
                duration_s = _seconds(*known.get(made_by, (None, None)))
                found.setdefault(name, []).append(PastStep(node_id, kind, script, made_by, duration_s))
        return found

    def _times(self, connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str | None, str | None]]:
        table = schema.runs
        return {
            row.id: (row.started_at, row.ended_at)
            for chunk in chunks(sorted(ids))
            for row in connection.execute(
                sa.select(table.c.id, table.c.started_at, table.c.ended_at).where(table.c.id.in_(chunk))
            )
        }

    def _scripts_of(self, connection: Connection, digest: str | None) -> Mapping[str, str]:
        """Return the scripts of a definition's steps by their ids; {} for a definition that cannot be read."""
        if digest is None:
            return {}
        with self._lock:
            known = self._scripts.get(digest)
        if known is not None:
            return known
        table = schema.definitions
        # As text: damage to one definition is that run's trouble, not that of everybody who has run such a step.
        body = connection.scalar(sa.select(sa.cast(table.c.body, sa.Text)).where(table.c.digest == digest))
        try:
            made = {str(step["id"]): str(step["script"]) for step in json.loads(body or "{}")["steps"]}
        except (ValueError, KeyError, TypeError):
            made = {}
        with self._lock:
            self._scripts[digest] = made
            while len(self._scripts) > _KNOWN_DEFINITIONS:
                self._scripts.pop(next(iter(self._scripts)))
        return made

    def sealed(self, step_runs: Sequence[str]) -> Mapping[str, Sequence[SealedOutput]]:
        with self._database.read() as connection:
            return sealed_outputs(connection, step_runs)

    def output_bytes(self, step_runs: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        table = schema.outputs
        size = sa.func.json_extract(sa.cast(table.c.sealed, sa.Text), "$.size_bytes")
        found: dict[str, dict[str, int]] = {}
        with self._database.read() as connection:
            for chunk in chunks(sorted(set(step_runs))):
                rows = connection.execute(
                    sa.select(table.c.step_run_id, table.c.name, size).where(table.c.step_run_id.in_(chunk))
                )
                for step_run_id, name, size_bytes in rows:
                    found.setdefault(step_run_id, {})[name] = int(size_bytes)
        return found


def _seconds(start: str | None, end: str | None) -> float | None:
    """Return the time between two moments, or None without one of them."""
    if not start or not end:
        return None
    # Twenty times as fast as `azud.core.clock.from_text`, and there may be thousands.
    begun, ended = dt.datetime.fromisoformat(start.removesuffix("Z")), dt.datetime.fromisoformat(end.removesuffix("Z"))
    return max((ended - begun).total_seconds(), 0.0)
