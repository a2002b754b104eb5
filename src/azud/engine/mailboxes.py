"""Mailboxes: messages for many receivers, each worked off by one thread at a time; and a clock that posts later."""

from __future__ import annotations

import concurrent.futures
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailboxes(Generic[T]):
    """Messages by receiver.

    Args:
        pool: Whose threads do the work.
        work: Called with a receiver and all its messages; never twice at a time for one receiver.
    """

    def __init__(self, pool: concurrent.futures.Executor, work: Callable[[str, list[T]], None]) -> None:
        self._pool = pool
        self._work = work
        self._lock = threading.Lock()
        self._items: dict[str, list[T]] = {}
        self._woken: set[str] = set()
        self._busy: set[str] = set()

    def put(self, receiver: str, item: T) -> None:
        """Add a message without waking the receiver: it is taken with the next that does."""
        with self._lock:
            self._items.setdefault(receiver, []).append(item)

    def post(self, receiver: str, items: Iterable[T]) -> None:
        """Add messages and see that the receiver is worked on, also if there are none."""
        with self._lock:
            self._items.setdefault(receiver, []).extend(items)
            self._wake(receiver)

    def wake(self, receiver: str) -> None:
        """See that the receiver is worked on if messages wait for it."""
        with self._lock:
            if self._items.get(receiver):
                self._wake(receiver)

    def receivers(self) -> set[str]:
        """Return the receivers that have been woken, or are being worked on at this moment."""
        with self._lock:
            return self._woken | self._busy

    def _wake(self, receiver: str) -> None:
        if receiver in self._woken:
            return
        self._woken.add(receiver)
        if receiver not in self._busy:
            self._hand_over(receiver)

    def _hand_over(self, receiver: str) -> None:
        self._busy.add(receiver)
        try:
            self._pool.submit(self._drain, receiver)
        except RuntimeError:  # the pool is shut down: what waits is found in the store by the next server
            self._busy.discard(receiver)

    def _drain(self, receiver: str) -> None:
        with self._lock:
            self._woken.discard(receiver)
            items = self._items.pop(receiver, [])
        try:
            self._work(receiver, items)
        finally:
            with self._lock:
                self._busy.discard(receiver)
                if receiver in self._woken:
                    self._hand_over(receiver)


class Ticker:
    """Calls functions later, on one thread of its own that starts with the first call."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def after(self, delay_s: float, call: Callable[[], object]) -> None:
        """Call a function that does not block, `delay_s` seconds from now; never if the ticker stops before."""
        with self._condition:
            item = (time.monotonic() + delay_s, next(self._count), call)
            heapq.heappush(self._heap, item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)
                self._thread.start()
            if self._heap[0] is item:  # else the thread wakes in time anyway
                self._condition.notify()

    def stop(self) -> None:
        """Call nothing any more."""
        with self._condition:
            self._stopped = True
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                if self._stopped:
                    return
                if not self._heap:
                    self._condition.wait()
                    continue
                wait_s = self._heap[0][0] - time.monotonic()
                if wait_s > 0:
                    self._condition.wait(wait_s)
                    continue
                call = heapq.heappop(self._heap)[2]
            call()
