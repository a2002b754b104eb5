"""Runs as people see them: what is stored, with what live attempts have logged since laid over it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from azud.core.errors import UserError
from azud.core.ids import attempt_id
from azud.engine.metrics import SPOOL_PART_BYTES, Spooled, split_records, spool_parts
from azud.engine.ports import ComputeBackend, ReuseDecision
from azud.model.definition import PipelineDefinition
from azud.model.runs import MetricPoint, OutputRecord, RunRecord, RunStatus, RunType
from azud.services.ports import RunCatalog, StoredOutput

PAGE_LIMIT = 1000


METRICS_PAGE = 10_000
LIVE_KNOWN = 200
STORED, LIVE = "stored", "live"
_STEP_TAGS = frozenset(("azureml.nodeid", "azureml.pipeline"))


class RunService:
    """Reads and changes runs.

    Args:
        catalog: The stored runs.
        backend: Where live attempts log.
        cancel: Ends a run, or asks whoever drives it to.
    """

    def __init__(self, catalog: RunCatalog, backend: ComputeBackend, cancel: Callable[[RunRecord], None]) -> None:
        self._catalog = catalog
        self._backend = backend
        self._cancel = cancel
        self._labels = _LiveLabels(backend)

    def run(self, run_id: str) -> RunRecord:
        """Return a run or step run.

        Raises:
            NotFoundError: There is none.
        """
        record = self._catalog.run(run_id)
        if record.type == RunType.SCRIPT:
            return _with_its_step(record, self.run(self._catalog.subject(run_id).id))
        live = self._live(record)
        if live is None:
            return record
        properties = {**live.properties, **record.properties}
        return dataclasses.replace(record, tags={**record.tags, **live.tags}, properties=properties)

    def runs(
        self,
        *,
        experiment: str | None = None,
        status: str | None = None,
        parent: str | None = None,
        limit: int = 50,
        after: str | None = None,
        type: str | None = None,
    ) -> tuple[Sequence[RunRecord], str | None]:
        """Return a page of runs that are below no other, or of the steps of `parent`, and the cursor of the next one.

        Raises:
            UserError: The limit is out of range.
        """
        if not 1 <= limit <= PAGE_LIMIT:
            raise UserError(f"limit is {limit}", hint=f"ask for 1 to {PAGE_LIMIT} runs at a time")
        asked = {"experiment": experiment, "status": status, "type": type}
        return self._catalog.runs(**asked, parent=parent, limit=limit, after=after)

    def steps(self, run_id: str) -> Sequence[RunRecord]:
        """Return all step runs of a pipeline run in creation order."""
        self._catalog.run(run_id)
        return list(step_runs(self._catalog, run_id))

    def children(self, run_id: str, *, recursive: bool) -> Sequence[RunRecord]:
        """Return what is below a run: steps, what was submitted under it, interactive runs."""
        return list(below(self._catalog, run_id, recursive=recursive))

    def definition(self, run_id: str) -> PipelineDefinition:
        """Return what was submitted."""
        return self._catalog.definition(run_id)

    def events(self, run_id: str, after: int) -> tuple[Sequence[dict[str, Any]], str]:
        """Return a pipeline run's events after a sequence number, and its status after them."""
        return self._catalog.events(run_id, after)

    def cancel(self, run_id: str) -> RunRecord:
        """Ask for the end of a run or step run; one that has ended stays as it is."""
        record = self._catalog.run(run_id)
        if record.status not in RunStatus.TERMINAL:
            self._cancel(record)
        return self._catalog.run(run_id)

    def patch(self, run_id: str, body: Mapping[str, Any]) -> RunRecord:
        """Change tags, add properties, rename.

        Raises:
            ConflictError: A property exists already with another value.
            UserError: A value is no text.
        """
        tags, properties = body.get("set_tags") or {}, body.get("add_properties") or {}
        for key, value in [*tags.items(), *properties.items()]:
            if not isinstance(value, str) and not (value is None and key in tags):
                raise UserError(f"the value of {key!r} is {type(value).__name__}", hint="tags and properties are text")
        return self._catalog.patch(
            run_id,
            set_tags=tags,
            remove_tags=body.get("remove_tags") or [],
            add_properties=properties,
            display_name=body.get("display_name"),
        )

    def metrics(
        self, run_id: str, after: str | None = None, limit: int = METRICS_PAGE
    ) -> tuple[Sequence[MetricPoint], str | None]:
        """Return metric points in the order in which they were logged, and where the next page begins.

        A reused step shows its source's. What the job of a running step has logged comes after what is stored.

        Args:
            run_id: Of a run or step run.
            after: What the page before this one returned.
            limit: At most so many stored points; what is live comes in pages of some thousands.
        """
        if not 1 <= limit <= METRICS_PAGE:
            raise UserError(f"limit is {limit}", hint=f"ask for 1 to {METRICS_PAGE} points at a time")
        record = self._catalog.subject(run_id)
        attempt = self._live_attempt(record)
        where, _, place = (after or f"{STORED}:-1").partition(":")
        live = f"{LIVE}-{record.attempt}"
        if where.partition("-")[0] not in (STORED, LIVE) or not place.lstrip("-").isdigit():
            raise UserError(f"after is {after!r}", hint="pass what the page before returned as `next`")
        if where == STORED:
            run = record.reused_from or record.id
            points, last = self._catalog.metrics(run, int(place), limit, spooled=attempt is None)
            if len(points) == limit:
                return points, f"{STORED}:{last}"
            return points, None if attempt is None else f"{live}:0"
        if attempt is None or where != live:
            # It has ended since: what was live is stored, and the reader has seen a part of it.
            return [], None
        records, offset = self._backend.spool(attempt, int(place), SPOOL_PART_BYTES)
        return split_records(records).points, None if offset == int(place) else f"{live}:{offset}"

    def add_metrics(self, run_id: str, points: Sequence[MetricPoint], idempotency_key: str | None = None) -> None:
        """Append points to a run from outside of its job; once, however often this is asked with one key."""
        self._catalog.add_metrics(self._catalog.subject(run_id).id, points, idempotency_key)

    def outputs(self, run_id: str) -> Sequence[OutputRecord]:
        """Return the sealed outputs of a step run, or the named outputs of a pipeline run."""
        return [_output_record(stored) for stored in self._catalog.outputs(self._catalog.subject(run_id).id)]

    def decision(self, run_id: str) -> ReuseDecision | None:
        """Return why a step ran or did not; None while that is open."""
        self._catalog.run(run_id)
        return self._catalog.decision(run_id)

    def _live(self, record: RunRecord) -> Spooled | None:
        """Return tags and properties that a step run's job has set and the store does not have yet, if it runs."""
        attempt = self._live_attempt(record)
        return None if attempt is None else self._labels.of(attempt)

    def _live_attempt(self, record: RunRecord) -> str | None:
        """Return the attempt of a step run whose job may be running."""
        if not record.is_step or record.status not in (
            RunStatus.QUEUED,
            RunStatus.RUNNING,
            RunStatus.CANCEL_REQUESTED,
        ):
            return None
        return attempt_id(record.id, record.attempt) if record.attempt else None


