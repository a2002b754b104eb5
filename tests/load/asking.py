"""Asks the server little questions all the time and notes how long each answer took, and how much memory it has."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from azud.client.homes import Home
from azud.client.places import socket_path
from azud.client.transport import Client

PAUSE_S = 0.02
ASK_MEMORY_EVERY = 25


class Asking:
    """A client of its own on a thread of its own, for the time of a `with` block.

    Args:
        home: Whose server.
        run_id: A run to look at, or None for the list of runs.
    """

    def __init__(self, home: Home) -> None:
        self._client = Client(f"unix:{socket_path(home.path)}")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.seconds: list[float] = []
        self.most_bytes = 0

    def __enter__(self) -> Asking:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        number = 0
        while not self._over.wait(PAUSE_S):
            start = time.perf_counter()
            self._client.get("/runs", {"limit": 5})
            self.seconds.append(time.perf_counter() - start)
            if number % ASK_MEMORY_EVERY == 0:
                self.most_bytes = max(self.most_bytes, int(self._client.get("/server")["rss_bytes"]))
            number += 1

    def percentile(self, share: float) -> float:
        """Return the seconds below which this share of the answers lay."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
