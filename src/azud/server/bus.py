"""Wakes those who wait for news of a run."""

from __future__ import annotations

import asyncio
import collections

_Waiting = collections.defaultdict[str, set["asyncio.Future[None]"]]
COALESCE_S = 0.1
"""For how long news that are not urgent are gathered: watching a run must not slow it down."""


class EventBus:
    """Connects the engine's threads with the coroutines that wait. `publish` is thread-safe."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: _Waiting = collections.defaultdict(set)
        self._for_end: _Waiting = collections.defaultdict(set)
        self._soon: set[str] = set()
        self.closed = False

    def close(self) -> None:
        """Wake everybody for the last time: the server ends, and those who wait ask the next one."""
        self.closed = True
        for run_id in [*self._waiting, *self._for_end]:
            self._wake_all(run_id)

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop in which coroutines wait."""
        self._loop = loop

    def publish(self, run_id: str, ended: bool) -> None:
        """Wake all who wait for this run: at once if it has ended, else a moment later, with what came meanwhile."""
        # Who begins to listen after this look reads the store after it, too, and so sees what was committed before.
        heard = run_id in self._waiting or (ended and run_id in self._for_end)
        if heard and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all if ended else self._wake_soon, run_id)

    def _wake_soon(self, run_id: str) -> None:
        if run_id in self._waiting and run_id not in self._soon and self._loop is not None:
            self._soon.add(run_id)
            self._loop.call_later(COALESCE_S, self._wake, run_id)

    def _wake(self, run_id: str) -> None:
        self._soon.discard(run_id)
        _release(self._waiting, run_id)

    def _wake_all(self, run_id: str) -> None:
        self._wake(run_id)
        _release(self._for_end, run_id)

    def listen(self, run_id: str, *, for_end: bool = False) -> asyncio.Future[None]:
        """Return a future that is done at the next news, or the run's end; ask before looking at what is there."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._for_end if for_end else self._waiting)[run_id].add(future)
        return future

    def forget(self, run_id: str, future: asyncio.Future[None]) -> None:
        """Take back a future that nobody waits for any more."""
        for waiting in (self._waiting, self._for_end):
            futures = waiting.get(run_id)
            if futures is not None:
                futures.discard(future)
                if not futures:
                    del waiting[run_id]


def _release(waiting: _Waiting, run_id: str) -> None:
    for future in waiting.pop(run_id, ()):
        if not future.done():
            future.set_result(None)