def step_runs(catalog: RunCatalog, run_id: str) -> Iterator[RunRecord]:
    """Yield all step runs of a pipeline run in creation order."""
    after: str | None = None
    while True:
        page, after = catalog.runs(experiment=None, status=None, parent=run_id, limit=PAGE_LIMIT, after=after)
        yield from page
        if after is None:
            return


def _with_its_step(record: RunRecord, step: RunRecord) -> RunRecord:
    """Return a script run with what its job has set and what is known of it."""
    return dataclasses.replace(
        record,
        reused_from=step.reused_from,
        # The engine's own tags of a step say nothing of a run that people see as one.
        tags={**{key: value for key, value in step.tags.items() if key not in _STEP_TAGS}, **record.tags},
        properties={**step.properties, **record.properties},
        warnings=tuple(dict.fromkeys((*record.warnings, *step.warnings))),
    )


def below(catalog: RunCatalog, run_id: str, *, recursive: bool) -> Iterator[RunRecord]:
    """Yield what is below a run, each followed by what is below it if `recursive`."""
    for child in catalog.children(run_id):
        yield child
        if recursive:
            yield from below(catalog, child.id, recursive=True)


class _LiveLabels:
    """Tags and properties of running jobs: of each spool only what is new is read."""

    def __init__(self, backend: ComputeBackend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, Spooled]] = {}

    def of(self, attempt: str) -> Spooled:
        """Return what an attempt's job has set so far."""
        with self._lock:
            offset, found = self._known.pop(attempt, (0, Spooled()))
            for part, after in spool_parts(self._backend.spool, attempt, offset):
                found.take_labels(part)
                offset = after
            self._known[attempt] = (offset, found)
            while len(self._known) > LIVE_KNOWN:
                self._known.pop(next(iter(self._known)))
            # Copies: another request may add to what is kept while the answer is made.
            return Spooled(tags=dict(found.tags), properties=dict(found.properties))


def _output_record(stored: StoredOutput) -> OutputRecord:
    sealed = stored.sealed
    return OutputRecord(
        name=sealed.name,
        datastore=stored.datastore,
        path=stored.path,
        kind=sealed.kind,
        digest=sealed.digest,
        size_bytes=sealed.size_bytes,
        file_count=len(sealed.files),
        data_type=stored.data_type,
        pipeline_output_name=stored.pipeline_output_name,
        local_path=sealed.path,
    )
