"""All active runs of a workspace: one mailbox each, worked off by a few threads, never by two at once.

A message is what happened (an event, an ended attempt) or what somebody wants (a cancel). A worker takes
all messages that have come for a run, lets the driver advance it in one transaction, and only then acts on
the world. Slots are given back and the next attempts started by whichever thread hears of an attempt's end,
before that end is written: what starts then was intended, and committed, earlier.
"""

from __future__ import annotations

import concurrent.futures
import functools
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from azud.core.clock import now_text
from azud.core.errors import (
    AzudError,
    BackendError,
    InvariantViolation,
    LeaseLost,
    NotFoundError,
    RecordUnreadable,
    StorageError,
)
from azud.engine import events as ev
from azud.engine.asking import Asked, answer, ending
from azud.engine.commands import CancelAttempt, Command, Decide, StartAttempt, Wait
from azud.engine.context import RunContext, open_context
from azud.engine.driver import Advance, Driver, Item
from azud.engine.ends import Observation, ended_manifest, lost_manifest, step_signature
from azud.engine.jobspecs import Places, build_spec
from azud.engine.machine import LIVE
from azud.engine.mailboxes import Mailboxes, Ticker
from azud.engine.ports import ABSENT, ComputeBackend, DataPort, Environments, RunStore, StoredRun
from azud.engine.requests import node_limits, slot_request
from azud.engine.retrying import seconds_until
from azud.engine.reuse import InFlight, ReuseDecider
from azud.engine.scheduling import Grant, SlotScheduler
from azud.engine.withholding import WithheldSlots
from azud.model.compute import ComputeTargetRecord
from azud.model.jobs import Manifest
from azud.model.runs import RunError
from azud.model.snapshot import SourceSnapshot

_log = logging.getLogger(__name__)
WORKERS = 4
STARTED_DELAY_S = 0.05
RETRY_DELAY_S = 1.0
LET_GO_S = 0.2
FAILURES_BEFORE_POISON = 5
SEALING_PER_CORE = 2


