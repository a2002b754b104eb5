"""Slots of attempts that have ended and left processes which could not: they stay taken until those are gone."""

from __future__ import annotations

import logging
from collections.abc import Callable

from azud.core.errors import StorageError
from azud.engine.mailboxes import Ticker
from azud.engine.ports import ComputeBackend
from azud.engine.scheduling import SlotScheduler

_log = logging.getLogger(__name__)
LOOK_S = 5.0
"""How often to look whether the processes are gone; such a process waits for a device, seldom for long."""


class WithheldSlots:
    """Gives slots back late.

    Args:
        backend: Says what still runs.
        scheduler: Whose slots they are.
        ticker: Calls us again.
        freed: Called after a slot was given back.
    """

    def __init__(
        self, backend: ComputeBackend, scheduler: SlotScheduler, ticker: Ticker, freed: Callable[[], None]
    ) -> None:
        self._backend = backend
        self._scheduler = scheduler
        self._ticker = ticker
        self._freed = freed

    def withhold(self, attempt: str) -> None:
        """Keep the slot of an ended attempt until nothing of it runs."""
        _log.error("attempt %s left processes that cannot be ended; its slot is withheld", attempt)
        self._look_later(attempt)

    def _look_later(self, attempt: str) -> None:
        self._ticker.after(LOOK_S, lambda: self._look(attempt))

    def _look(self, attempt: str) -> None:
        try:
            left = self._backend.survivors(attempt)
        except StorageError as error:
            _log.warning("attempt %s: what it left is not known, so its slot stays withheld: %s", attempt, error)
            self._look_later(attempt)
            return
        if left:
            self._look_later(attempt)
            return
        _log.info("attempt %s: nothing of it runs any more", attempt)
        self._scheduler.release(attempt)
        self._freed()
