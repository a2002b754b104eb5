"""Who may start now: slots by cores, memory, GPUs and the node limits of compute targets.

An attempt starts when a core is free, its target has a free node, a GPU is free if it wants one, and the
memory that its step used last time is free (or nothing else runs). Attempts start in the order in which they
came; one that has to wait for memory holds back those behind it on its target, so that
large steps do not starve.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import threading
import time
from collections.abc import Callable

from azud.core.clock import now_text
from azud.engine.ports import Capacity
from azud.model.compute import ComputeStatus


@dataclasses.dataclass(frozen=True)
class SlotRequest:
    """An attempt that wants to start.

    Args:
        attempt: Its id.
        run_id: The run whose attempt it is.
        target: Name of the compute target.
        nodes: Nodes of the target that it takes.
        memory_bytes: What its step used last time; 0 if that is not known.
        wants_gpu: Whether it takes a GPU when the machine has any.
    """

    attempt: str
    run_id: str
    target: str
    nodes: int = 1
    memory_bytes: int = 0
    wants_gpu: bool = False


@dataclasses.dataclass(frozen=True)
class NodeLimits:
    """How many nodes a target may hold, and how long an idle one is kept."""

    min_nodes: int = 0
    max_nodes: int = 1_000_000
    idle_seconds: float = 1800.0


@dataclasses.dataclass
class _Target:
    limits: NodeLimits
    queue: collections.deque[tuple[int, SlotRequest]] = dataclasses.field(default_factory=collections.deque)
    busy: int = 0
    idle_since: list[float] = dataclasses.field(default_factory=list)
    allocated: int = 0
    changed_at: str = ""


@dataclasses.dataclass(frozen=True)
class Grant:
    """A request that may start now, with the GPU it got."""

    request: SlotRequest
    gpu: str | None = None


class SlotScheduler:
    """Queues requests and grants slots. Thread-safe.

    Args:
        capacity: What the machine offers; `cores` is the number of slots.
        free_memory_bytes: Says how much memory is free at this moment.
        monotonic: Clock for idle nodes, in seconds.
    """

    def __init__(
        self,
        capacity: Capacity,
        free_memory_bytes: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.capacity = capacity
        self._free_memory_bytes = free_memory_bytes
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._targets: dict[str, _Target] = {}
        self._held: dict[str, Grant] = {}
        self._queued: set[str] = set()
        self._arrivals = itertools.count()
        self._free_gpus = list(capacity.gpus)

    def configure(self, target: str, limits: NodeLimits) -> None:
        """Set the node limits of a target; what runs there goes on."""
        with self._lock:
            self._target(target).limits = limits

    def _target(self, name: str) -> _Target:
        target = self._targets.get(name)
        if target is None:
            target = self._targets[name] = _Target(NodeLimits(), changed_at=now_text())
        return target

    def enqueue(self, request: SlotRequest) -> None:
        """Put a request at the end of its target's queue, unless it is there or has its slot."""
        with self._lock:
            if request.attempt not in self._held and request.attempt not in self._queued:
                self._queued.add(request.attempt)
                self._target(request.target).queue.append((next(self._arrivals), request))

    def withdraw(self, attempt: str) -> bool:
        """Take a request out of its queue; False if it is not waiting (any more)."""
        with self._lock:
            if attempt not in self._queued:
                return False
            self._queued.discard(attempt)
            for target in self._targets.values():
                target.queue = collections.deque(item for item in target.queue if item[1].attempt != attempt)
            return True

    def adopt(self, request: SlotRequest) -> None:
        """Count an attempt that runs already, whatever the limits say."""
        with self._lock:
            if request.attempt not in self._held:
                self._hold(self._target(request.target), Grant(request))

    def release(self, attempt: str) -> None:
        """Give back the slot of an attempt that has ended; without effect if it holds none."""
        with self._lock:
            grant = self._held.pop(attempt, None)
            if grant is None:
                return
            target = self._target(grant.request.target)
            target.busy -= grant.request.nodes
            target.idle_since.extend([self._monotonic()] * grant.request.nodes)
            if grant.gpu is not None:
                self._free_gpus.append(grant.gpu)

    def take(self) -> list[Grant]:
        """Return the requests that may start now; their slots are theirs until `release`."""
        granted: list[Grant] = []
        with self._lock:
            while len(self._held) < self.capacity.cores:
                ready = [item for item in self._targets.values() if item.queue and self._fits(item, item.queue[0][1])]
                if not ready:
                    break
                target = min(ready, key=lambda item: item.queue[0][0])
                request = target.queue.popleft()[1]
                self._queued.discard(request.attempt)
                gpu = self._free_gpus.pop(0) if request.wants_gpu and self._free_gpus else None
                grant = Grant(request, gpu)
                self._hold(target, grant)
                granted.append(grant)
        return granted

    def _fits(self, target: _Target, request: SlotRequest) -> bool:
        if target.busy + request.nodes > target.limits.max_nodes and target.busy:
            return False
        if request.wants_gpu and self.capacity.gpus and not self._free_gpus:
            return False
        if not self._held or not request.memory_bytes:
            return True
        return request.memory_bytes <= self._free_memory_bytes()

    def _hold(self, target: _Target, grant: Grant) -> None:
        self._held[grant.request.attempt] = grant
        target.busy += grant.request.nodes
        del target.idle_since[: grant.request.nodes]
        self._note_allocation(target)

    def _note_allocation(self, target: _Target) -> None:
        current = self._current_nodes(target)
        if current != target.allocated:
            target.allocated, target.changed_at = current, now_text()

    def _current_nodes(self, target: _Target) -> int:
        oldest = self._monotonic() - target.limits.idle_seconds
        target.idle_since = [since for since in target.idle_since if since > oldest]
        return min(
            max(target.limits.min_nodes, target.busy + len(target.idle_since)),
            max(target.limits.max_nodes, target.busy),
        )

    def status(self, name: str) -> ComputeStatus:
        """Return what a target's nodes do: they follow the work and fall back to `min_nodes` when idle long enough."""
        with self._lock:
            target = self._target(name)
            self._note_allocation(target)
            wanted = min(target.limits.max_nodes, target.allocated + sum(request.nodes for _, request in target.queue))
            return ComputeStatus(
                current_node_count=target.allocated,
                target_node_count=max(target.allocated, wanted),
                running_node_count=target.busy,
                idle_node_count=target.allocated - target.busy,
                allocation_state="Steady",
                allocation_state_transition_at=target.changed_at,
            )

    def counts(self) -> tuple[int, int]:
        """Return how many attempts hold a slot and how many wait for one."""
        with self._lock:
            return len(self._held), sum(len(target.queue) for target in self._targets.values())