class Orchestrator:
    """Brings runs, machines, slots and the backend together.

    Args:
        store: The engine's store.
        backend: Where attempts run.
        data: Places and fingerprints of data.
        environments: Resolves interpreters.
        places: What all jobs share.
        scheduler: Grants slots.
        notify: Called with a run id, and whether the run has ended, after something about it was committed.
        on_lease_lost: Called once when another server has taken over; this one must end.
    """

    def __init__(
        self,
        store: RunStore,
        backend: ComputeBackend,
        data: DataPort,
        environments: Environments,
        places: Places,
        scheduler: SlotScheduler,
        *,
        notify: Callable[[str, bool], None],
        on_lease_lost: Callable[[], None],
    ) -> None:
        self._store = store
        self._backend = backend
        self._data = data
        self._places = places
        self._scheduler = scheduler
        self._notify = notify
        self._on_lease_lost = on_lease_lost
        self.in_flight = InFlight()
        self._decider = ReuseDecider(store, data, self.in_flight)
        self._environments = environments
        self._driver: Driver | None = None
        self._contexts: dict[str, RunContext] = {}
        self._new: dict[str, StoredRun] = {}
        self._attempts: dict[str, tuple[str, str]] = {}
        self._failures: dict[str, int] = {}
        self._given_up: set[str] = set()
        self._sealing: set[str] = set()
        self._snapshots: dict[str, SourceSnapshot] = {}
        self._pool = concurrent.futures.ThreadPoolExecutor(WORKERS, thread_name_prefix="run")
        self._boxes: Mailboxes[Item | Asked] = Mailboxes(self._pool, self._work)
        self._ticker = Ticker()
        self._withheld = WithheldSlots(backend, scheduler, self._ticker, self.pump)
        self._token = 0
        self._stopping = threading.Event()

    # -- life -----------------------------------------------------------------------------------

    def start(self, holder: str) -> int:
        """Take the lease and take up every run that has not ended; return how many there are."""
        self._token = self._store.acquire_lease(holder)
        self._driver = Driver(self._store, self._decider, self._environments, self._token, self._backend.spool)
        for target in self._store.compute_targets().values():
            self.configure(target)
        active = self._store.active_runs()
        for run_id in active:
            self.submitted(run_id)
        return len(active)

    def stop(self) -> None:
        """Start nothing more and finish what is being written; attempts go on without us."""
        self._stopping.set()
        self._ticker.stop()
        self._pool.shutdown(wait=True)

    def active(self) -> int:
        """Return how many runs are being worked on."""
        return len(self._boxes.receivers() | set(self._contexts))

    def configure(self, target: ComputeTargetRecord) -> None:
        """Take over the node limits of a compute target."""
        self._scheduler.configure(target.name, node_limits(target))

    # -- messages -------------------------------------------------------------------------------

    def submitted(self, run_id: str, new: StoredRun | None = None) -> None:
        """A run was stored: work on it.

        Args:
            run_id: The run.
            new: What was stored, if that was just now: it is then not read back.
        """
        if new is not None:
            self._new[run_id] = new
        self._boxes.post(run_id, [])

    def cancel(self, run_id: str, cause: str = "user") -> Future[None]:
        """A run is to end; see `CancelRequested` for the causes. The future is done once that is written."""
        return self._ask(run_id, ev.CancelRequested(now_text(), cause))

    def cancel_step(self, run_id: str, step: str) -> Future[None]:
        """Somebody wants one step to end. The future is done once that is written."""
        return self._ask(run_id, ev.StepCancelRequested(now_text(), step))

    def _ask(self, run_id: str, event: ev.Event) -> Future[None]:
        asked = Asked(event, Future())
        if self._stopping.is_set():
            answer([asked], ending())
        else:
            self._boxes.post(run_id, [asked])
        return asked.written

    def on_attempt(self, what: str, attempt_id: str) -> None:
        """The backend's listener."""
        place = self._attempts.get(attempt_id)
        if place is None:
            return
        run_id, step = place
        if what == "started":
            # Written together with what comes next, if that comes soon: most steps are over by then.
            self._boxes.put(run_id, ev.AttemptStarted(now_text(), step, attempt_id))
            self._ticker.after(STARTED_DELAY_S, lambda: self._boxes.wake(run_id))
            return
        if what == "sealing":
            self._let_others_start(attempt_id)
            return
        self._sealing.discard(attempt_id)
        seen = self._observation(step, attempt_id)
        if seen.manifest.survivors:
            self._withheld.withhold(attempt_id)
        else:
            self._scheduler.release(attempt_id)
        self._boxes.post(run_id, [seen])
        self.pump()

    def _let_others_start(self, attempt_id: str) -> None:
        """A job is over: its core is free while the disk keeps what it made, unless the disk cannot keep up."""
        if len(self._sealing) < SEALING_PER_CORE * self._scheduler.capacity.cores:
            self._sealing.add(attempt_id)
            self._scheduler.release(attempt_id)
            self.pump()

    def _observation(self, step: str, attempt_id: str) -> Observation:
        try:
            manifest = self._backend.manifest(attempt_id)
        except StorageError as error:
            manifest = lost_manifest(attempt_id, error.message)
        manifest = manifest or lost_manifest(attempt_id, "its runner ended without a word")
        if manifest.outcome == "lost":
            return Observation(step, attempt_id, manifest)
        return Observation(step, attempt_id, manifest, manifest.spooled)

    # -- work on one run ------------------------------------------------------------------------

    def _work(self, run_id: str, messages: list[Item | Asked]) -> None:
        """Advance a run; the only caller for this run at this time."""
        try:
            self._advance(run_id, [item.event if isinstance(item, Asked) else item for item in messages])
        except AzudError as error:
            answer(messages, error)
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it, the log has it already
            answer(messages, InvariantViolation(f"run {run_id} cannot be worked on: {error!r}"))
        else:
            answer(messages, None)

    def _advance(self, run_id: str, items: list[Item]) -> None:
        """Write what happened and act on it.

        Raises:
            Exception: Nothing was written; what is to be done about that has been done.
        """
        if self._stopping.is_set() or self._driver is None:
            raise ending()
        if run_id in self._given_up:
            return
        try:
            context, opening = self._open(run_id)
            if context is None:
                if self._failures.pop(run_id, None) is not None:
                    self._notify(run_id, True)  # it had ended, and the one who wrote it could not say so
                return
            result = self._driver.advance(context, [*items, *opening])
        except LeaseLost as error:
            self._hand_over(error)
            raise
        except NotFoundError as error:
            _log.warning("run %s: %s", run_id, error)
            raise
        except RecordUnreadable as error:
            self._give_up(run_id, error)
            raise
        except Exception as error:  # one run's trouble must not become that of the others
            self._stumble(run_id, error)
            raise
        self._failures.pop(run_id, None)
        try:
            self._act(context, result)
        except Exception:  # noqa: BLE001 - it is written, and asked for again by whoever opens the run next
            _log.exception("run %s: what was decided could not all be done", run_id)

    def _act(self, context: RunContext, result: Advance) -> None:
        """Do in the world what was written."""
        run_id = context.id
        if result.wrote:
            self._notify(run_id, result.ended)
        self._wake_followers(run_id, result.undecided)
        self._start_all(context, result.starts)
        for command in result.cancels:
            self._cancel_attempt(context, command)
        for wait in result.waits:
            self._wait(run_id, wait)
        if result.postponed:
            self._boxes.post(run_id, result.postponed)
        if context.machine.terminal:
            self._close(context)

    def _open(self, run_id: str) -> tuple[RunContext | None, list[Command]]:
        context = self._contexts.get(run_id)
        if context is not None:
            return context, []
        stored = self._new.pop(run_id, None) or self._store.load_run(run_id)
        context = open_context(stored, self._store.datastores(), self._store.compute_targets())
        if context.machine.terminal:
            return None, []
        self._contexts[run_id] = context
        for step in context.machine.steps.values():
            if step.attempt is not None and step.state in LIVE:
                self._attempts[step.attempt] = (run_id, step.id)
                key = context.rows[step.id].key
                if key is not None:
                    self.in_flight.lead_or_follow(key, run_id, step.id)
        if stored.options.timeout_s is not None:
            left = stored.options.timeout_s - context.age_s(now_text())
            self._ticker.after(max(0.0, left), lambda: self.cancel(run_id, "timeout"))
        return context, context.machine.pending()

    def _stumble(self, run_id: str, error: Exception) -> None:
        """Nothing was written: forget what is in memory and try again from the store, then give the run up."""
        count = self._failures[run_id] = self._failures.get(run_id, 0) + 1
        self._contexts.pop(run_id, None)
        waiting = isinstance(error, StorageError) and error.retryable  # a full disk, a locked store
        if waiting:
            _log.warning("run %s waits: %s", run_id, error)
        else:
            _log.exception("run %s stumbled (%d)", run_id, count)
        if not waiting and count == FAILURES_BEFORE_POISON:
            _log.error("run %s is given up", run_id)
            self.cancel(run_id, "defect")
            return
        if not waiting and count >= 2 * FAILURES_BEFORE_POISON:
            self._give_up(run_id, error)
            return
        self._ticker.after(RETRY_DELAY_S * min(count, 30), lambda: self.submitted(run_id))

    def _give_up(self, run_id: str, error: Exception) -> None:
        """End a run that its own events cannot end; its attempts are asked to end, and nobody watches them."""
        _log.error("run %s is ended as Failed without looking at its events: %s", run_id, error)
        told = error if isinstance(error, AzudError) else InvariantViolation(f"{type(error).__name__}: {error}")
        hint = told.hint or "server.log says more; please report it"
        try:
            attempts = self._store.give_up(run_id, RunError(told.code, told.message, hint=hint), self._token)
        except LeaseLost as lost:
            self._hand_over(lost)
            return
        except StorageError as trouble:
            _log.error("run %s cannot even be ended; it waits for the next server: %s", run_id, trouble)
            return
        for attempt in attempts:
            if not self._scheduler.withdraw(attempt):
                self._backend.cancel(attempt)
        self._given_up.add(run_id)
        self._contexts.pop(run_id, None)
        self._failures.pop(run_id, None)
        self._decide_anew(self.in_flight.given_up(run_id))
        self._notify(run_id, True)

    def _hand_over(self, error: LeaseLost) -> None:
        _log.error("%s", error)
        self._stopping.set()
        self._on_lease_lost()

    def _close(self, context: RunContext) -> None:
        self._contexts.pop(context.id, None)
        for attempt, (run_id, _) in list(self._attempts.items()):
            if run_id == context.id:
                del self._attempts[attempt]
        # To free a thousand steps takes as long as to tell of their end: whoever waits for that hears of it first.
        self._ticker.after(LET_GO_S, functools.partial(_let_go, context))

    def _wait(self, run_id: str, command: Wait) -> None:
        left = min(max(0.0, seconds_until(command.not_before, now_text())), command.wait_s)
        again = Decide(command.step, command.number)
        self._ticker.after(left, lambda: self._boxes.post(run_id, [again]))

    def _wake_followers(self, run_id: str, undecided: Iterable[tuple[str, str]]) -> None:
        for key, step in undecided:
            self._decide_anew(self.in_flight.ended(key, run_id, step))

    def _decide_anew(self, followers: Iterable[tuple[str, str]]) -> None:
        for run_id, step in followers:
            self._boxes.post(run_id, [Decide(step, 1)])

    # -- attempts -------------------------------------------------------------------------------

    def _start_all(self, context: RunContext, starts: Iterable[StartAttempt]) -> None:
        commands = list(starts)
        if not commands:
            return
        if context.memory_bytes is None:
            signatures = {step.id: step_signature(step) for step in context.steps.values()}
            known_bytes = self._store.last_rss_bytes(signatures.values())
            context.memory_bytes = {step: known_bytes.get(text, 0) for step, text in signatures.items()}
        for command in commands:
            known = command.attempt in self._attempts
            self._attempts[command.attempt] = (context.id, command.step)
            request = slot_request(
                context.steps[command.step],
                context.targets,
                attempt=command.attempt,
                run_id=context.id,
                memory_bytes=context.memory_bytes[command.step],
            )
            state = self._backend.find(command.attempt) if known or command.step not in context.staged else ABSENT
            if state == ABSENT:
                self._scheduler.enqueue(request)
            else:
                self._scheduler.adopt(request)
                self._backend.adopt(command.attempt)
        self.pump()

    def pump(self) -> None:
        """Start what may start now."""
        if self._stopping.is_set():
            return
        for grant in self._scheduler.take():
            self._start_granted(grant)

    def _start_granted(self, grant: Grant) -> None:
        attempt = grant.request.attempt
        context = self._contexts.get(grant.request.run_id)
        place = self._attempts.get(attempt)
        if context is None or place is None:
            self._scheduler.release(attempt)
            return
        try:
            self._start(context, place[1], attempt, grant.gpu)
        except AzudError as error:
            self._scheduler.release(attempt)
            # Nothing of it has run: without room, or without a fork server, it may go better the next time.
            outcome = "lost" if isinstance(error, BackendError) or error.retryable else "failed"
            self._boxes.post(context.id, [Observation(place[1], attempt, ended_manifest(attempt, outcome, error))])

    def _start(self, context: RunContext, step_id: str, attempt: str, gpu: str | None) -> None:
        step = context.steps[step_id]
        if step_id not in context.staged:
            context.staged[step_id], _ = self._decider.stage(context, step)
        if step_id not in context.environments:
            context.environments[step_id] = self._environments.resolve(
                step.settings.environment, context.stored.options.interpreter
            )
        snapshot = self._snapshots.get(step.snapshot)
        if snapshot is None:
            snapshot = self._snapshots[step.snapshot] = self._store.snapshot(step.snapshot)
        spec = build_spec(context, step, attempt, places=self._places, data=self._data, snapshot=snapshot, gpu=gpu)
        self._backend.start(spec)

    def _cancel_attempt(self, context: RunContext, command: CancelAttempt) -> None:
        if self._scheduler.withdraw(command.attempt):
            manifest = Manifest(command.attempt, "canceled", ended_at=now_text())
            self._boxes.post(context.id, [Observation(command.step, command.attempt, manifest)])
        else:
            self._backend.cancel(command.attempt)


def _let_go(_context: RunContext) -> None:
    """Be the last that holds a run which has ended."""
