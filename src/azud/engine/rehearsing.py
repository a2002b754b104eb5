"""Rehearse a run on the slots with a clock of its own: how long would it take, with nothing else running?"""

from __future__ import annotations

import collections
import heapq
import itertools
from collections.abc import Mapping

from azud.engine.ports import Capacity
from azud.engine.scheduling import NodeLimits, SlotRequest, SlotScheduler
from azud.planning.graph import ExecutionPlan


def rehearse(
    plan: ExecutionPlan,
    seconds: Mapping[str, float],
    requests: Mapping[str, SlotRequest],
    limits: Mapping[str, NodeLimits],
    capacity: Capacity,
) -> float:
    """Return the wall time of a run in seconds.

    The engine's own scheduler grants the slots, in the order in which steps become ready. Free memory is what the
    machine has, less what the steps that run used when they last ran.

    Args:
        plan: Who waits for whom.
        seconds: How long each step holds its slot, by id; a step that is not here takes no slot and no time.
        requests: What these steps ask for, by id; the attempt of a request is the step's id.
        limits: Of the compute targets.
        capacity: Of the machine.
    """
    return _Rehearsal(plan, seconds, requests, limits, capacity).play()


class _Rehearsal:
    def __init__(
        self,
        plan: ExecutionPlan,
        seconds: Mapping[str, float],
        requests: Mapping[str, SlotRequest],
        limits: Mapping[str, NodeLimits],
        capacity: Capacity,
    ) -> None:
        self._plan = plan
        self._seconds = seconds
        self._requests = requests
        self._clock = 0.0
        self._free_bytes = capacity.memory_bytes
        self._missing = {step: len(needed) for step, needed in plan.predecessors.items()}
        self._starts = itertools.count()
        self._ends: list[tuple[float, int, str]] = []
        self._scheduler = SlotScheduler(capacity, lambda: self._free_bytes, lambda: self._clock)
        for name, limit in limits.items():
            self._scheduler.configure(name, limit)

    def play(self) -> float:
        self._ready([step for step in self._plan.order if not self._missing[step]])
        self._start()
        while self._ends:
            self._clock = self._ends[0][0]
            ended = []
            while self._ends and self._ends[0][0] == self._clock:
                ended.append(heapq.heappop(self._ends)[2])
            for step in ended:
                self._free_bytes += self._requests[step].memory_bytes
                self._scheduler.release(step)
            self._ready([name for step in ended for name in self._after(step)])
            self._start()
        return self._clock

    def _start(self) -> None:
        for grant in self._scheduler.take():
            step = grant.request.attempt
            self._free_bytes -= grant.request.memory_bytes
            heapq.heappush(self._ends, (self._clock + self._seconds[step], next(self._starts), step))

    def _ready(self, steps: list[str]) -> None:
        """Queue steps that may start; what follows at once on those that take no time as well."""
        waiting = collections.deque(steps)
        while waiting:
            step = waiting.popleft()
            if step in self._seconds:
                self._scheduler.enqueue(self._requests[step])
            else:
                waiting.extend(self._after(step))

    def _after(self, step: str) -> list[str]:
        """Return the successors that waited for nothing but this step."""
        found = []
        for name in self._plan.successors[step]:
            self._missing[name] -= 1
            if self._missing[name] == 0:
                found.append(name)
        return found
